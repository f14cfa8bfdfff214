import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { clone, equal } from '../../../../api/meta.ts';
import { labelSelectorMatches } from '../../../../api/selectors.ts';
import type { Job, JobSpec } from '../../../../api/types/batchV1.ts';
import type { PodTemplateSpec } from '../../../../api/types/coreV1.ts';
import { isUsable, templateOptionsFor, validateMatch } from '../apps/shared.ts';
import type { PodOptions } from '../podSpec/options.ts';
import { dropDisabledTemplateFields } from '../podSpec/prepare.ts';
import { all, type Found } from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { isDns1123Label } from '../shared/names.ts';
import { nameWarnings } from '../shared/nameWarnings.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';
import { defaultJobTemplate, jobSpecWarnings, validateJobSpec } from './jobSpec.ts';
import { isTrue, validateJobStatus } from './jobStatus.ts';

const spec = FieldPath.of('spec');
const template = spec.child('template');
const uidLabels = ['controller-uid', 'batch.kubernetes.io/controller-uid'] as const;
const nameLabels = ['job-name', 'batch.kubernetes.io/job-name'] as const;

/** Models kubernetes/pkg/registry/batch/job and pkg/apis/batch/validation. */
export const jobStrategy: Strategy<Job> = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  hasGeneration: true,
  allowUnconditionalUpdate: true,
  metaOnUpdate: ['create', 'update'],
  default_(job) {
    const own = (job.spec ??= {} as JobSpec);
    defaultJobTemplate(own);
    if (own.completions === undefined && own.parallelism === undefined) own.completions = 1;
    own.parallelism ??= 1;
    own.backoffLimit ??= own.backoffLimitPerIndex === undefined ? 6 : 2147483647;
    own.completionMode ??= 'NonIndexed';
    own.suspend ??= false;
    own.podReplacementPolicy ??= own.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
    own.manualSelector ??= false;
    takeLabels(job);
  },
  prepareForCreate(job) {
    if (!job.spec?.manualSelector) generateSelector(job);
    job.status = {};
    job.metadata.generation = 1;
    dropDisabledTemplateFields(job.spec?.template);
  },
  validate: (job) => validateJob(job, templateOptionsFor(undefined), true),
  warningsOnCreate: ({ metadata, spec: own }) => [
    ...nameWarnings(metadata.name),
    ...(own ? jobSpecWarnings(own, spec) : []),
  ],
  // The server decodes what it stores, with defaults again, for its answer.
  canonicalize: takeLabels,
  prepareForUpdate(job, old) {
    if (old.status) job.status = old.status;
    dropDisabledTemplateFields(job.spec?.template, old.spec?.template);
    job.metadata.generation = (old.metadata.generation ?? 0) + (equal(job.spec, old.spec) ? 0 : 1);
  },
  validateUpdate(job, old) {
    const options = {
      ...templateOptionsFor(old.spec?.template),
      badSelectorValues: !isUsable(old.spec?.selector),
    };
    const labels = old.spec?.template.metadata?.labels;
    const isLabelled = [nameLabels[1], uidLabels[1]].every((name) => labels?.[name] !== undefined);
    return all(
      validateJob(job, options, isLabelled),
      validateSpecUpdate(job.spec ?? none, old, options),
    );
  },
  warningsOnUpdate: (job, old) =>
    job.metadata.generation === old.metadata.generation || !job.spec
      ? []
      : jobSpecWarnings(job.spec, spec),
  subresources: {
    status: {
      prepareForUpdate(job, old) {
        if (old.spec) job.spec = old.spec;
      },
      validateUpdate: validateJobStatus,
    },
  },
  selectableFields: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
};

const none = {} as JobSpec;

/** A job without labels has those of its pods: the very same map, so that it gets those that are generated, too. */
function takeLabels({ metadata, spec: own }: Job): void {
  const labels = own?.template.metadata?.labels;
  if (labels && !Object.keys(metadata.labels ?? {}).length) metadata.labels = labels;
}

