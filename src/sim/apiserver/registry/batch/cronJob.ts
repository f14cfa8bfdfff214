import {
  FieldPath,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type { CronJob, CronJobSpec, JobSpec } from '../../../../api/types/batchV1.ts';
import { templateOptionsFor } from '../apps/shared.ts';
import type { PodOptions } from '../podSpec/options.ts';
import { dropDisabledTemplateFields } from '../podSpec/prepare.ts';
import { all, atLeastZero, mustBeOneOf, type Found } from '../shared/checks.ts';
import { utf8Length } from '../shared/names.ts';
import { nameWarnings } from '../shared/nameWarnings.ts';
import type { Strategy } from '../strategy.ts';
import { scheduleProblem } from './cronSchedule.ts';
import { defaultJobTemplate, jobSpecWarnings, validateJobSpec } from './jobSpec.ts';
import { timeZoneProblem } from './timeZones.ts';

const spec = FieldPath.of('spec');
const jobSpec = spec.child('jobTemplate', 'spec');

const jobOf = ({ spec: own }: CronJob): JobSpec | undefined => own.jobTemplate.spec;

/** Models kubernetes/pkg/registry/batch/cronjob and pkg/apis/batch/validation. */
export const cronJobStrategy: Strategy<CronJob> = {
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  hasGeneration: true,
  allowUnconditionalUpdate: true,
  default_(cronJob) {
    const own = cronJob.spec;
    own.concurrencyPolicy ??= 'Allow';
    own.suspend ??= false;
    own.successfulJobsHistoryLimit ??= 3;
    own.failedJobsHistoryLimit ??= 1;
    defaultJobTemplate((own.jobTemplate.spec ??= {} as JobSpec));
  },
  prepareForCreate(cronJob) {
    cronJob.status = {};
    cronJob.metadata.generation = 1;
    dropDisabledTemplateFields(jobOf(cronJob)?.template);
  },
  validate: (cronJob) => {
    const { name = '' } = cronJob.metadata;
    return all(
      validateSpec(cronJob, undefined, templateOptionsFor(undefined)),
      utf8Length(name) > 52 &&
        invalid(FieldPath.of('metadata', 'name'), name, 'must be no more than 52 characters'),
    );
  },
  warningsOnCreate: (cronJob) => [
    ...nameWarnings(cronJob.metadata.name),
    ...jobSpecWarnings(jobOf(cronJob) ?? ({} as JobSpec), jobSpec),
  ],
  prepareForUpdate(cronJob, old) {
    if (old.status) cronJob.status = old.status;
    dropDisabledTemplateFields(jobOf(cronJob)?.template, jobOf(old)?.template);
    const isSame = equal(cronJob.spec, old.spec);
    cronJob.metadata.generation = (old.metadata.generation ?? 0) + (isSame ? 0 : 1);
  },
  validateUpdate: (cronJob, old) =>
    validateSpec(cronJob, old, templateOptionsFor(jobOf(old)?.template)),
  warningsOnUpdate: (cronJob, old) => [
    ...(cronJob.metadata.generation === old.metadata.generation
      ? []
      : jobSpecWarnings(jobOf(cronJob) ?? ({} as JobSpec), jobSpec)),
    ...(cronJob.spec.schedule.includes('TZ')
      ? [
          'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
        ]
      : []),
  ],
  subresources: {
    status: {
      metaOnUpdate: [],
      prepareForUpdate(cronJob, old) {
        cronJob.spec = old.spec;
      },
    },
  },
};

function validateSpec(
  cronJob: CronJob,
  old: CronJob | undefined,
  options: PodOptions,
): FieldError[] {
  const own = cronJob.spec;
  const job = jobOf(cronJob) ?? ({} as JobSpec);
  const isNewZone = !old || own.timeZone !== old.spec.timeZone;
  return all(
    validateSchedule(own, old?.spec.schedule ?? ''),
    atLeastZero(own.startingDeadlineSeconds, spec.child('startingDeadlineSeconds')),
    isNewZone && validateTimeZone(own.timeZone, spec.child('timeZone')),
    mustBeOneOf(
      own.concurrencyPolicy,
      ['Allow', 'Forbid', 'Replace'],
      spec.child('concurrencyPolicy'),
    ),
    validateJobSpec(job, jobSpec, options),
    job.selector &&
      invalid(jobSpec.child('selector'), job.selector, '`selector` will be auto-generated'),
    job.manualSelector && notSupported(jobSpec.child('manualSelector'), true, ['nil', 'false']),
    atLeastZero(own.successfulJobsHistoryLimit, spec.child('successfulJobsHistoryLimit')),
    atLeastZero(own.failedJobsHistoryLimit, spec.child('failedJobsHistoryLimit')),
  );
}

/** A schedule that has had its time zone in it for long may keep it. */
function validateSchedule({ schedule, timeZone }: CronJobSpec, before: string): Found {
  const at = spec.child('schedule');
  if (!schedule) return required(at);
  const problem = scheduleProblem(schedule);
  const hasZone = schedule.includes('TZ');
  const mayHave = before.includes('TZ');
  return [
    problem !== undefined && invalid(at, schedule, problem),
    hasZone &&
      (mayHave
        ? timeZone !== undefined &&
          invalid(at, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule')
        : invalid(
            at,
            schedule,
            'cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
          )),
  ];
}

function validateTimeZone(zone: string | undefined, path: FieldPath): Found {
  if (zone === undefined) return undefined;
  if (zone === '') return invalid(path, zone, 'timeZone must be nil or non-empty string');
  const isOdd = (part: string): boolean =>
    part === '.' || part === '..' || part.startsWith('-') || !/^[A-Za-z.\-_0-9+]{1,14}$/.test(part);
  if (zone.split('/').some(isOdd)) return invalid(path, zone, `unknown time zone ${zone}`);
  const problem = timeZoneProblem(zone);
  return [
    zone.toLowerCase() === 'local' &&
      invalid(
        path,
        zone,
        'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ),
    problem !== undefined && invalid(path, zone, problem),
  ];
}
