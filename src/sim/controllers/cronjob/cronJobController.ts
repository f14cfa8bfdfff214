import { clone, controllerOf, equal, keyOf, type OwnerReference } from '../../../api/meta.ts';
import { cronjobs, jobs } from '../../../api/resources.ts';
import { StatusError } from '../../../api/status.ts';
import type { CronJob, Job, JobCondition } from '../../../api/types/batchV1.ts';
import { formatTime, minute, second, type Micros } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder, referenceTo } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import {
  controllerReference,
  isControlledBy,
  isNamespaceTerminating,
  timeOf,
  unlessNotFound,
} from '../shared/objects.ts';
import { dueRun, untilNextRun } from './missedRuns.ts';
import { parseSchedule, ScheduleError, type Schedule } from './schedule.ts';

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** What one turn works with; `cronJob` is its own copy, whose status is written at the end. */
interface Turn {
  readonly key: string;
  readonly cronJob: CronJob;
  readonly jobs: readonly Job[];
  readonly now: Micros;
  readonly cause: Cause;
}

/** Starts Jobs at their times. Models pkg/controller/cronjob ControllerV2. */
export class CronJobController extends Controller {
  readonly #cronJobs: Informer<CronJob>;
  readonly #jobs: Informer<Job>;
  readonly #recorder: EventRecorder;