function generateSelector({ metadata, spec: own = none }: Job): void {
  const { uid = '', name = '' } = metadata;
  const meta = (own.template.metadata ??= {});
  const labels = (meta.labels ??= {});
  for (const key of nameLabels) labels[key] ??= name;
  for (const key of uidLabels) labels[key] ??= uid;
  const selector = (own.selector ??= {});
  const labelsOfPods = Object.entries({ [uidLabels[1]]: uid, ...selector.matchLabels });
  selector.matchLabels = Object.fromEntries(labelsOfPods.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function validateJob(job: Job, options: PodOptions, isLabelled: boolean): FieldError[] {
  const { spec: own = none, metadata } = job;
  const { name = '' } = metadata;
  const lastPod = `${name}-${(own.completions ?? 0) - 1}`;
  return all(
    validateGeneratedSelector(job, isLabelled),
    validateWholeSpec(own, options),
    own.completionMode === 'Indexed' &&
      (own.completions ?? 0) > 0 &&
      isDns1123Label(lastPod).length &&
      invalid(
        FieldPath.of('metadata', 'name'),
        name,
        `will not able to create pod with invalid DNS label: ${lastPod}`,
      ),
  );
}

/** Models ValidateJobSpec: the spec and its selector. */
function validateWholeSpec(own: JobSpec, options: PodOptions): FieldError[] {
  const { selector } = own;
  return all(
    validateJobSpec(own, spec, options),
    selector
      ? validateLabelSelector(selector, spec.child('selector'), options.badSelectorValues)
      : required(spec.child('selector')),
    isUsable(selector) && validateMatch(selector, own.template, template),
  );
}

/** Pods carry the job's name and uid, in old labels and in new ones. */
function validateGeneratedSelector(
  { metadata, spec: own = none }: Job,
  isLabelled: boolean,
): Found {
  const { uid = '', name = '' } = metadata;
  const { selector } = own;
  if (own.manualSelector || !selector) return undefined;
  const labels = own.template.metadata?.labels ?? {};
  const at = template.child('metadata', 'labels');
  const has = (key: string, value: string): Found =>
    labels[key] === undefined
      ? required(at.key(key), `must be '${value}'`)
      : labels[key] !== value && invalid(at.key(key), labels, `must be '${value}'`);
  const which = isLabelled ? [0, 1] : [0];
  const expected = Object.fromEntries(
    which.flatMap((index) => [
      [uidLabels[index] ?? '', uid],
      [nameLabels[index] ?? '', name],
    ]),
  );
  return [
    which.map((index) => [has(uidLabels[index] ?? '', uid), has(nameLabels[index] ?? '', name)]),
    isUsable(selector) &&
      !labelSelectorMatches(selector, expected) &&
      invalid(spec.child('selector'), selector, '`selector` not auto-generated'),
  ];
}

const immutable = [
  ['completionMode', '*batch.CompletionMode'],
  ['podFailurePolicy', '*batch.PodFailurePolicy'],
  ['backoffLimitPerIndex', '*int32'],
  ['managedBy', '*string'],
  ['successPolicy', '*batch.SuccessPolicy'],
] as const;

/** Models ValidateJobSpecUpdate. */
function validateSpecUpdate(own: JobSpec, old: Job, options: PodOptions): FieldError[] {
  const before = old.spec ?? none;
  return all(
    validateWholeSpec(own, options),
    validateCompletions(own, before),
    validateImmutable(own.selector, before.selector, spec.child('selector')),
    validateTemplateUpdate(own.template, old),
    immutable.map(
      ([name, type]) =>
        !equal(own[name], before[name]) &&
        invalid(spec.child(name), internalForm(type, own[name]), 'field is immutable'),
    ),
  );
}

function validateCompletions(own: JobSpec, before: JobSpec): Found {
  const at = spec.child('completions');
  if (own.completionMode !== 'Indexed')
    return validateImmutable(own.completions, before.completions, at);
  return (
    own.completions !== undefined &&
    own.completions !== before.completions &&
    own.completions !== own.parallelism &&
    invalid(at, own.completions, 'can only be modified in tandem with spec.parallelism')
  );
}

/** The pods of a suspended job can still be told where to run and what to take. */
function validateTemplateUpdate(now: PodTemplateSpec, { spec: before = none, status }: Job): Found {
  const isSuspended = before.suspend === true;
  const hasCondition = isTrue(status?.conditions, 'Suspended');
  const isMutable =
    isSuspended && (status?.startTime === undefined || hasCondition) && !status?.active;
  const allowed = clone(before.template);
  if (isMutable) allowScheduling(allowed, now);
  if (!isSuspended || !isMutable) {
    return (
      !equal(now, allowed) &&
      invalid(template, internalForm('core.PodTemplateSpec', now), 'field is immutable')
    );
  }
  for (const list of ['containers', 'initContainers'] as const) {
    const theirs = now.spec?.[list] ?? [];
    const ours = allowed.spec?.[list] ?? [];
    if (theirs.length === ours.length)
      ours.forEach((container, index) => {
        const other = theirs[index];
        if (other?.name !== container.name) return;
        if (other.resources === undefined) delete container.resources;
        else container.resources = other.resources;
      });
  }
  return (
    !equal(now.spec, allowed.spec) &&
    invalid(
      spec.child('template.spec'),
      internalForm('core.PodSpec', now.spec),
      'field is immutable',
    )
  );
}

function allowScheduling(allowed: PodTemplateSpec, now: PodTemplateSpec): void {
  const meta = (allowed.metadata ??= {});
  for (const key of ['annotations', 'labels'] as const) {
    const value = now.metadata?.[key];
    if (value === undefined) delete meta[key];
    else meta[key] = value;
  }
  const ours = allowed.spec;
  const theirs = now.spec;
  if (!ours || !theirs) return;
  for (const key of ['nodeSelector', 'tolerations', 'schedulingGates'] as const) {
    if (theirs[key] === undefined) delete ours[key];
    else ours[key] = theirs[key] as never;
  }
  const node = theirs.affinity?.nodeAffinity;
  if (theirs.affinity && !ours.affinity) ours.affinity = {};
  if (!ours.affinity) return;
  if (node) ours.affinity.nodeAffinity = node;
  else delete ours.affinity.nodeAffinity;
  if (!theirs.affinity && !Object.keys(ours.affinity).length) delete ours.affinity;
}
