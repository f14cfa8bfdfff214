import { pods } from '../../../api/resources.ts';
import { isStatus, StatusError } from '../../../api/status.ts';
import type { JobStatus } from '../../../api/types/batchV1.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import * as util from './jobPods.ts';
import {
  condition,
  ensureCondition,
  failedCondition,
  trueCondition,
  writeStatus,
  type JobParts,
  type JobTurn,
} from './jobSync.ts';
import { matchFailurePolicy } from './policies.ts';

const MAX_UNCOUNTED = 500;

export interface TrackingParts extends JobParts {
  expectRemoval(uid: string): void;
  removalObserved(uid: string): void;
  jobFinished(): void;
}

/**
 * Counts finished pods once, in three steps: their uids go into the status, their finalizers go, their uids become part
 * of the counts. Models trackJobStatusAndRemoveFinalizers.
 */
export async function trackPods(
  turn: JobTurn,
  parts: TrackingParts,
  changed: boolean,
): Promise<void> {
  const { job, status } = turn;
  const isIndexed = util.isIndexed(job);
  const ordered = isIndexed ? [...turn.pods].sort(util.byIndex) : turn.pods;
  const tracked = ordered.filter(
    (pod) => util.isTracked(pod) && !parts.expectedRemovals.has(util.uidOf(pod)),
  );
  const withFinalizer = new Set(tracked.map(util.uidOf));
  let needsWrite = countWithoutFinalizer(status, withFinalizer) || changed;
  const { release, newIndexes, counted, isFull } = sortOut(turn, tracked);
  needsWrite ||= counted;
  if (isIndexed) needsWrite = writeIndexes(turn, newIndexes) || needsWrite;
  needsWrite = turnFinal(turn, parts) || needsWrite;
  if (needsWrite) {
    await writeStatus(turn, parts);
    parts.saveBackoff(turn.backoff);
    needsWrite = false;
  }
  const { removed, failure } = await removeFinalizers(release, parts);
  for (const uid of removed) withFinalizer.delete(uid);
  needsWrite = countWithoutFinalizer(status, withFinalizer);
  if (failure) {
    if (needsWrite) await writeStatus(turn, parts);
    throw failure;
  }
  const isFinished = !isFull && enactFinished(turn, parts);
  if (!needsWrite && !isFinished) return;
  await writeStatus(turn, parts);
  if (isFinished) recordFinished(turn, parts);
}

interface Sorted {
  readonly release: Pod[];
  readonly newIndexes: number[];
  readonly counted: boolean;
  readonly isFull: boolean;
}

/** Which pods are counted now, and let go. In place for the status. */
function sortOut(turn: JobTurn, tracked: readonly Pod[]): Sorted {
  const { job, status } = turn;
  const uncounted = (status.uncountedTerminatedPods ??= {});
  const isIndexed = util.isIndexed(job);
  const isFailure = turn.finished !== undefined && turn.finished.type !== 'SuccessCriteriaMet';
  const release: Pod[] = [];
  const newIndexes: number[] = [];
  let counted = false;
  for (const pod of tracked) {
    const uid = util.uidOf(pod);
    const index = util.indexOf(pod);
    const isValidIndex = index >= 0 && index < util.completionsOf(job);
    const failed = util.isPodFailed(pod, job);
    if (!mayRelease(turn, pod, failed)) continue;
    release.push(pod);
    if (pod.status?.phase === 'Succeeded' && !turn.uncountedFailed.has(uid)) {
      if (isIndexed && isValidIndex && !turn.previousIndexes.has(index)) {
        newIndexes.push(index);
        counted = true;
      } else if (!isIndexed && !turn.uncountedSucceeded.has(uid)) {
        uncounted.succeeded = [...(uncounted.succeeded ?? []), uid];
        counted = true;
      }
    } else if (failed || isFailure) {
      const isNew = !turn.uncountedFailed.has(uid) && (!isIndexed || isValidIndex);
      const { counts } = matchFailurePolicy(util.specOf(job).podFailurePolicy, pod);
      if (isNew && counts) {
        uncounted.failed = [...(uncounted.failed ?? []), uid];
        counted = true;
      }
    }
    const total =
      newIndexes.length + (uncounted.succeeded?.length ?? 0) + (uncounted.failed?.length ?? 0);
    if (total >= MAX_UNCOUNTED) return { release, newIndexes, counted, isFull: true };
  }
  return { release, newIndexes, counted, isFull: false };
}

/** Models canRemoveFinalizer. */
function mayRelease(turn: JobTurn, pod: Pod, failed: boolean): boolean {
  const isOver =
    turn.job.metadata.deletionTimestamp ||
    turn.finished !== undefined ||
    pod.status?.phase === 'Succeeded';
  if (isOver) return true;
  return failed && turn.delayed.get(util.indexOf(pod)) !== pod;
}

