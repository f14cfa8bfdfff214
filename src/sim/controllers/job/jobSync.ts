import { clone } from '../../../api/meta.ts';
import { jobs } from '../../../api/resources.ts';
import type { Job, JobCondition, JobStatus } from '../../../api/types/batchV1.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import { formatTime, second, type Micros } from '../../../base/time.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/eventRecorder.ts';
import { conditionOf } from '../shared/conditions.ts';
import { timeOf } from '../shared/objects.ts';
import { isPodActive, isPodReady, isPodTerminating } from '../shared/pods.ts';
import { nextBackoff, type Backoff } from './backoff.ts';
import { Indexes } from './indexes.ts';
import * as util from './jobPods.ts';
import { failJobMessage, matchFailurePolicy, matchSuccessPolicy } from './policies.ts';

/** What the controller lends to one reconciliation. */
export interface JobParts {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly cause: Cause;
  readonly now: Micros;
  /** Pods whose finalizer was removed, which the informer does not show yet. */
  readonly expectedRemovals: ReadonlySet<string>;
  readonly backoff: Backoff;
  saveBackoff(backoff: Backoff): void;
  wroteJob(job: Job): void;
  again(delay: Micros): void;
  note(text: string): void;
}

/** Counts that change as pods are created and deleted. */
export interface JobTurn {
  /** A copy of its own, whose status is changed in place. */
  job: Job;
  readonly status: JobStatus;
  readonly pods: readonly Pod[];
  readonly activePods: readonly Pod[];
  active: number;
  ready: number;
  terminating: number;
  succeeded: number;
  failed: number;
  readonly uncountedSucceeded: ReadonlySet<string>;
  readonly uncountedFailed: ReadonlySet<string>;
  readonly backoff: Backoff;
  previousIndexes: Indexes;
  succeededIndexes: Indexes;
  failedIndexes: Indexes | undefined;
  /** The last failed pod of each index that will be tried again, kept until then. */
  delayed: ReadonlyMap<number, Pod>;
  finished: JobCondition | undefined;
}

/** What there is of the Job, before anything is done. Models the first half of syncJob. */
export function beginTurn(job: Job, pods: readonly Pod[], parts: JobParts): JobTurn {
  const status: JobStatus = clone(job.status ?? {});
  status.uncountedTerminatedPods ??= {};
  const { succeeded: uncountedOk = [], failed: uncountedBad = [] } = status.uncountedTerminatedPods;
  const activePods = pods.filter(isPodActive);
  const turn: JobTurn = {
    job,
    status,
    pods,
    activePods,
    active: activePods.length,
    ready: activePods.filter(isPodReady).length,
    terminating: pods.filter(isPodTerminating).length,
    succeeded: 0,
    failed: 0,
    uncountedSucceeded: new Set(uncountedOk),
    uncountedFailed: new Set(uncountedBad),
    backoff: parts.backoff,
    previousIndexes: Indexes.none,
    succeededIndexes: Indexes.none,
    failedIndexes: undefined,
    delayed: new Map(),
    finished: undefined,
  };
  const done = validPods(turn, parts, turn.uncountedSucceeded).filter(
    (pod) => pod.status?.phase === 'Succeeded',
  );
  const failed = validPods(turn, parts, turn.uncountedFailed).filter((pod) =>
    util.isPodFailed(pod, job),
  );
  const policy = util.specOf(job).podFailurePolicy;
  const counted = failed.filter((pod) => matchFailurePolicy(policy, pod).counts);
  turn.succeeded = (status.succeeded ?? 0) + done.length + uncountedOk.length;
  turn.failed = (status.failed ?? 0) + counted.length + uncountedBad.length;
  if (!status.startTime && !util.isSuspended(job)) status.startTime = formatTime(parts.now);
  return { ...turn, backoff: nextBackoff(parts.backoff, done, failed) };
}

/** Whether the Job is over, and why. In place. */
export function judge(turn: JobTurn, parts: JobParts): void {
  const { job, status, pods } = turn;
  const spec = util.specOf(job);
  const failure = (reason: string, message: string): JobCondition =>
    condition(parts.now, 'FailureTarget', reason, message);
  turn.finished = trueCondition(status, 'SuccessCriteriaMet');
  if (!turn.finished) {
    const target = trueCondition(status, 'FailureTarget');
    const message = failJobMessage(job, pods);
    if (target) turn.finished = failedCondition(target, parts.now);
    else if (message !== undefined) turn.finished = failure('PodFailurePolicy', message);
  }
  if (!turn.finished) {
    const since = timeOf(status.startTime);
    const { activeDeadlineSeconds } = spec;
    const left =
      activeDeadlineSeconds === undefined || util.isSuspended(job)
        ? undefined
        : since + activeDeadlineSeconds * second - parts.now;
    if (turn.failed > (spec.backoffLimit ?? 6) || restartedTooOften(job, pods))
      turn.finished = failure(
        'BackoffLimitExceeded',
        'Job has reached the specified backoff limit',
      );
    else if (left !== undefined && left <= 0)
      turn.finished = failure('DeadlineExceeded', 'Job was active longer than specified deadline');
    else if (left !== undefined) parts.again(left);
  }
  if (util.isIndexed(job)) judgeIndexes(turn, parts, failure);
}

