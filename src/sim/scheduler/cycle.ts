import type { Random } from '../../base/random.ts';

import type { Pod } from '../../api/types/coreV1.ts';
import type { ScheduleEvent } from '../../trace/event.ts';
import type { CycleState, Refusal } from './framework.ts';
import { requestsOf, type NodeInfo } from './nodeInfo.ts';
import { filters, scorers } from './profile.ts';

export type Decision = { readonly node: string } | { readonly message: string };

type Note = Omit<ScheduleEvent, 'type' | 'pod'>;

/** One scheduling cycle: filter, score, choose. Pure but for chance, which breaks ties. Models schedule_one.go. */
export function schedule(
  pod: Pod,
  nodes: readonly NodeInfo[],
  random: Random,
  note: (event: Note) => void,
): Decision {
  if (!nodes.length) return { message: 'no nodes available to schedule pods' };
  const state: CycleState = { requests: requestsOf(pod.spec), nodes };
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
  return { node: best(pod, feasible, state, random, note) };
}

function best(
  pod: Pod,
  nodes: readonly NodeInfo[],
  state: CycleState,
  random: Random,
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
  const max = Math.max(...totals);
  const first = nodes.filter((_, index) => totals[index] === max);
  return first[random.below(first.length)]?.name ?? '';
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
