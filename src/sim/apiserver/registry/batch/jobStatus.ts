import {
  FieldPath,
  duplicate,
  invalid,
  omitted,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal } from '../../../../api/meta.ts';
import type { Job, JobCondition, JobStatus } from '../../../../api/types/batchV1.ts';
import { parseTime } from '../../../../base/time.ts';
import { all, atLeastZero, each, seenBefore, type Found } from '../shared/checks.ts';
import { overlapOf, readIndexes } from './indexes.ts';

// What a controller may say of a Job: rules that hold for what the update changes.
// Models kubernetes/pkg/registry/batch/job getStatusValidationOptions and batch/validation ValidateJobStatusUpdate.

const path = FieldPath.of('status');
const conditions = path.child('conditions');

export const isTrue = (list: readonly JobCondition[] | undefined, type: string): boolean =>
  list?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

const isFinished = ({ conditions: list }: JobStatus): boolean =>
  isTrue(list, 'Complete') || isTrue(list, 'Failed');

export function validateJobStatus(job: Job, old: Job): FieldError[] {
  const { status = {} } = job;
  const before = old.status ?? {};
  return all(
    validateCounts(status),
    validateConditions(job, before),
    validateTimes(job, before),
    validateFinished(job, before),
    validateIndexes(job, before),
    validateProgress(job, before),
  );
}

function validateCounts(status: JobStatus): FieldError[] {
  const uncounted = status.uncountedTerminatedPods;
  const seen = seenBefore();
  return all(
    (['active', 'succeeded', 'failed', 'ready', 'terminating'] as const).map((name) =>
      atLeastZero(status[name], path.child(name)),
    ),
    (['succeeded', 'failed'] as const).map((name) =>
      each(uncounted?.[name], path.child('uncountedTerminatedPods', name), (uid, at) =>
        uid === '' ? invalid(at, uid, 'must not be empty') : seen(uid) && duplicate(at, uid),
      ),
    ),
  );
}

const wrong = (detail: string): FieldError => invalid(conditions, omitted, detail);

/** Of the conditions only pairs that the update changed are looked at. */
function validateConditions({ status = {} }: Job, before: JobStatus): FieldError[] {
  const now = (type: string): boolean => isTrue(status.conditions, type);
  const changed = (type: string): boolean => now(type) !== isTrue(before.conditions, type);
  const complete = now('Complete');
  const failed = now('Failed');
  return all(
    (changed('Complete') || changed('Failed')) &&
      complete &&
      failed &&
      wrong('cannot set Complete=True and Failed=true conditions'),
    (changed('Complete') || changed('FailureTarget')) &&
      complete &&
      now('FailureTarget') &&
      wrong('cannot set Complete=True and FailureTarget=true conditions'),
  );
}

