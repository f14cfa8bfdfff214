import type { Node, Pod } from '../../api/types/coreV1.ts';
import type { PodDisruptionBudget } from '../../api/types/policyV1.ts';
import type { Selector } from '../../api/selectors.ts';
import type { NodeInfo } from './nodeInfo.ts';

/** Why a node cannot take a pod. `resolvable`: removing pods from it might help, so preemption may look at it. */
export interface Refusal {
  readonly reasons: readonly string[];
  readonly resolvable: boolean;
}

/** What was found out about a pod before nodes are looked at. */
export interface PodFacts {
  readonly kin?: Selector | undefined;
  readonly volumes?: VolumeCheck | undefined;
  /** Why it cannot be scheduled on any node. */
  readonly problem?: string | undefined;
  /** Pods that room is being made for, by node. */
  readonly nominated?: ReadonlyMap<string, readonly Pod[]>;
  readonly budgets?: readonly PodDisruptionBudget[];
}

export interface VolumeCheck {
  filter(node: Node): Refusal | undefined;
}

/** What a pod asks for, computed once a cycle. */
export interface CycleState {
  readonly requests: ReadonlyMap<string, bigint>;
  readonly nodes: readonly NodeInfo[];
  /** What selects the pod's kin: its Services and its controller; undefined when nothing does. */
  readonly kin: Selector | undefined;
  /** Whether the pod's volumes can be had on a node. */
  readonly volumes: VolumeCheck | undefined;
  /** The nodes that passed all filters; empty until then. */
  feasible: readonly NodeInfo[];
}

/** An extension point that may exclude a node. Models framework.FilterPlugin. */
export interface FilterPlugin {
  readonly name: string;
  filter(pod: Pod, node: NodeInfo, state: CycleState): Refusal | undefined;
}

/** An extension point that ranks the nodes that are left, 0 to 100 after normalizing. Models framework.ScorePlugin. */
export interface ScorePlugin {
  readonly name: string;
  readonly weight: number;
  score(pod: Pod, node: NodeInfo, state: CycleState): number;
  normalize?(scores: readonly number[]): number[];
}

export const maxScore = 100;

/** The share of the largest score; turned round where less is better. Models helper.DefaultNormalizeScore. */
export function normalizeToMax(scores: readonly number[], reverse: boolean): number[] {
  const max = Math.max(0, ...scores);
  if (max === 0) return scores.map(() => (reverse ? maxScore : 0));
  return scores.map((score) => {
    const share = Math.floor((score * maxScore) / max);
    return reverse ? maxScore - share : share;
  });
}
