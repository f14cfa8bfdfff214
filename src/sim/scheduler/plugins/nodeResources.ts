import type { Pod } from '../../../api/types/coreV1.ts';
import { maxScore, type CycleState, type FilterPlugin, type ScorePlugin } from '../framework.ts';
import { nonZeroRequest, type NodeInfo } from '../nodeInfo.ts';

/** Enough of everything that the pod asks for. Scores by what would be left (LeastAllocated). Models plugins/noderesources. */
export const nodeResourcesFit: FilterPlugin & ScorePlugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  filter(_, node, { requests }) {
    const reasons: string[] = [];
    let resolvable = true;
    const allowed = Number(node.allocatable('pods') / 1_000_000_000n);
    if (node.pods.size + 1 > allowed) reasons.push('Too many pods');
    for (const [name, amount] of requests) {
      const all = node.allocatable(name);
      if (amount === 0n || amount <= all - (node.used.get(name) ?? 0n)) continue;
      reasons.push(`Insufficient ${name}`);
      // No pod that could go would make this node large enough.
      if (amount > all) resolvable = false;
    }
    return reasons.length ? { reasons, resolvable } : undefined;
  },
  score(_, node, state) {
    const shares = usage(node, state);
    if (!shares.length) return 0;
    const scores = shares.map(({ used, all }) =>
      used > all ? 0 : Number(((all - used) * BigInt(maxScore)) / all),
    );
    return Math.floor(scores.reduce((a, b) => a + b, 0) / scores.length);
  },
};

/** Prefers nodes on which cpu and memory would be used evenly. Models plugins/noderesources balanced_allocation. */
export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score(pod, node, state) {
    // A pod that asks for nothing balances nothing.
    if (isBestEffort(pod, state)) return 0;
    const fractions = usage(node, state).map(({ used, all }) =>
      Math.min(1, Number(used) / Number(all)),
    );
    const [a = 0, b = 0] = fractions;
    const deviation = fractions.length === 2 ? Math.abs((a - b) / 2) : 0;
    return Math.floor((1 - deviation) * maxScore);
  },
};

const isBestEffort = (_: Pod, { requests }: CycleState): boolean =>
  !requests.get('cpu') && !requests.get('memory');

function usage(node: NodeInfo, { requests }: CycleState): { used: bigint; all: bigint }[] {
  const own = nonZeroRequest(requests);
  return (['cpu', 'memory'] as const)
    .map((name) => ({ used: node.nonZero[name] + own[name], all: node.allocatable(name) }))
    .filter(({ all }) => all > 0n);
}
