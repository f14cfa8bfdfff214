import { equal } from '../../../api/meta.ts';
import { labelSetMatches } from '../../../api/selectors.ts';
import type { ReplicaSetStatus } from '../../../api/types/appsV1.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import { formatTime, type Micros } from '../../../base/time.ts';
import { conditionOf, withCondition, withoutCondition } from '../shared/conditions.ts';
import { omitEmpty } from '../shared/objects.ts';
import { isPodAvailable, isPodReady } from '../shared/pods.ts';
import type { Replicated } from './replicated.ts';

export interface StatusFacts {
  /** Absent where it is not counted. */
  readonly terminating?: number;
  /** Why pods could not be created or deleted. */
  readonly failure?: string;
  readonly now: Micros;
}

/** Models pkg/controller/replicaset calculateStatus. */
export function calculateStatus(
  owner: Replicated,
  active: readonly Pod[],
  { terminating, failure, now }: StatusFacts,
): ReplicaSetStatus {
  const { template, minReadySeconds = 0, replicas = 0 } = owner.spec ?? {};
  const old = owner.status;
  const ready = active.filter(isPodReady);
  let conditions = old?.conditions ?? [];
  const failed = conditionOf(conditions, 'ReplicaFailure');
  if (failure !== undefined && !failed)
    conditions = withCondition(conditions, {
      type: 'ReplicaFailure',
      status: 'True',
      lastTransitionTime: formatTime(now),
      reason: active.length < replicas ? 'FailedCreate' : 'FailedDelete',
      message: failure,
    });
  else if (failure === undefined && failed)
    conditions = withoutCondition(conditions, 'ReplicaFailure');
  return {
    replicas: active.length,
    ...omitEmpty({
      fullyLabeledReplicas: active.filter((pod) =>
        labelSetMatches(template?.metadata?.labels, pod.metadata.labels),
      ).length,
      readyReplicas: ready.length,
      availableReplicas: ready.filter((pod) => isPodAvailable(pod, minReadySeconds, now)).length,
    }),
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    ...omitEmpty({ observedGeneration: old?.observedGeneration, conditions }),
  };
}

/** Whether there is anything to write. */
export function statusDiffers(owner: Replicated, status: ReplicaSetStatus): boolean {
  const { generation = 0 } = owner.metadata;
  return generation !== (owner.status?.observedGeneration ?? 0) || !equal(owner.status, status);
}
