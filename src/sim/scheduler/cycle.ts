import type { Pod } from '../../api/types/coreV1.ts';
import type { ScheduleEvent } from '../../trace/event.ts';
import type { CycleState, PodFacts, Refusal } from './framework.ts';
import { requestsOf, type NodeInfo } from './nodeInfo.ts';
import { filters, scorers } from './profile.ts';

export type Decision = { readonly node: string } | { readonly message: string };

type Note = Omit<ScheduleEvent, 'type' | 'pod'>;

/** One scheduling cycle: filter, score, choose. Pure. Models schedule_one.go. */
export function schedule(
  pod: Pod,
  nodes: readonly NodeInfo[],
  { kin, volumes, problem }: PodFacts,
  note: (event: Note) => void,
): Decision {
  if (!nodes.length) return { message: 'no nodes available to schedule pods' };
  if (problem !== undefined)
    return { message: `0/${nodes.length} nodes are available: ${problem}. not found` };
  const state: CycleState = { requests: requestsOf(pod.spec), nodes, kin, volumes, feasible: [] };
  const refusals = new Map<string, Refusal>();
  const feasible = nodes.filter((node) => {
    for (const plugin of filters) {
      const refusal = plugin.filter(pod, node, state);
      if (!refusal) continue;
      refusals.set(node.name, refusal);
      note({
        phase: 'filter',
        node: node.name,
        plugin: plugin.name,
        passed: false,
        summary: `${node.name}: ${plugin.name} refuses: ${refusal.reasons.join(', ')}`,
      });
      return false;
    }
    note({
      phase: 'filter',
      node: node.name,
      passed: true,
      summary: `${node.name} passes all filters`,
    });
    return true;
  });
  if (!feasible.length) return { message: failure(nodes.length, refusals) };
  if (feasible.length === 1) return { node: feasible[0]?.name ?? '' };
  state.feasible = feasible;
  return { node: best(pod, feasible, state, note) };
}

function best(
  pod: Pod,
  nodes: readonly NodeInfo[],
  state: CycleState,
  note: (event: Note) => void,
): string {
  const totals = nodes.map(() => 0);
  for (const plugin of scorers) {
    const raw = nodes.map((node) => plugin.score(pod, node, state));
    const scores = plugin.normalize?.(raw) ?? raw;
    nodes.forEach((node, index) => {
      const score = scores[index] ?? 0;
      totals[index] = (totals[index] ?? 0) + score * plugin.weight;
      note({
        phase: 'score',
        node: node.name,
        plugin: plugin.name,
        raw: raw[index] ?? 0,
        normalized: score,
        weight: plugin.weight,
        summary: `${plugin.name} gives ${node.name} ${score} of 100, times ${plugin.weight}`,
      });
    });
  }
  return nodes[topOf(totals)]?.name ?? '';
}

/**
 * Which of the largest is chosen: the one that container/heap has on top when all are put into one heap, as upstream
 * does (with nothing random about it since 1.36): [1, 1, 1] gives the first, [0, 1, 1] the second.
 */
export function topOf(totals: readonly number[]): number {
  const heap = totals.map((_, index) => index);
  const isLess = (a: number, b: number): boolean =>
    (totals[heap[a] ?? 0] ?? 0) > (totals[heap[b] ?? 0] ?? 0);
  for (let start = (heap.length >> 1) - 1; start >= 0; start--) {
    let at = start;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && isLess(right, left) ? right : left;
      if (!isLess(child, at)) break;
      const moved = heap[at] ?? 0;
      heap[at] = heap[child] ?? 0;
      heap[child] = moved;
      at = child;
    }
  }
  return heap[0] ?? 0;
}

/** `0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: …`. Models FitError. */
function failure(count: number, refusals: ReadonlyMap<string, Refusal>): string {
  const all = [...refusals.values()];
  const preemption = all.map(({ resolvable }) =>
    resolvable
      ? 'No preemption victims found for incoming pod'
      : 'Preemption is not helpful for scheduling',
  );
  return `0/${count} nodes are available: ${histogram(all.flatMap(({ reasons }) => reasons))}. no new claims to deallocate, preemption: 0/${count} nodes are available: ${histogram(preemption)}.`;
}

function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
