import type { Micros } from '../../../base/time.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import { isPodActive, isPodReady, readyCondition } from './pods.ts';
import { timeOf } from './objects.ts';

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * The pods in the order in which they are given up when there are too many: unassigned first, then by phase, not ready,
 * cheap by annotation, on crowded nodes, ready for a short time, restarted often, young.
 * Models controller.ActivePodsWithRanks with LogarithmicScaleDown.
 *
 * @param related pods of the same owner's owner, which make a node crowded
 */
export function inDeletionOrder(pods: readonly Pod[], related: readonly Pod[], now: Micros): Pod[] {
  const onNode = new Map<string, number>();
  for (const pod of related)
    if (isPodActive(pod)) {
      const node = pod.spec?.nodeName ?? '';
      onNode.set(node, (onNode.get(node) ?? 0) + 1);
    }
  const rank = (pod: Pod): number => onNode.get(pod.spec?.nodeName ?? '') ?? 0;
  return [...pods].sort((a, b) => compare(a, b, rank, now));
}

/** Without ranks and logarithms. Models controller.ActivePods. */
export const byActivity = (a: Pod, b: Pod): number =>
  byState(a, b) || afterOrZero(readyTime(a), readyTime(b)) || byRestarts(a, b) || byAge(a, b);

function compare(a: Pod, b: Pod, rank: (pod: Pod) => number, now: Micros): number {
  return (
    byState(a, b) ||
    deletionCost(a) - deletionCost(b) ||
    rank(b) - rank(a) ||
    logarithmic(readyTime(a), readyTime(b), a, b, now) ||
    byRestarts(a, b) ||
    logarithmic(created(a), created(b), a, b, now)
  );
}

function byState(a: Pod, b: Pod): number {
  const assigned = Number(!!a.spec?.nodeName) - Number(!!b.spec?.nodeName);
  const phase = phaseRank(a) - phaseRank(b);
  return assigned || phase || Number(isPodReady(a)) - Number(isPodReady(b));
}

const phaseRank = (pod: Pod): number => PHASES[pod.status?.phase ?? ''] ?? 0;

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? '';
  const isNumber = /^(0|-?[1-9]\d*)$/.test(text);
  const cost = isNumber ? Number(text) : 0;
  return Math.abs(cost) <= 0x7fffffff ? cost : 0;
}

const readyTime = (pod: Pod): Micros =>
  isPodReady(pod) ? timeOf(readyCondition(pod)?.lastTransitionTime) : 0;
const created = (pod: Pod): Micros => timeOf(pod.metadata.creationTimestamp);

const byAge = (a: Pod, b: Pod): number => afterOrZero(created(a), created(b));

/** Later ones first; the unknown first of all. */
function afterOrZero(a: Micros, b: Micros): number {
  if (a === b) return 0;
  if (a === 0 || b === 0) return a === 0 ? -1 : 1;
  return b - a;
}

/** Only orders of magnitude count, so that not always the youngest goes; among equals, chance (the uid) decides. */
function logarithmic(left: Micros, right: Micros, a: Pod, b: Pod, now: Micros): number {
  if (left === right) return 0;
  if (left === 0 || right === 0) return afterOrZero(left, right);
  const difference = magnitude(now - left) - magnitude(now - right);
  if (difference !== 0) return difference;
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}

/** Go counts in nanoseconds. */
const magnitude = (age: Micros): number => (age > 0 ? Math.trunc(Math.log2(age * 1000)) : -1);

function byRestarts(a: Pod, b: Pod): number {
  const [left, right] = [restarts(a), restarts(b)];
  return right.regular - left.regular || right.sidecar - left.sidecar;
}

function restarts(pod: Pod): { regular: number; sidecar: number } {
  const most = (counts: readonly { readonly restartCount?: number }[]): number =>
    Math.max(0, ...counts.map(({ restartCount = 0 }) => restartCount));
  const sidecars = new Set(
    (pod.spec?.initContainers ?? [])
      .filter((container) => container.restartPolicy === 'Always')
      .map((container) => container.name),
  );
  const init = pod.status?.initContainerStatuses ?? [];
  return {
    regular: most(pod.status?.containerStatuses ?? []),
    sidecar: most(init.filter((status) => sidecars.has(status.name))),
  };
}
