import type { FilterPlugin, ScorePlugin } from './framework.ts';
import { nodeAffinity } from './plugins/nodeAffinity.ts';
import { nodePorts } from './plugins/nodePorts.ts';
import { balancedAllocation, nodeResourcesFit } from './plugins/nodeResources.ts';
import { nodeName, nodeUnschedulable, taintToleration } from './plugins/nodeState.ts';
import { podTopologySpread } from './plugins/podTopologySpread.ts';
import { volumeBinding } from './plugins/volumeBinding.ts';

/** The plugins of the default profile, in its order. Models scheduler/apis/config/v1 default_plugins.go. */
export const filters: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeBinding,
  podTopologySpread,
];
export const scorers: readonly ScorePlugin[] = [
  taintToleration,
  nodeAffinity,
  nodeResourcesFit,
  podTopologySpread,
  balancedAllocation,
];
