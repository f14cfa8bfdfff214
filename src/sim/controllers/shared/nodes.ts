import type { Node, NodeCondition } from '../../../api/types/coreV1.ts';
import { conditionOf } from './conditions.ts';

export const nodeReady = (node: Node): NodeCondition | undefined =>
  conditionOf(node.status?.conditions, 'Ready');

/** The index of pods by the node they are bound to. */
export const POD_NODE = 'spec.nodeName';

/** Models nodetopology.GetZoneKey. */
export function zoneOf({ metadata }: Node): string {
  const region =
    metadata.labels?.['topology.kubernetes.io/region'] ??
    metadata.labels?.['failure-domain.beta.kubernetes.io/region'] ??
    '';
  const zone =
    metadata.labels?.['topology.kubernetes.io/zone'] ??
    metadata.labels?.['failure-domain.beta.kubernetes.io/zone'] ??
    '';
  return region || zone ? `${region}:\u0000:${zone}` : '';
}
