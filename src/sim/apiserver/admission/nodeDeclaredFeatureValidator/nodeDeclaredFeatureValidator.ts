import { equal } from '../../../../api/meta.ts';
import type { PodSpec } from '../../../../api/types/coreV1.ts';
import { goQuote } from '../../../../api/field.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { boundChange, nodeOf } from '../pods.ts';
import { refuse } from '../refuse.ts';

const isSame = (before: unknown, now: unknown): boolean => equal(before ?? null, now ?? null);

/** What a change of a Pod asks of its node, in the order of the registry. Models component-helpers/nodedeclaredfeatures. */
const features: Readonly<Record<string, (before: PodSpec, now: PodSpec) => boolean>> = {
  InPlacePodLevelResourcesVerticalScaling: (before, now) =>
    !isSame(before.resources, now.resources),
  InPlacePodVerticalScalingInitContainers: (before, now) =>
    (before.initContainers ?? []).some(
      ({ restartPolicy, resources }, index) =>
        restartPolicy !== 'Always' && !isSame(resources, now.initContainers?.[index]?.resources),
    ),
};

/** Refuses changes of Pods that the kubelet of their node cannot carry out. Models plugin/pkg/admission/nodedeclaredfeatures. */
export const nodeDeclaredFeatureValidator: AdmissionPlugin = {
  name: 'NodeDeclaredFeatureValidator',

  async validate(attributes, context) {
    const change = boundChange(attributes, ['', 'resize']);
    if (!change?.before) return undefined;
    const { before, now, node: name } = change;
    const required = Object.keys(features).filter((feature) => features[feature]?.(before, now));
    if (!required.length) return undefined;
    const node = await nodeOf(change, attributes, context);
    const declared = node.status?.declaredFeatures ?? [];
    const missing = required.filter((feature) => !declared.includes(feature));
    if (missing.length)
      throw refuse(
        attributes,
        `pod update requires features ${missing.join(', ')} which are not available on node ${goQuote(name)}`,
      );
    return `${name} has ${required.join(', ')}.`;
  },
};
