import type { PodDisruptionBudgetStatus } from './types/policyV1.ts';

/** Sets the condition that says whether a Pod may be evicted, in place. Models component-helpers apps/poddisruptionbudget UpdateDisruptionAllowedCondition. */
export function updateDisruptionAllowed(status: PodDisruptionBudgetStatus, now: string): void {
  const isAllowed = (status.disruptionsAllowed ?? 0) > 0;
  const conditions = status.conditions ?? [];
  const old = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const next = {
    type: 'DisruptionAllowed',
    status: isAllowed ? ('True' as const) : ('False' as const),
    observedGeneration: status.observedGeneration ?? 0,
    lastTransitionTime: now,
    reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
  if (old?.status === next.status) next.lastTransitionTime = old.lastTransitionTime;
  status.conditions = old
    ? conditions.map((one) => (one === old ? next : one))
    : [...conditions, next];
}
