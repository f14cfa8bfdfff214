import { podRequests, type ResourceList } from '../../../../api/podResources.ts';
import { milliValue, parseQuantity, quantityValue } from '../../../../api/quantity.ts';
import type { Node } from '../../../../api/types/coreV1.ts';
import { StatusError } from '../../../../api/status.ts';
import { goQuote } from '../../../../api/field.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { boundChange, nodeOf } from '../pods.ts';
import { refuse } from '../refuse.ts';

/** Holds a resized Pod against its node. Models plugin/pkg/admission/podresize. */
export const podResizeValidator: AdmissionPlugin = {
  name: 'PodResizeValidator',

  async validate(attributes, context) {
    const change = boundChange(attributes, ['resize']);
    if (!change) return undefined;
    const { pod, node: name } = change;
    const node = await nodeOf(change, attributes, context);
    const os = node.metadata.labels?.['kubernetes.io/os'] ?? 'linux';
    if (os !== 'linux')
      throw refused(
        attributes,
        `pod resize is only supported on linux nodes, node ${goQuote(name)} is ${goQuote(os)}`,
        'UnsupportedPlatform',
      );
    const lacking = lackingOf(podRequests(pod), node);
    if (lacking.length)
      throw refused(
        attributes,
        `node didn't have enough allocatable resources: ${lacking.join('; ')}`,
        'NodeCapacity',
      );
    return `It fits ${name}.`;
  },
};

function lackingOf(requests: ResourceList, { status }: Node): readonly string[] {
  const units = { cpu: milliValue, memory: quantityValue } as const;
  return (['cpu', 'memory'] as const).flatMap((resource) => {
    const valueOf = (text: string | undefined): number =>
      units[resource](parseQuantity(text ?? '0'));
    const requested = valueOf(requests[resource]);
    const allocatable = valueOf(status?.allocatable?.[resource]);
    return requested > allocatable
      ? [`${resource}, requested: ${requested}, allocatable: ${allocatable}`]
      : [];
  });
}

function refused(attributes: RequestAttributes, why: string, reason: string): StatusError {
  const { status } = refuse(attributes, why);
  return new StatusError({ ...status, details: { ...status.details, causes: [{ reason }] } });
}
