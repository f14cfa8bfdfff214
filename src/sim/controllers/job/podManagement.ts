import { isStatus, StatusError } from '../../../api/status.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import type { Micros } from '../../../base/time.ts';
import { isNamespaceTerminating } from '../shared/objects.ts';
import type { Expectations } from '../shared/expectations.ts';
import type { PodControl } from '../shared/podControl.ts';
import { byActivity } from '../shared/podRanking.ts';
import { isPodReady, isPodTerminating } from '../shared/pods.ts';
import { slowStart } from '../shared/slowStart.ts';
import { remaining, remainingOfIndex } from './backoff.ts';
import * as util from './jobPods.ts';
import type { JobTurn } from './jobSync.ts';
import { removeFinalizer, type TrackingParts } from './jobTracking.ts';
import { matchFailurePolicy } from './policies.ts';

const MAX_PER_TURN = 500;
const BATCH_PERIOD: Micros = 1_000_000;

export interface ManagementParts extends TrackingParts {
  readonly key: string;
  readonly podControl: PodControl;
  readonly expectations: Expectations;
}

/** Creates and deletes pods as the Job wants them; returns the first refusal. Models manageJob. */
export async function managePods(
  turn: JobTurn,
  parts: ManagementParts,
): Promise<StatusError | undefined> {
  const { job, activePods } = turn;
  if (util.isSuspended(job)) return deletePods(turn, parts, forRemoval(turn, activePods.length));
  const want = wanted(turn);
  const surplus = forRemoval(turn, Math.max(0, turn.active - want)).slice(0, MAX_PER_TURN);
  if (surplus.length > 0) return deletePods(turn, parts, surplus);
  const terminating = util.onlyReplacesFailed(job) ? turn.terminating : 0;
  const missing = Math.min(want - terminating - turn.active, MAX_PER_TURN);
  return missing > 0 ? createPods(turn, parts, missing) : undefined;
}

