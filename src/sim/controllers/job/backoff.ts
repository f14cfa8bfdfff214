import type { Pod } from '../../../api/types/coreV1.ts';
import { minute, second, type Micros } from '../../../base/time.ts';
import { allFailuresBefore, finishTime } from './jobPods.ts';

const FIRST: Micros = 10 * second;
const LONGEST: Micros = 10 * minute;

/** Failures since the last success, and when the last one was. Models backoffRecord. */
export interface Backoff {
  readonly failures: number;
  readonly last?: Micros;
}

export const NO_BACKOFF: Backoff = { failures: 0 };

/** Takes in newly finished pods. Models backoffStore.newBackoffRecord. */
export function nextBackoff(
  old: Backoff,
  succeeded: readonly Pod[],
  failed: readonly Pod[],
): Backoff {
  const ends = failed.map(finishTime);
  if (succeeded.length === 0)
    return ends.length === 0
      ? old
      : { failures: old.failures + ends.length, last: Math.max(...ends) };
  const lastSuccess = Math.max(...succeeded.map(finishTime));
  const since = ends.filter((end) => end > lastSuccess);
  return since.length === 0 ? NO_BACKOFF : { failures: since.length, last: Math.max(...since) };
}

/** How long to wait until the next try. Models getRemainingTimeForFailuresCount. */
export function remaining({ failures, last }: Backoff, now: Micros): Micros {
  if (failures === 0 || last === undefined) return 0;
  const pause = Math.min(FIRST * 2 ** (failures - 1), LONGEST);
  return Math.max(0, pause - (now - last));
}

/** The same for an index of a Job that counts failures for each. */
export const remainingOfIndex = (lastFailed: Pod | undefined, now: Micros): Micros =>
  lastFailed
    ? remaining({ failures: allFailuresBefore(lastFailed) + 1, last: finishTime(lastFailed) }, now)
    : 0;
