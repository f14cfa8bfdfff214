import { equal } from '../../../api/meta.ts';
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
} from '../../../api/types/appsV1.ts';
import { second, type Micros } from '../../../base/time.ts';
import { conditionOf, withCondition, withoutCondition } from '../shared/conditions.ts';
import { omitEmpty, timeOf } from '../shared/objects.ts';
import * as util from './deploymentUtil.ts';
import { updateStatus, type Turn } from './turn.ts';

type Sets = readonly (ReplicaSet | undefined)[];

/** Counts only. Models syncDeploymentStatus. */
export async function syncStatus(turn: Turn, all: Sets, newSet?: ReplicaSet): Promise<void> {
  const { d, clock } = turn;
  const status = calculateStatus(d, all, newSet, clock.now());
  if (equal(d.status ?? {}, status)) return;
  d.status = status;
  await updateStatus(turn);
}

/** Counts, and how the rollout gets on. Models syncRolloutStatus. */
export async function syncRolloutStatus(
  turn: Turn,
  all: Sets,
  newSet: ReplicaSet | undefined,
): Promise<void> {
  const { d, clock } = turn;
  const now = clock.now();
  const status = calculateStatus(d, all, newSet, now);
  let conditions = status.conditions ?? [];
  if (!util.hasProgressDeadline(d)) conditions = withoutCondition(conditions, 'Progressing');
  const current = conditionOf(d.status?.conditions, 'Progressing');
  const isDone =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) &&
    current?.reason === 'NewReplicaSetAvailable';
  if (util.hasProgressDeadline(d) && !isDone)
    conditions = progress(d, status, conditions, current, newSet, now);
  const [failure] = replicaFailures(all, newSet);
  conditions = failure
    ? withCondition(conditions, failure, true)
    : withoutCondition(conditions, 'ReplicaFailure');
  const wanted = { ...status, ...omitEmpty({ conditions }) };
  if (conditions.length === 0) delete wanted.conditions;
  if (equal(d.status ?? {}, wanted)) {
    requeueStuck(turn, wanted);
    return;
  }
  d.status = wanted;
  await updateStatus(turn);
}

function progress(
  d: Deployment,
  status: DeploymentStatus,
  conditions: DeploymentCondition[],
  current: DeploymentCondition | undefined,
  newSet: ReplicaSet | undefined,
  now: Micros,
): DeploymentCondition[] {
  const what = newSet
    ? `ReplicaSet "${newSet.metadata.name ?? ''}"`
    : `Deployment "${d.metadata.name ?? ''}"`;
  if (util.isComplete(d, status)) {
    const message = `${what} has successfully progressed.`;
    const done = util.condition(now, 'Progressing', 'True', 'NewReplicaSetAvailable', message);
    return withCondition(conditions, done, true);
  }
  if (isProgressing(d, status)) {
    const message = `${what} is progressing.`;
    const moved = util.condition(now, 'Progressing', 'True', 'ReplicaSetUpdated', message);
    if (current?.status === 'True' && current.lastTransitionTime)
      moved.lastTransitionTime = current.lastTransitionTime;
    return [...withoutCondition(conditions, 'Progressing'), moved];
  }
  if (isTimedOut(d, conditions, now)) {
    const message = `${what} has timed out progressing.`;
    const stuck = util.condition(now, 'Progressing', 'False', 'ProgressDeadlineExceeded', message);
    return withCondition(conditions, stuck, true);
  }
  return conditions;
}

/** Models deployment calculateStatus. */
function calculateStatus(
  d: Deployment,
  all: Sets,
  newSet: ReplicaSet | undefined,
  now: Micros,
): DeploymentStatus {
  const available = util.availableReplicas(all);
  const terminating = util.terminatingReplicas(all);
  const { collisionCount, conditions: old } = d.status ?? {};
  const isAvailable = available >= util.wantedReplicas(d) - util.maxUnavailable(d);
  const availability = isAvailable
    ? util.condition(
        now,
        'Available',
        'True',
        'MinimumReplicasAvailable',
        'Deployment has minimum availability.',
      )
    : util.condition(
        now,
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
      );
  return {
    ...omitEmpty({
      observedGeneration: d.metadata.generation,
      replicas: util.actualReplicas(all),
      updatedReplicas: util.actualReplicas([newSet]),
      readyReplicas: util.readyReplicas(all),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, util.replicasOf(all) - available),
    }),
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    ...(collisionCount !== undefined && { collisionCount }),
    conditions: withCondition(old, availability, true),
  };
}

/** Models DeploymentProgressing. */
function isProgressing(d: Deployment, status: DeploymentStatus): boolean {
  const old = d.status ?? {};
  const outdated = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number =>
    replicas - updatedReplicas;
  return (
    (status.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    outdated(status) < outdated(old) ||
    (status.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

/** Models DeploymentTimedOut. */
function isTimedOut(
  d: Deployment,
  conditions: readonly DeploymentCondition[],
  now: Micros,
): boolean {
  const condition = conditionOf(conditions, 'Progressing');
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  return timeOf(condition.lastUpdateTime) + deadline(d) < now;
}

const deadline = (d: Deployment): Micros => (util.specOf(d).progressDeadlineSeconds ?? 0) * second;

/** Looks again when the deadline has passed: nothing else may happen until then. Models requeueStuckDeployment. */
function requeueStuck(turn: Turn, status: DeploymentStatus): void {
  const { d, clock } = turn;
  const current = conditionOf(d.status?.conditions, 'Progressing');
  if (!util.hasProgressDeadline(d) || !current) return;
  if (util.isComplete(d, status) || current.reason === 'ProgressDeadlineExceeded') return;
  const after = timeOf(current.lastUpdateTime) + deadline(d) - clock.now();
  turn.again(after < second ? 0 : after + second);
}

/** What a ReplicaSet could not do, the new one's first. */
function replicaFailures(all: Sets, newSet: ReplicaSet | undefined): DeploymentCondition[] {
  const failuresOf = (set: ReplicaSet | undefined): DeploymentCondition[] =>
    (set?.status?.conditions ?? [])
      .filter(({ type }) => type === 'ReplicaFailure')
      .map((condition) => ({
        type: condition.type,
        status: condition.status,
        ...omitEmpty({
          lastUpdateTime: condition.lastTransitionTime,
          lastTransitionTime: condition.lastTransitionTime,
          reason: condition.reason,
          message: condition.message,
        }),
      }));
  const ofNew = failuresOf(newSet);
  return ofNew.length ? ofNew : all.flatMap(failuresOf);
}