function wanted({ job, active, succeeded }: JobTurn): number {
  const { completions, parallelism = 1 } = util.specOf(job);
  // Without a number of completions, the first success ends the making of new pods.
  if (completions === undefined) return succeeded > 0 ? active : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

async function createPods(
  turn: JobTurn,
  parts: ManagementParts,
  missing: number,
): Promise<StatusError | undefined> {
  const { job } = turn;
  const { key, podControl, expectations, cause } = parts;
  const pause = util.hasLimitPerIndex(job) ? 0 : remaining(turn.backoff, parts.now);
  if (pause > 0) {
    waitFor(pause, parts);
    return undefined;
  }
  let indexes: number[] | undefined;
  if (util.isIndexed(job)) {
    const chosen = nextIndexes(turn, missing, parts.now);
    if (chosen.pause > 0) {
      waitFor(chosen.pause, parts);
      return undefined;
    }
    indexes = chosen.indexes;
  }
  const count = indexes?.length ?? missing;
  expectations.expect(key, count, 0);
  const template = util.podTemplate(job);
  parts.note(`creates ${count} pods`);
  const { successes, failure } = await slowStart(count, async (n) => {
    const index = indexes?.[n];
    try {
      await podControl.create(template, job, cause, (pod) => {
        if (index !== undefined) util.setIndex(pod, job, index, failuresOf(turn, index));
      });
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  });
  for (let n = successes; n < count; n++) expectations.creationObserved(key);
  turn.active += successes;
  return failure;
}

function waitFor(pause: Micros, parts: ManagementParts): void {
  parts.note('waits before the next try');
  parts.again(Math.max(pause, BATCH_PERIOD));
}

/** The lowest indexes that are neither done nor under way. Models firstPendingIndexes. */
function nextIndexes(
  turn: JobTurn,
  count: number,
  now: Micros,
): { indexes: number[]; pause: Micros } {
  const { job, pods, activePods } = turn;
  const taken = new Set(activePods.map(util.indexOf));
  if (util.onlyReplacesFailed(job))
    for (const pod of pods.filter(isPodTerminating)) taken.add(util.indexOf(pod));
  const pending: number[] = [];
  for (let index = 0; index < util.completionsOf(job) && pending.length < count; index++)
    if (!taken.has(index) && !turn.succeededIndexes.has(index) && !turn.failedIndexes?.has(index))
      pending.push(index);
  if (!util.hasLimitPerIndex(job)) return { indexes: pending, pause: 0 };
  const pauses = pending.map((index) => remainingOfIndex(turn.delayed.get(index), now));
  const indexes = pending.filter((_, n) => pauses[n] === 0);
  return { indexes, pause: indexes.length || !pauses.length ? 0 : Math.min(...pauses) };
}

function failuresOf(turn: JobTurn, index: number): util.IndexFailures | undefined {
  if (!util.hasLimitPerIndex(turn.job)) return undefined;
  const replaced = turn.delayed.get(index);
  if (!replaced) return { counted: 0, ignored: 0 };
  const counted = util.failuresBefore(replaced);
  const ignored = util.allFailuresBefore(replaced) - counted;
  const { counts } = matchFailurePolicy(util.specOf(turn.job).podFailurePolicy, replaced);
  return counts ? { counted: counted + 1, ignored } : { counted, ignored: ignored + 1 };
}

/** Pods of one index too many first, then the least active. Models activePodsForRemoval. */
function forRemoval({ job, activePods }: JobTurn, atLeast: number): Pod[] {
  const rm: Pod[] = [];
  let left = [...activePods];
  if (util.isIndexed(job)) {
    left = [];
    const groups = Map.groupBy([...activePods].sort(util.byIndex), util.indexOf);
    for (const [index, group] of groups)
      if (index < 0 || index >= util.completionsOf(job)) rm.push(...group);
      else {
        const sorted = [...group].sort(byActivity);
        rm.push(...sorted.slice(0, -1));
        left.push(...sorted.slice(-1));
      }
  }
  if (rm.length < atLeast) rm.push(...left.sort(byActivity).slice(0, atLeast - rm.length));
  return rm;
}

/** Pods the Job no longer wants: not to be counted, so their finalizers go first. Models deleteJobPods. */
async function deletePods(
  turn: JobTurn,
  parts: ManagementParts,
  doomed: readonly Pod[],
): Promise<StatusError | undefined> {
  const { job } = turn;
  const { key, expectations, client, cause, podControl } = parts;
  expectations.expect(key, 0, doomed.length);
  if (doomed.length) parts.note(`deletes ${doomed.length} pods`);
  return deleteEach(turn, doomed, async (pod) => {
    try {
      if (util.isTracked(pod)) await removeFinalizer(client, pod, cause);
      await podControl.delete(pod, job, cause);
    } catch (error) {
      expectations.someDeletionObserved(key);
      throw error;
    }
  });
}

/** Ends the pods of a Job that is over; they are counted yet. Models deleteActivePods. */
export async function endPods(
  turn: JobTurn,
  { podControl, cause }: ManagementParts,
): Promise<{ deleted: number; failure: StatusError | undefined }> {
  const before = turn.active;
  const failure = await deleteEach(turn, turn.activePods, (pod) =>
    podControl.delete(pod, turn.job, cause),
  );
  return { deleted: before - turn.active, failure };
}

async function deleteEach(
  turn: JobTurn,
  doomed: readonly Pod[],
  task: (pod: Pod) => Promise<void>,
): Promise<StatusError | undefined> {
  let failure: StatusError | undefined;
  await Promise.all(
    doomed.map(async (pod) => {
      try {
        await task(pod);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        if (!isStatus(error, 'NotFound')) {
          failure ??= error;
          return;
        }
      }
      turn.active--;
      turn.terminating++;
      if (isPodReady(pod)) turn.ready--;
    }),
  );
  return failure;
}