  constructor(options: ControllerOptions) {
    super(options, 'cronjob', { workers: 5 });
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'cronjob-controller',
      }),
    );
    this.#jobs = this.informer(jobs, {
      added: (job, cause) => this.#enqueueOwner(job, controllerOf(job), cause),
      updated: (old, job, cause) => {
        const [before, now] = [controllerOf(old), controllerOf(job)];
        if (before && !equal(before, now)) this.#enqueueOwner(old, before, cause);
        this.#enqueueOwner(job, now, cause);
      },
      deleted: (job, cause) => this.#enqueueOwner(job, controllerOf(job), cause),
    });
    this.#cronJobs = this.informer(cronjobs, {
      added: (cronJob, cause) => this.queue.add(keyOf(cronJob), cause),
      updated: (old, cronJob, cause) => this.#updated(old, cronJob, cause),
      deleted: (cronJob, cause) => this.queue.add(keyOf(cronJob), cause),
    });
  }

  /** Models sync. */
  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const found = this.#cronJobs.lister.byKey(key);
    if (!found) return 'is gone: nothing to do';
    const { namespace = '', name } = found.metadata;
    const own = this.#jobs.lister.list(namespace).filter((job) => controllerOf(job)?.name === name);
    const cronJob = clone(found);
    const turn: Turn = { key, cronJob, jobs: own, now: this.clock.now(), cause };
    await this.#cleanUp(turn);
    let failure: StatusError | undefined;
    let summary = '';
    try {
      summary = await this.#sync(turn);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      failure = error;
    }
    if (!equal(cronJob.status ?? {}, found.status ?? {}))
      await this.client.update(cronjobs, cronJob, cause, 'status');
    if (failure) throw failure;
    return summary;
  }

  /** Models syncCronJob. */
  async #sync(turn: Turn): Promise<string> {
    const { cronJob, now, cause } = turn;
    await this.#followJobs(turn);
    if (cronJob.metadata.deletionTimestamp) return 'is being deleted';
    if (cronJob.spec.suspend) return 'is suspended';
    const schedule = this.#schedule(cronJob, cause);
    if (!schedule) return 'has a schedule that cannot be read';
    const due = dueRun(cronJob, now, schedule);
    if (due?.tooMany)
      this.#warn(
        turn,
        'TooManyMissedTimes',
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
      );
    const summary = due ? await this.#startDue(turn, due.time) : 'nothing is due';
    const delay = untilNextRun(cronJob, now, schedule);
    if (delay !== undefined) this.queue.addAfter(turn.key, delay, cause);
    return summary;
  }

  async #startDue(turn: Turn, time: Micros): Promise<string> {
    const { cronJob, now, cause } = turn;
    const { startingDeadlineSeconds, concurrencyPolicy } = cronJob.spec;
    if (startingDeadlineSeconds !== undefined && time + startingDeadlineSeconds * second < now) {
      const text = `Missed scheduled time to start a job: ${rfc1123(time)}`;
      this.#warn(turn, 'MissSchedule', text);
      return text;
    }
    const active = cronJob.status?.active ?? [];
    const isActive = active.some(({ name }) => name === jobName(cronJob, time));
    if (isActive || timeOf(cronJob.status?.lastScheduleTime) === time)
      return 'was started for this time already';
    if (concurrencyPolicy === 'Forbid' && active.length) {
      const text =
        'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#recorder.record(cronJob, 'Normal', 'JobAlreadyActive', text, cause);
      return text;
    }
    if (concurrencyPolicy === 'Replace')
      for (const { namespace = '', name = '' } of active) {
        const job = await this.client.get(jobs, namespace, name, cause);
        await this.#delete(turn, job);
      }
    return this.#start(turn, time);
  }

  async #start(turn: Turn, time: Micros): Promise<string> {
    const { cronJob, cause } = turn;
    const wanted = jobOf(cronJob, time);
    let job: Job;
    try {
      job = await this.client.create(jobs, wanted, cause);
      const text = `Created job ${job.metadata.name ?? ''}`;
      this.#recorder.record(cronJob, 'Normal', 'SuccessfulCreate', text, cause);
    } catch (error) {
      if (!(error instanceof StatusError) || isNamespaceTerminating(error)) throw error;
      if (error.reason !== 'AlreadyExists') {
        this.#warn(turn, 'FailedCreate', `Error creating job: ${error.message}`);
        throw error;
      }
      const { namespace = '', name = '' } = wanted.metadata;
      job = await this.client.get(jobs, namespace, name, cause);
      if (!isControlledBy(job, cronJob) || isListed(cronJob, job)) return 'there is a Job already';
    }
    const status = (cronJob.status ??= {});
    status.active = [...(status.active ?? []), referenceTo(job)];
    status.lastScheduleTime = formatTime(time);
    return `starts ${job.metadata.name ?? ''}`;
  }

  /** Finished Jobs leave the list of active ones, and so do those that went missing. */
  async #followJobs(turn: Turn): Promise<void> {
    const { cronJob, cause } = turn;
    const status = (cronJob.status ??= {});
    for (const job of turn.jobs) {
      const finished = finishedCondition(job);
      const { name = '' } = job.metadata;
      if (!isListed(cronJob, job) && !finished) await this.#adoptUnexpected(turn, job);
      else if (finished && isListed(cronJob, job)) {
        unlist(cronJob, job.metadata.uid);
        const text = `Saw completed job: ${name}, condition: ${finished.type}`;
        this.#recorder.record(cronJob, 'Normal', 'SawCompletedJob', text, cause);
      }
      const { completionTime } = job.status ?? {};
      if (finished?.type !== 'Complete' || completionTime === undefined) continue;
      if (timeOf(completionTime) > timeOf(status.lastSuccessfulTime))
        status.lastSuccessfulTime = completionTime;
    }
    const known = new Set(turn.jobs.map(({ metadata }) => metadata.uid));
    for (const { namespace = '', name = '', uid } of status.active ?? []) {
      if (known.has(uid)) continue;
      if (await unlessNotFound(this.client.get(jobs, namespace, name, cause))) continue;
      const text = `Active job went missing: ${name}`;
      this.#recorder.record(cronJob, 'Normal', 'MissingJob', text, cause);
      unlist(cronJob, uid);
    }
  }

  /** The list may be older than the Jobs: it is read anew before anybody wonders. */
  async #adoptUnexpected(turn: Turn, job: Job): Promise<void> {
    const { cronJob, cause } = turn;
    const { namespace = '', name = '' } = cronJob.metadata;
    const live = await this.client.get(cronjobs, namespace, name, cause);
    if (isListed(live, job)) {
      cronJob.metadata = clone(live.metadata);
      cronJob.status = clone(live.status ?? {});
      return;
    }
    const text = `Saw a job that the controller did not create or forgot: ${job.metadata.name ?? ''}`;
    this.#warn(turn, 'UnexpectedJob', text);
  }

  /** Models cleanupFinishedJobs. */
  async #cleanUp(turn: Turn): Promise<void> {
    const { failedJobsHistoryLimit, successfulJobsHistoryLimit } = turn.cronJob.spec;
    const ended = (type: string): Job[] =>
      turn.jobs.filter((job) => finishedCondition(job)?.type === type).sort(byStart);
    for (const [list, limit] of [
      [ended('Complete'), successfulJobsHistoryLimit],
      [ended('Failed'), failedJobsHistoryLimit],
    ] as const) {
      if (limit === undefined) continue;
      for (const job of list.slice(0, Math.max(0, list.length - limit)))
        await this.#delete(turn, job);
    }
  }

  async #delete(turn: Turn, job: Job): Promise<void> {
    const { cronJob, cause } = turn;
    const { namespace = '', name = '', uid } = job.metadata;
    try {
      const options = { propagationPolicy: 'Background' } as const;
      await this.client.delete(jobs, namespace, name, options, cause);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#warn(turn, 'FailedDelete', `Deleted job: ${error.message}`);
      return;
    }
    unlist(cronJob, uid);
    const text = `Deleted job ${name}`;
    this.#recorder.record(cronJob, 'Normal', 'SuccessfulDelete', text, cause);
  }

  #schedule(cronJob: CronJob, cause: Cause): Schedule | undefined {
    const { schedule, timeZone } = cronJob.spec;
    if (schedule.includes('TZ'))
      this.#recorder.record(
        cronJob,
        'Warning',
        'UnsupportedSchedule',
        `CRON_TZ or TZ used in schedule "${schedule}" is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`,
        cause,
      );
    try {
      return parseSchedule(
        timeZone === undefined || schedule.includes('TZ') ? schedule : `TZ=${timeZone} ${schedule}`,
      );
    } catch (error) {
      if (!(error instanceof ScheduleError || error instanceof RangeError)) throw error;
      const text = `unparseable schedule: "${schedule}" : ${error.message}`;
      this.#recorder.record(cronJob, 'Warning', 'UnparseableSchedule', text, cause);
      return undefined;
    }
  }

  #warn({ cronJob, cause }: Turn, reason: string, text: string): void {
    this.#recorder.record(cronJob, 'Warning', reason, text, cause);
  }

  #updated(old: CronJob, cronJob: CronJob, cause: EventId): void {
    const key = keyOf(cronJob);
    const isRescheduled =
      old.spec.schedule !== cronJob.spec.schedule || old.spec.timeZone !== cronJob.spec.timeZone;
    const schedule = isRescheduled ? this.#schedule(cronJob, { cause }) : undefined;
    if (!isRescheduled) this.queue.add(key, cause);
    else if (schedule) {
      const delay = untilNextRun(cronJob, this.clock.now(), schedule);
      if (delay !== undefined) this.queue.addAfter(key, delay, cause);
    }
  }

  #enqueueOwner(job: Job, reference: OwnerReference | undefined, cause: EventId): void {
    if (reference?.kind !== 'CronJob') return;
    const cronJob = this.#cronJobs.lister.get(job.metadata.namespace ?? '', reference.name);
    if (cronJob?.metadata.uid === reference.uid) this.queue.add(keyOf(cronJob), cause);
  }
}