function validateTimes({ status = {} }: Job, before: JobStatus): FieldError[] {
  const complete = isTrue(status.conditions, 'Complete');
  const { startTime, completionTime } = status;
  const at = path.child('completionTime');
  const isCompletionNew =
    complete !== isTrue(before.conditions, 'Complete') || completionTime !== before.completionTime;
  const isStartNew = startTime !== before.startTime;
  const failed = isTrue(status.conditions, 'Failed');
  const isFailedNew = failed !== isTrue(before.conditions, 'Failed');
  const met = isTrue(status.conditions, 'SuccessCriteriaMet');
  return all(
    isCompletionNew &&
      completionTime !== undefined &&
      !complete &&
      invalid(
        at,
        completionTime,
        'cannot set completionTime when there is no Complete=True condition',
      ),
    isCompletionNew &&
      completionTime === undefined &&
      complete &&
      required(at, 'completionTime is required for Complete jobs'),
    (isStartNew || completionTime !== before.completionTime) &&
      startTime !== undefined &&
      completionTime !== undefined &&
      (parseTime(completionTime) ?? 0) < (parseTime(startTime) ?? 0) &&
      invalid(at, completionTime, 'must be equal to or after `startTime`'),
    (isFailedNew || status.failedIndexes !== before.failedIndexes) &&
      failed &&
      !isTrue(status.conditions, 'FailureTarget') &&
      wrong('cannot set Failed=True condition without the FailureTarget=true condition'),
    (complete !== isTrue(before.conditions, 'Complete') ||
      met !== isTrue(before.conditions, 'SuccessCriteriaMet')) &&
      complete &&
      !met &&
      wrong('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
  );
}

function validateFinished({ spec, status = {} }: Job, before: JobStatus): FieldError[] {
  const finished = isFinished(status);
  const isNew = finished !== isFinished(before);
  const uncounted = status.uncountedTerminatedPods;
  const count = (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0);
  const neverRuns = spec?.suspend === true && spec.completions === 0;
  const { active = 0 } = status;
  return all(
    (isNew || active !== (before.active ?? 0)) &&
      finished &&
      active > 0 &&
      invalid(path.child('active'), active, 'active>0 is invalid for finished job'),
    (isNew || status.startTime !== before.startTime) &&
      !neverRuns &&
      finished &&
      status.startTime === undefined &&
      required(path.child('startTime'), 'startTime is required for finished job'),
    (isNew || !equal(uncounted, before.uncountedTerminatedPods)) &&
      finished &&
      count > 0 &&
      invalid(
        path.child('uncountedTerminatedPods'),
        internalForm('batch.UncountedTerminatedPods', uncounted),
        'must be empty for finished job',
      ),
  );
}

function validateIndexes({ spec, status = {} }: Job, before: JobStatus): FieldError[] {
  const { completedIndexes: completed = '', failedIndexes: failed } = status;
  const isCompletedNew = completed !== (before.completedIndexes ?? '');
  const isFailedNew = failed !== before.failedIndexes;
  const completions = spec?.completions;
  const perIndex = spec?.backoffLimitPerIndex !== undefined;
  const isIndexed = spec?.completionMode === 'Indexed';
  const problem = (text: string, name: string): Found => {
    const found = completions === undefined ? undefined : readIndexes(text, completions).problem;
    return (
      found !== undefined && invalid(path.child(name), text, `error parsing ${name}: ${found}`)
    );
  };
  const overlap =
    completions !== undefined && failed !== undefined
      ? overlapOf(completed, failed, completions)
      : undefined;
  return all(
    isCompletedNew && problem(completed, 'completedIndexes'),
    isFailedNew && perIndex && failed !== undefined && problem(failed, 'failedIndexes'),
    isCompletedNew &&
      completed !== '' &&
      !isIndexed &&
      invalid(
        path.child('completedIndexes'),
        completed,
        'cannot set non-empty completedIndexes when non-indexed completion mode',
      ),
    isFailedNew &&
      !perIndex &&
      failed !== undefined &&
      invalid(
        path.child('failedIndexes'),
        failed,
        'cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      ),
    (isFailedNew || isCompletedNew) &&
      overlap !== undefined &&
      invalid(path.child('failedIndexes'), failed, overlap),
  );
}

function validateProgress(job: Job, before: JobStatus): FieldError[] {
  const { spec, status = {} } = job;
  const finished = isFinished(status);
  const isNew = finished !== isFinished(before);
  const { terminating, ready, active = 0 } = status;
  const now = (type: string): boolean => isTrue(status.conditions, type);
  const was = (type: string): boolean => isTrue(before.conditions, type);
  const met = now('SuccessCriteriaMet');
  const isElastic = spec?.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  const isResuming =
    was('Suspended') &&
    status.conditions?.some(({ type, status: value }) => type === 'Suspended' && value === 'False');
  const less = (name: 'failed' | 'succeeded'): Found =>
    (status[name] ?? 0) < (before[name] ?? 0) &&
    invalid(path.child(name), status[name] ?? 0, `cannot decrease the ${name} counter`);
  return all(
    (isNew || terminating !== before.terminating) &&
      (terminating ?? 0) > 0 &&
      finished &&
      invalid(path.child('terminating'), terminating, 'terminating>0 is invalid for finished job'),
    (ready !== before.ready || active !== (before.active ?? 0)) &&
      ready !== undefined &&
      ready > active &&
      invalid(path.child('ready'), ready, 'cannot set more ready pods than active'),
    met && now('Failed') && wrong('cannot set SuccessCriteriaMet=True and Failed=true conditions'),
    met &&
      now('FailureTarget') &&
      wrong('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'),
    spec?.successPolicy &&
      !met &&
      now('Complete') &&
      wrong('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'),
    ['Failed', 'Complete', 'FailureTarget'].map(
      (type) =>
        was(type) && !now(type) && wrong(`cannot disable the terminal ${type}=True condition`),
    ),
    less('failed'),
    !isElastic && less('succeeded'),
    status.completionTime !== undefined &&
      before.completionTime !== undefined &&
      status.completionTime !== before.completionTime &&
      invalid(path.child('completionTime'), status.completionTime, 'field is immutable'),
    status.startTime !== before.startTime &&
      !isResuming &&
      before.startTime !== undefined &&
      !spec?.suspend &&
      invalid(
        path.child('startTime'),
        status.startTime ?? null,
        'field is immutable for unsuspended job once set',
      ),
    was('SuccessCriteriaMet') &&
      !met &&
      wrong('cannot disable the SuccessCriteriaMet=True condition'),
    was('Complete') &&
      !was('SuccessCriteriaMet') &&
      met &&
      wrong('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'),
  );
}