function judgeIndexes(
  turn: JobTurn,
  parts: JobParts,
  failure: (reason: string, message: string) => JobCondition,
): void {
  const { job, status, pods } = turn;
  const spec = util.specOf(job);
  const completions = util.completionsOf(job);
  const inRange = pods.filter((pod) => {
    const index = util.indexOf(pod);
    return index >= 0 && index < completions && util.isTracked(pod);
  });
  turn.previousIndexes = Indexes.parse(status.completedIndexes, completions);
  turn.succeededIndexes = turn.previousIndexes.with(
    inRange.filter((pod) => pod.status?.phase === 'Succeeded').map(util.indexOf),
  );
  turn.succeeded = turn.succeededIndexes.total;
  if (util.hasLimitPerIndex(job)) {
    const failed = Indexes.parse(status.failedIndexes, completions).with(
      inRange.filter((pod) => isIndexFailed(pod, job)).map(util.indexOf),
    );
    turn.failedIndexes = failed;
    const { maxFailedIndexes } = spec;
    if (!turn.finished && maxFailedIndexes !== undefined && failed.total > maxFailedIndexes)
      turn.finished = failure(
        'MaxFailedIndexesExceeded',
        'Job has exceeded the specified maximal number of failed indexes',
      );
    else if (
      !turn.finished &&
      failed.total > 0 &&
      failed.total + turn.succeededIndexes.total >= completions
    )
      turn.finished = failure('FailedIndexes', 'Job has failed indexes');
    turn.delayed = delayedPods(turn, parts, failed);
  }
  const met = turn.finished ? undefined : matchSuccessPolicy(job, turn.succeededIndexes);
  if (met !== undefined)
    turn.finished = condition(parts.now, 'SuccessCriteriaMet', 'SuccessPolicy', met);
}

function isIndexFailed(pod: Pod, job: Job): boolean {
  if (!util.isPodFailed(pod, job)) return false;
  const { podFailurePolicy, backoffLimitPerIndex = 0 } = util.specOf(job);
  const { counts, action } = matchFailurePolicy(podFailurePolicy, pod);
  return action === 'FailIndex' || (counts && util.failuresBefore(pod) >= backoffLimitPerIndex);
}

/** Models getPodsWithDelayedDeletionPerIndex. */
function delayedPods(turn: JobTurn, parts: JobParts, failed: Indexes): Map<number, Pod> {
  const active = new Set(turn.activePods.map(util.indexOf));
  const delayed = new Map<number, Pod>();
  for (const pod of validPods(turn, parts, new Set())) {
    const index = util.indexOf(pod);
    const isOver = turn.succeededIndexes.has(index) || failed.has(index) || active.has(index);
    if (!util.isPodFailed(pod, turn.job) || isOver) continue;
    const known = delayed.get(index);
    const isNewer =
      !known ||
      (util.allFailuresBefore(known) <= util.allFailuresBefore(pod) &&
        util.finishTime(pod) >= util.finishTime(known));
    if (isNewer) delayed.set(index, pod);
  }
  return delayed;
}

/** Tracked pods that are not counted yet, of valid indexes. Models getValidPodsWithFilter. */
function validPods(turn: JobTurn, parts: JobParts, uncounted: ReadonlySet<string>): Pod[] {
  const { job, pods } = turn;
  return pods.filter((pod) => {
    const uid = util.uidOf(pod);
    if (!util.isTracked(pod) || uncounted.has(uid) || parts.expectedRemovals.has(uid)) return false;
    const index = util.indexOf(pod);
    return !util.isIndexed(job) || (index >= 0 && index < util.completionsOf(job));
  });
}

/** Containers that restart in place count, too. Models pastBackoffLimitOnFailure. */
function restartedTooOften(job: Job, pods: readonly Pod[]): boolean {
  const { template, backoffLimit = 6 } = util.specOf(job);
  if (template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const { restartCount } of [
      ...(status.initContainerStatuses ?? []),
      ...(status.containerStatuses ?? []),
    ])
      restarts += restartCount;
  }
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

export const trueCondition = (status: JobStatus, type: string): JobCondition | undefined => {
  const found = conditionOf(status.conditions, type);
  return found?.status === 'True' ? found : undefined;
};

export function condition(
  now: Micros,
  type: string,
  reason: string,
  message: string,
  status: 'True' | 'False' = 'True',
): JobCondition {
  const time = formatTime(now);
  return { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message };
}

export const failedCondition = (
  { reason = '', message = '' }: JobCondition,
  now: Micros,
): JobCondition => condition(now, 'Failed', reason, message);

/** The conditions with this one, and whether that is news. Models ensureJobConditionStatus. */
export function ensureCondition(status: JobStatus, wanted: JobCondition): boolean {
  const list = status.conditions ?? [];
  const old = conditionOf(list, wanted.type);
  if (!old && wanted.status === 'False') return false;
  const isSame =
    old?.status === wanted.status && old.reason === wanted.reason && old.message === wanted.message;
  if (isSame) return false;
  status.conditions = old ? list.map((one) => (one === old ? wanted : one)) : [...list, wanted];
  return true;
}

export async function writeStatus(turn: JobTurn, parts: JobParts): Promise<void> {
  const { job, status } = turn;
  const written = await parts.client.update(
    jobs,
    { ...job, status: clone(status) },
    parts.cause,
    'status',
  );
  parts.wroteJob(written);
  turn.job = written;
}
