import type { CronJob } from '../../../api/types/batchV1.ts';
import { millisecond, second, type Micros } from '../../../base/time.ts';
import { timeOf } from '../shared/objects.ts';
import { ScheduleError, type Schedule } from './schedule.ts';

/** Clocks may differ a little: a key comes back so long after its time. */
const MARGIN = 100 * millisecond;
const MANY = 100;

interface Missed {
  readonly earliest: Micros;
  /** The newest time that has come since. */
  readonly recent?: Micros;
  readonly count: number;
}

/** Models mostRecentScheduleTime. */
function missedRuns(
  cronJob: CronJob,
  now: Micros,
  schedule: Schedule,
  withDeadline: boolean,
): Missed {
  const { startingDeadlineSeconds } = cronJob.spec;
  let earliest = timeOf(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp);
  if (withDeadline && startingDeadlineSeconds !== undefined)
    earliest = Math.max(earliest, now - startingDeadlineSeconds * second);
  const first = schedule.next(earliest);
  if (first === undefined || now < first) return { earliest, count: 0 };
  const then = schedule.next(first);
  if (then === undefined || now < then) return { earliest, recent: first, count: 0 };
  const between = Math.round((then - first) / second);
  if (between < 1)
    throw new ScheduleError('time difference between two schedules is less than 1 second');
  const count = Math.floor((now - first) / second / between) + 1;
  let recent: Micros | undefined;
  let time = schedule.next(first + (count - 2) * between * second);
  for (; time !== undefined && time <= now; time = schedule.next(time)) recent = time;
  return { earliest, count, ...(recent !== undefined && { recent }) };
}

/** The time of a run that is due, and whether very many were missed. Models nextScheduleTime. */
export function dueRun(
  cronJob: CronJob,
  now: Micros,
  schedule: Schedule,
): { readonly time: Micros; readonly tooMany: boolean } | undefined {
  const { recent, count } = missedRuns(cronJob, now, schedule, true);
  return recent === undefined || recent > now ? undefined : { time: recent, tooMany: count > MANY };
}

/** How long until the key is to be looked at again. Models nextScheduleTimeDuration. */
export function untilNextRun(
  cronJob: CronJob,
  now: Micros,
  schedule: Schedule,
): Micros | undefined {
  const { earliest, recent, count } = missedRuns(cronJob, now, schedule, false);
  const next = schedule.next(recent ?? (count === 0 ? earliest : now));
  return next === undefined ? undefined : next + MARGIN - now;
}