function writeIndexes(turn: JobTurn, newIndexes: readonly number[]): boolean {
  const { status } = turn;
  const done = turn.succeededIndexes.with(newIndexes);
  turn.succeededIndexes = done;
  const text = done.toString();
  const failed = turn.failedIndexes?.toString();
  const changed = text !== (status.completedIndexes ?? '') || failed !== status.failedIndexes;
  if (text) status.completedIndexes = text;
  else delete status.completedIndexes;
  if (done.total) status.succeeded = done.total;
  else delete status.succeeded;
  if (failed !== undefined) status.failedIndexes = failed;
  return changed;
}

/** The condition that says what it will be comes before the one that says what it is. */
function turnFinal(turn: JobTurn, { now }: JobParts): boolean {
  const { finished, status } = turn;
  if (!finished) return false;
  if (finished.type === 'FailureTarget') {
    status.conditions = [...(status.conditions ?? []), finished];
    turn.finished = failedCondition(finished, now);
    return true;
  }
  if (finished.type !== 'SuccessCriteriaMet') return false;
  const isNew = !trueCondition(status, 'SuccessCriteriaMet');
  if (isNew) status.conditions = [...(status.conditions ?? []), finished];
  turn.finished = condition(now, 'Complete', finished.reason ?? '', finished.message ?? '');
  return isNew;
}

/** Models cleanUncountedPodsWithoutFinalizers. */
function countWithoutFinalizer(status: JobStatus, withFinalizer: ReadonlySet<string>): boolean {
  const uncounted = (status.uncountedTerminatedPods ??= {});
  let changed = false;
  for (const key of ['succeeded', 'failed'] as const) {
    const all = uncounted[key] ?? [];
    const left = all.filter((uid) => withFinalizer.has(uid));
    if (left.length === all.length) continue;
    status[key] = (status[key] ?? 0) + all.length - left.length;
    if (left.length) uncounted[key] = left;
    else delete uncounted[key];
    changed = true;
  }
  return changed;
}

async function removeFinalizers(
  release: readonly Pod[],
  parts: TrackingParts,
): Promise<{ removed: string[]; failure?: StatusError }> {
  const removed: string[] = [];
  let failure: StatusError | undefined;
  for (const pod of release) parts.expectRemoval(util.uidOf(pod));
  await Promise.all(
    release.map(async (pod) => {
      const uid = util.uidOf(pod);
      try {
        await removeFinalizer(parts.client, pod, parts.cause);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        parts.removalObserved(uid);
        if (error.reason !== 'NotFound') {
          failure ??= error;
          return;
        }
      }
      removed.push(uid);
    }),
  );
  return { removed, ...(failure && { failure }) };
}

export async function removeFinalizer(client: Client, pod: Pod, cause: Cause): Promise<void> {
  const { namespace = '', name = '' } = pod.metadata;
  const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': [util.FINALIZER] } };
  await client.patch(pods, namespace, name, 'strategic', patch, cause);
}

/** The same where it does not matter if the pod is gone. */
export async function releasePod(client: Client, pod: Pod, cause: Cause): Promise<void> {
  try {
    await removeFinalizer(client, pod, cause);
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}

/** The Job ends when nothing is left to count and no pod is on its way out. */
function enactFinished(turn: JobTurn, { now }: JobParts): boolean {
  const { finished, status } = turn;
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (!finished || succeeded.length + failed.length > 0 || turn.terminating > 0) return false;
  const { type, reason = '', message = '' } = finished;
  ensureCondition(status, condition(now, type, reason, message));
  if (type === 'Complete' && finished.lastTransitionTime)
    status.completionTime = finished.lastTransitionTime;
  return true;
}

function recordFinished(turn: JobTurn, parts: TrackingParts): void {
  const { finished, job, status } = turn;
  if (!finished) return;
  const { type, reason = '', message = '' } = finished;
  const { recorder, cause } = parts;
  const { completions } = util.specOf(job);
  if (type === 'Complete') {
    if (completions !== undefined && (status.succeeded ?? 0) > completions)
      recorder.record(
        job,
        'Warning',
        'TooManySucceededPods',
        'Too many succeeded pods running after completion count reached',
        cause,
      );
    recorder.record(job, 'Normal', 'Completed', 'Job completed', cause);
  } else recorder.record(job, 'Warning', reason, message, cause);
  parts.note(type === 'Complete' ? 'is complete' : `has failed: ${message}`);
  parts.jobFinished();
}
