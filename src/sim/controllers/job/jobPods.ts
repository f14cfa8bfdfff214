import type { Job, JobSpec } from '../../../api/types/batchV1.ts';
import type { Container, Pod, PodTemplateSpec } from '../../../api/types/coreV1.ts';
import { clone } from '../../../api/meta.ts';
import { defined } from '../../../base/assert.ts';
import { second, type Micros } from '../../../base/time.ts';
import { conditionOf } from '../shared/conditions.ts';
import { timeOf } from '../shared/objects.ts';

export const FINALIZER = 'batch.kubernetes.io/job-tracking';
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count';
const INDEX_ENV = 'JOB_COMPLETION_INDEX';

export const specOf = (job: Job): JobSpec => defined(job.spec, 'a Job has a spec');
export const isSuspended = (job: Job): boolean => specOf(job).suspend === true;
export const isIndexed = (job: Job): boolean => specOf(job).completionMode === 'Indexed';
export const hasLimitPerIndex = (job: Job): boolean =>
  specOf(job).backoffLimitPerIndex !== undefined;
export const completionsOf = (job: Job): number => specOf(job).completions ?? 0;

export const isFinished = (job: Job): boolean =>
  (job.status?.conditions ?? []).some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );

/** Pods on their way out are not replaced before they have failed. Models onlyReplaceFailedPods. */
export const onlyReplacesFailed = (job: Job): boolean =>
  specOf(job).podReplacementPolicy === 'Failed' || specOf(job).podFailurePolicy !== undefined;

export function isPodFailed(pod: Pod, job: Job): boolean {
  const { phase } = pod.status ?? {};
  if (phase === 'Failed') return true;
  if (onlyReplacesFailed(job)) return false;
  return !!pod.metadata.deletionTimestamp && phase !== 'Succeeded';
}

export const isTracked = (pod: Pod): boolean =>
  pod.metadata.finalizers?.includes(FINALIZER) ?? false;

export const uidOf = (pod: Pod): string => pod.metadata.uid ?? '';

/** The index of a pod of an indexed Job; -1 when it has none. */
export function indexOf(pod: Pod): number {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX] ?? '';
  return /^\d+$/.test(text) ? Number(text) : -1;
}

export const byIndex = (a: Pod, b: Pod): number => indexOf(a) - indexOf(b);

/** How often the index had failed before this pod. */
export const failuresBefore = (pod: Pod): number => count(pod, FAILURES);
export const allFailuresBefore = (pod: Pod): number =>
  count(pod, FAILURES) + count(pod, IGNORED_FAILURES);

function count(pod: Pod, annotation: string): number {
  const text = pod.metadata.annotations?.[annotation] ?? '';
  return /^\d+$/.test(text) ? Number(text) : 0;
}

/** When the pod ended, as well as that can be known. Models getFinishedTime. */
export function finishTime(pod: Pod): Micros {
  const ends = (pod.status?.containerStatuses ?? []).map((status) =>
    timeOf(status.state?.terminated?.finishedAt),
  );
  if (ends.length && ends.every((end) => end > 0)) return Math.max(...ends);
  const ready = conditionOf(pod.status?.conditions, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime)
    return timeOf(ready.lastTransitionTime);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  if (deletionTimestamp) return timeOf(deletionTimestamp) - deletionGracePeriodSeconds * second;
  return timeOf(creationTimestamp);
}

/** The template with what every pod of the Job has beside it. */
export function podTemplate(job: Job): PodTemplateSpec {
  const template = clone(specOf(job).template);
  const finalizers = template.metadata?.finalizers ?? [];
  template.metadata = {
    ...template.metadata,
    finalizers: finalizers.includes(FINALIZER) ? finalizers : [...finalizers, FINALIZER],
  };
  if (isIndexed(job) && template.spec)
    for (const container of [...(template.spec.initContainers ?? []), ...template.spec.containers])
      addIndexEnv(container);
  return template;
}

function addIndexEnv(container: Container): void {
  const env = container.env ?? [];
  if (env.some(({ name }) => name === INDEX_ENV)) return;
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`;
  container.env = [...env, { name: INDEX_ENV, valueFrom: { fieldRef: { fieldPath } } }];
}

export interface IndexFailures {
  readonly counted: number;
  readonly ignored: number;
}

/** In place: makes a pod that of an index. `failures` only where they are counted for each index. */
export function setIndex(pod: Pod, job: Job, index: number, failures?: IndexFailures): void {
  const { metadata } = pod;
  const text = String(index);
  metadata.annotations = {
    ...metadata.annotations,
    [COMPLETION_INDEX]: text,
    ...(failures && { [FAILURES]: String(failures.counted) }),
    ...(failures?.ignored && { [IGNORED_FAILURES]: String(failures.ignored) }),
  };
  metadata.labels = { ...metadata.labels, [COMPLETION_INDEX]: text };
  const name = job.metadata.name ?? '';
  if (pod.spec) pod.spec.hostname = `${name}-${text}`;
  metadata.generateName = `${name.slice(0, 58 - text.length - 2)}-${text}-`;
}
