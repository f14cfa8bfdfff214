import type { Pod } from '../../api/types/coreV1.ts';
import type { ScheduleEvent } from '../../trace/event.ts';
import type { CycleState, PodFacts, Refusal } from './framework.ts';
import { requestsOf, type NodeInfo } from './nodeInfo.ts';
import { preempt, priorityOf, type Candidate, type Preemption } from './preemption.ts';
import { filters, scorers } from './profile.ts';

export type Decision =
  | { readonly node: string }
  /** With `preemption`, room is made for it. */
  | { readonly message: string; readonly preemption?: Candidate };

type Note = Omit<ScheduleEvent, 'type' | 'pod'>;

/** One scheduling cycle: filter, score, choose. Pure. Models schedule_one.go. */
export function schedule(
  pod: Pod,
  nodes: readonly NodeInfo[],
  facts: PodFacts,
  note: (event: Note) => void,
): Decision {
  const { kin, volumes, problem, budgets = [] } = facts;
  if (!nodes.length) return { message: 'no nodes available to schedule pods' };
  if (problem !== undefined)
    return { message: `0/${nodes.length} nodes are available: ${problem}. not found` };
  const state: CycleState = { requests: requestsOf(pod.spec), nodes, kin, volumes, feasible: [] };
  const refusals = new Map<string, Refusal>();
  const feasible = nodes.filter((node) => {
    const refused = refusalOf(pod, node, state, facts);
    if (refused) {
      const { plugin, refusal } = refused;
      refusals.set(node.name, refusal);
      note({
        phase: 'filter',
        node: node.name,
        plugin,
        passed: false,
        summary: `${node.name}: ${plugin} refuses: ${refusal.reasons.join(', ')}`,
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
  if (!feasible.length) {
    const refusal = (changed: NodeInfo): Refusal | undefined => {
      const others = nodes.map((one) => (one.name === changed.name ? changed : one));
      return refusalOf(pod, changed, { ...state, nodes: others }, facts)?.refusal;
    };
    const preemption = preempt(pod, { nodes, refusals, budgets, refusal });
    return failure(nodes.length, refusals, preemption, note);
  }
  if (feasible.length === 1) return { node: feasible[0]?.name ?? '' };
  state.feasible = feasible;
  return { node: best(pod, feasible, state, note) };
}

/** The first filter that refuses; with the pods that the node is kept for, if they are of no lower priority, and without. */
function refusalOf(
  pod: Pod,
  node: NodeInfo,
  state: CycleState,
  { nominated }: PodFacts,
): { readonly plugin: string; readonly refusal: Refusal } | undefined {
  const kept = (nominated?.get(node.name) ?? []).filter(
    (one) =>
      one.metadata.uid !== pod.metadata.uid &&
      priorityOf(one) >= priorityOf(pod) &&
      !node.pods.has(one.metadata.uid ?? ''),
  );
  let seen = node;
  if (kept.length) {
    seen = node.copy();
    for (const one of kept) seen.add(one);
  }
  for (const plugin of filters) {
    const refusal = plugin.filter(pod, seen, state);
    if (refusal) return { plugin: plugin.name, refusal };
  }
  return undefined;
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
function failure(
  count: number,
  refusals: ReadonlyMap<string, Refusal>,
  preemption: Preemption,
  note: (event: Note) => void,
): Decision {
  const all = histogram([...refusals.values()].flatMap(({ reasons }) => reasons));
  const message = `0/${count} nodes are available: ${all}.`;
  if ('chosen' in preemption) {
    const { node, victims } = preemption.chosen;
    const names = victims.map(({ metadata }) => metadata.name ?? '').join(', ');
    const summary = `${node}: would fit without ${names}`;
    note({ phase: 'preemption', node, passed: true, summary });
    return { message, preemption: preemption.chosen };
  }
  const why =
    'message' in preemption
      ? preemption.message
      : `0/${count} nodes are available: ${histogram(preemption.reasons)}.`;
  note({ phase: 'preemption', passed: false, summary: `No room can be made: ${why}` });
  return { message: `${message} no new claims to deallocate, preemption: ${why}` };
}

function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
