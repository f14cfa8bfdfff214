import type { Node } from '../../../../api/types/coreV1.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' as const };

/** A new Node takes no Pods until it is ready. Models kubernetes/plugin/pkg/admission/nodetaint. */
export const taintNodesByCondition = {
  name: 'TaintNodesByCondition',

  admit(attributes, object) {
    const { group, resource, subresource, operation } = attributes;
    if (group !== '' || resource !== 'nodes' || subresource || operation !== 'CREATE' || !object)
      return undefined;
    const node = object as Node;
    const spec = (node.spec ??= {});
    if (
      spec.taints?.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)
    )
      return 'The Node has the taint not-ready already.';
    spec.taints = [...(spec.taints ?? []), { ...NOT_READY }];
    return 'The Node gets the taint not-ready until its kubelet says otherwise.';
  },
} satisfies AdmissionPlugin;