const finishedCondition = ({ status }: Job): JobCondition | undefined =>
  (status?.conditions ?? []).find(
    ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
  );

const isListed = ({ status }: CronJob, { metadata }: Job): boolean =>
  Boolean(status?.active?.some(({ uid }) => uid === metadata.uid));

function unlist({ status }: CronJob, uid: string | undefined): void {
  if (!status?.active) return;
  status.active = status.active.filter((one) => one.uid !== uid);
  if (!status.active.length) delete status.active;
}

/** By start, those without one last, then by name. */
function byStart(a: Job, b: Job): number {
  const start = ({ status }: Job): number => timeOf(status?.startTime) || Number.POSITIVE_INFINITY;
  const [first, then] = [start(a), start(b)];
  if (first !== then) return first < then ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

/** The same name for the same time, so that no Job is started twice. */
const jobName = (cronJob: CronJob, time: Micros): string =>
  `${cronJob.metadata.name ?? ''}-${Math.floor(time / minute)}`;

/** Models getJobFromTemplate2. */
function jobOf(cronJob: CronJob, time: Micros): Job {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, time),
      namespace: cronJob.metadata.namespace ?? '',
      ...(metadata?.labels && { labels: { ...metadata.labels } }),
      annotations: {
        ...metadata?.annotations,
        [SCHEDULED_AT]: inZone(time, cronJob.spec.timeZone),
      },
      ownerReferences: [controllerReference(cronJob)],
    },
    ...(spec && { spec: clone(spec) }),
  };
}

/** RFC 3339 as the zone's clocks show it: 2026-11-21T09:00:00+05:00. */
function inZone(time: Micros, zone: string | undefined): string {
  const text = formatTime(time);
  if (zone === undefined || zone === '' || zone === 'UTC') return text;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    timeZoneName: 'longOffset',
  }).formatToParts(time / 1000);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours, minutes] = /^GMT([+-])(\d\d):(\d\d)$/.exec(name) ?? [];
  if (sign === undefined) return text;
  const offset = (Number(hours) * 60 + Number(minutes)) * minute * (sign === '-' ? -1 : 1);
  return formatTime(time + offset).replace('Z', `${sign}${hours ?? ''}:${minutes ?? ''}`);
}

/** Sat, 21 Nov 2026 04:00:00 +0000 */
const rfc1123 = (time: Micros): string =>
  new Date(time / 1000).toUTCString().replace('GMT', '+0000');
