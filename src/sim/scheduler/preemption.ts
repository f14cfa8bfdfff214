import { SelectorError, selectorOf } from '../../api/selectors.ts';
import type { Pod } from '../../api/types/coreV1.ts';
import type { PodDisruptionBudget } from '../../api/types/policyV1.ts';
import type { Refusal } from './framework.ts';
import type { NodeInfo } from './nodeInfo.ts';

/** A node on which a pod would fit if these were gone, the most important first. */
export interface Candidate {
  readonly node: string;
  readonly victims: readonly Pod[];
  /** How many of them a disruption budget would keep. */
  readonly violations: number;
}

export type Preemption =
  | { readonly chosen: Candidate }
  /** Why not, for every node; or one word for all. */
  | { readonly reasons: readonly string[] }
  | { readonly message: string };

export interface PreemptionParts {
  readonly nodes: readonly NodeInfo[];
  readonly refusals: ReadonlyMap<string, Refusal>;
  readonly budgets: readonly PodDisruptionBudget[];
  /** What the filters would say of the node if its pods were these. */
  readonly refusal: (node: NodeInfo) => Refusal | undefined;
}

export const priorityOf = ({ spec }: Pod): number => spec?.priority ?? 0;

/** Looks for lower pods that could make room. Models defaultpreemption and framework/preemption Evaluator. */
export function preempt(pod: Pod, parts: PreemptionParts): Preemption {
  const { nodes, refusals } = parts;
  if (pod.spec?.preemptionPolicy === 'Never')
    return { message: 'not eligible due to preemptionPolicy=Never.' };
  if (waitsForVictims(pod, parts))
    return { message: 'not eligible due to a terminating pod on the nominated node.' };
  const candidates: Candidate[] = [];
  const reasons: string[] = [];
  for (const node of nodes) {
    if (!refusals.get(node.name)?.resolvable) {
      reasons.push('Preemption is not helpful for scheduling');
      continue;
    }
    const found = victimsOn(pod, node, parts);
    if ('node' in found) candidates.push(found);
    else reasons.push(...found.reasons);
  }
  const [chosen] = candidates.reduce<Candidate[]>((best, one) => {
    const [first] = best;
    return !first || isBetter(one, first) ? [one] : best;
  }, []);
  return chosen ? { chosen } : { reasons };
}

/** Room is being made already. */
function waitsForVictims(pod: Pod, { nodes, refusals }: PreemptionParts): boolean {
  const { nominatedNodeName: nominated } = pod.status ?? {};
  if (!nominated || refusals.get(nominated)?.resolvable === false) return false;
  const node = nodes.find(({ name }) => name === nominated);
  return [...(node?.pods.values() ?? [])].some(
    (one) => priorityOf(one) < priorityOf(pod) && isBeingPreempted(one),
  );
}

const isBeingPreempted = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined &&
  Boolean(
    status?.conditions?.some(
      ({ type, status: is, reason }) =>
        type === 'DisruptionTarget' && is === 'True' && reason === 'PreemptionByScheduler',
    ),
  );

/** All lower pods go, then each that is not in the way comes back. Models SelectVictimsOnNode. */
function victimsOn(pod: Pod, node: NodeInfo, parts: PreemptionParts): Candidate | Refusal {
  const lower = [...node.pods.values()].filter((one) => priorityOf(one) < priorityOf(pod));
  if (!lower.length)
    return { reasons: ['No preemption victims found for incoming pod'], resolvable: false };
  const room = node.copy();
  for (const one of lower) room.remove(one);
  const refusal = parts.refusal(room);
  if (refusal) return refusal;
  lower.sort(byImportance);
  const { kept, others } = byBudgets(lower, parts.budgets);
  const victims: Pod[] = [];
  let violations = 0;
  for (const one of [...kept, ...others]) {
    room.add(one);
    if (!parts.refusal(room)) continue;
    room.remove(one);
    victims.push(one);
    if (kept.includes(one)) violations++;
  }
  return { node: node.name, victims: victims.sort(byImportance), violations };
}

/** Models MoreImportantPod. */
function byImportance(a: Pod, b: Pod): number {
  const higher = priorityOf(b) - priorityOf(a);
  return higher !== 0 ? higher : startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0;
}

const startOf = ({ status, metadata }: Pod): string =>
  status?.startTime ?? metadata.creationTimestamp ?? '';

/** Those that budgets would keep come first. Models filterPodsWithPDBViolation. */
function byBudgets(
  pods: readonly Pod[],
  budgets: readonly PodDisruptionBudget[],
): { kept: Pod[]; others: Pod[] } {
  const left = new Map(budgets.map((one) => [one, one.status?.disruptionsAllowed ?? 0]));
  const kept: Pod[] = [];
  const others: Pod[] = [];
  for (const pod of pods) {
    let isKept = false;
    for (const [budget, allowed] of left) {
      if (!covers(budget, pod) || budget.status?.disruptedPods?.[pod.metadata.name ?? '']) continue;
      left.set(budget, allowed - 1);
      if (allowed - 1 < 0) isKept = true;
    }
    (isKept ? kept : others).push(pod);
  }
  return { kept, others };
}

function covers({ metadata, spec }: PodDisruptionBudget, pod: Pod): boolean {
  const { labels = {}, namespace } = pod.metadata;
  if (metadata.namespace !== namespace || !Object.keys(labels).length) return false;
  try {
    const selector = selectorOf(spec?.selector);
    return !selector.isEmpty && selector.matches(labels);
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

/** Less is lost: fewer budgets broken, a lower highest pod, a lower sum, fewer pods, younger ones. Models pickOneNodeForPreemption. */
function isBetter(a: Candidate, b: Candidate): boolean {
  const measures = (one: Candidate): number[] => {
    const priorities = one.victims.map(priorityOf);
    const highest = one.victims.filter((pod) => priorityOf(pod) === priorities[0]);
    const earliest = highest.map(startOf).sort()[0] ?? '';
    return [
      one.violations,
      priorities[0] ?? 0,
      priorities.reduce((sum, priority) => sum + priority + 2 ** 31, 0),
      one.victims.length,
      -(Date.parse(earliest) || 0),
    ];
  };
  const [mine, others] = [measures(a), measures(b)];
  for (const [index, measure] of mine.entries())
    if (measure !== others[index]) return measure < (others[index] ?? 0);
  return false;
}
