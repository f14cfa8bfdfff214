import {
  duplicate,
  goQuote,
  invalid,
  notSupported,
  omitted,
  required,
  tooLong,
  tooMany,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from '../../../../api/types/batchV1.ts';
import type { PodTemplateSpec } from '../../../../api/types/coreV1.ts';
import { defaultTemplate } from '../apps/shared.ts';
import type { PodOptions } from '../podSpec/options.ts';
import { validatePodTemplate } from '../podSpec/podSpec.ts';
import { templateWarnings } from '../podSpec/warnings.ts';
import {
  all,
  allInvalid,
  atLeastZero,
  each,
  must,
  oneOf,
  seenBefore,
  type Found,
  type Loose,
} from '../shared/checks.ts';
import { isQualifiedName, utf8Length, validateDomainPrefixedPath } from '../shared/names.ts';
import { readIndexes } from './indexes.ts';

// The spec of a Job and of the template in a CronJob. Models kubernetes/pkg/apis/batch/validation validateJobSpec.

/** What both get when they leave it out. */
export function defaultJobTemplate(own: JobSpec): void {
  defaultTemplate(own);
  for (const rule of own.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
}

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;
const manyCompletions = 100_000;

export function validateJobSpec(own: JobSpec, path: FieldPath, options: PodOptions): FieldError[] {
  const at = (name: keyof JobSpec): FieldPath => path.child(name);
  const { completionMode: mode, managedBy, podFailurePolicy, successPolicy } = own;
  const isIndexed = mode === 'Indexed';
  return all(
    counts.map((name) => atLeastZero(own[name], at(name))),
    own.maxFailedIndexes !== undefined &&
      own.backoffLimitPerIndex === undefined &&
      required(at('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'),
    managedBy !== undefined && [
      validateDomainPrefixedPath(managedBy, at('managedBy')),
      utf8Length(managedBy) > 63 && tooLong(at('managedBy'), 63),
    ],
    mode !== undefined && oneOf(mode, ['NonIndexed', 'Indexed'], at('completionMode')),
    isIndexed && validateIndexed(own, path),
    (mode === undefined || mode === 'NonIndexed') &&
      (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).map(
        (name) =>
          own[name] !== undefined &&
          invalid(at(name), own[name], 'requires indexed completion mode'),
      ),
    podFailurePolicy && validateFailurePolicy(own, path.child('podFailurePolicy', 'rules')),
    successPolicy &&
      (isIndexed
        ? validateSuccessPolicy(own, path.child('successPolicy', 'rules'))
        : invalid(
            at('successPolicy'),
            internalForm('batch.SuccessPolicy', successPolicy),
            'requires indexed completion mode',
          )),
    own.podReplacementPolicy !== undefined &&
      oneOf(
        own.podReplacementPolicy,
        podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'],
        at('podReplacementPolicy'),
      ),
    validatePodTemplate(own.template, at('template'), options),
    validateRestartPolicy(own, path.child('template', 'spec', 'restartPolicy')),
  );
}

function validateIndexed(own: JobSpec, path: FieldPath): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes: failed } = own;
  const atFailed = path.child('maxFailedIndexes');
  const atParallel = path.child('parallelism');
  const limited = `when completions are above ${manyCompletions} and used with backoff limit per index`;
  return all(
    completions === undefined &&
      required(path.child('completions'), 'when completion mode is Indexed'),
    parallelism > 100_000 &&
      invalid(
        atParallel,
        parallelism,
        'must be less than or equal to 100000 when completion mode is Indexed',
      ),
    completions !== undefined &&
      (failed ?? 0) > completions &&
      invalid(atFailed, failed, 'must be less than or equal to completions'),
    (failed ?? 0) > 100_000 && invalid(atFailed, failed, 'must be less than or equal to 100000'),
    (completions ?? 0) > manyCompletions &&
      own.backoffLimitPerIndex !== undefined && [
        failed === undefined &&
          required(atFailed, `must be specified when completions is above ${manyCompletions}`),
        parallelism > 10_000 &&
          invalid(atParallel, parallelism, `must be less than or equal to 10000 ${limited}`),
        (failed ?? 0) > 10_000 &&
          invalid(atFailed, failed, `must be less than or equal to 10000 ${limited}`),
      ],
  );
}

function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, path: FieldPath): Found {
  const policy: string = (template as PodTemplateSpec | undefined)?.spec?.restartPolicy ?? '';
  if (policy === 'Always' || policy === '')
    return required(path, 'valid values: "OnFailure", "Never"');
  if (policy !== 'OnFailure' && policy !== 'Never')
    return notSupported(path, policy, ['OnFailure', 'Never']);
  return (
    podFailurePolicy &&
    policy !== 'Never' &&
    invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')
  );
}

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

/** `valid values: ["In" "NotIn"]`, as Go prints a list of quoted texts. */
const validValues = (values: readonly string[]): string =>
  `valid values: [${values.map(goQuote).join(' ')}]`;
const mustBeListed = (
  value: string | null | undefined,
  values: readonly string[],
  path: FieldPath,
): Found => (value ? oneOf(value, values, path) : required(path, validValues(values)));

function validateFailurePolicy(own: JobSpec, path: FieldPath): FieldError[] {
  const rules = own.podFailurePolicy?.rules as readonly PodFailurePolicyRule[] | null | undefined;
  const spec = own.template.spec;
  const names = new Set(
    [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map(({ name }) => name),
  );
  return all(
    (rules?.length ?? 0) > 20 && tooMany(path, rules?.length ?? 0, 20),
    each(rules, path, (rule, at) => validateFailureRule(rule, own, names, at)),
  );
}

function validateFailureRule(
  rule: Loose<PodFailurePolicyRule>,
  own: JobSpec,
  names: ReadonlySet<string>,
  path: FieldPath,
): Found {
  const { action, onExitCodes, onPodConditions } = rule;
  const at = path.child('action');
  const count = onPodConditions?.length ?? 0;
  const atConditions = path.child('onPodConditions');
  return [
    action === 'FailIndex'
      ? own.backoffLimitPerIndex === undefined &&
        invalid(at, action, 'requires the backoffLimitPerIndex to be set')
      : mustBeListed(action, actions, at),
    onExitCodes && validateExitCodes(onExitCodes, names, path.child('onExitCodes')),
    count > 20 && tooMany(atConditions, count, 20),
    each(onPodConditions, atConditions, ({ type, status }, place) => [
      allInvalid(place.child('type'), type ?? '', isQualifiedName(type ?? '')),
      mustBeListed(status, ['False', 'True', 'Unknown'], place.child('status')),
    ]),
    onExitCodes &&
      count > 0 &&
      invalid(path, omitted, 'specifying both OnExitCodes and OnPodConditions is not supported'),
    !onExitCodes &&
      !count &&
      invalid(path, omitted, 'specifying one of OnExitCodes and OnPodConditions is required'),
  ];
}

function validateExitCodes(
  { operator, containerName, values }: Loose<PodFailurePolicyOnExitCodesRequirement>,
  names: ReadonlySet<string>,
  path: FieldPath,
): Found {
  const at = path.child('values');
  const seen = seenBefore();
  const isOrdered = values?.every(
    (value, index) => index === 0 || (values[index - 1] ?? 0) <= value,
  );
  return [
    mustBeListed(operator, ['In', 'NotIn'], path.child('operator')),
    typeof containerName === 'string' &&
      !names.has(containerName) &&
      invalid(
        path.child('containerName'),
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    !values?.length
      ? invalid(at, values ?? null, 'at least one value is required')
      : values.length > 255 && tooMany(at, values.length, 255),
    each(values, at, (value, place) => [
      operator === 'In' &&
        value === 0 &&
        invalid(place, value, 'must not be 0 for the In operator'),
      seen(String(value)) && duplicate(place, value),
    ]),
    isOrdered === false && invalid(at, values, 'must be ordered'),
  ];
}

function validateSuccessPolicy(own: JobSpec, path: FieldPath): FieldError[] {
  const rules = own.successPolicy?.rules as readonly SuccessPolicyRule[] | null | undefined;
  return all(
    must(rules, path, 'at least one rules must be specified when the successPolicy is specified'),
    (rules?.length ?? 0) > 20 && tooMany(path, rules?.length ?? 0, 20),
    each(rules, path, (rule, at) => validateSuccessRule(rule, own.completions ?? 0, at)),
  );
}

function validateSuccessRule(
  { succeededCount: count, succeededIndexes: indexes }: SuccessPolicyRule,
  completions: number,
  path: FieldPath,
): Found {
  const at = path.child('succeededCount');
  const atIndexes = path.child('succeededIndexes');
  const read = indexes === undefined ? undefined : readIndexes(indexes, completions);
  const total = read?.total ?? 0;
  return [
    count === undefined &&
      indexes === undefined &&
      required(path, 'at least one of succeededCount or succeededIndexes must be specified'),
    utf8Length(indexes ?? '') > 65536 && tooLong(atIndexes, 65536),
    read?.problem !== undefined &&
      invalid(atIndexes, indexes, `error parsing succeededIndexes: ${read.problem}`),
    count !== undefined && [
      atLeastZero(count, at),
      count > completions &&
        invalid(
          at,
          count,
          `must be less than or equal to ${completions} (the number of specified completions)`,
        ),
      indexes !== undefined &&
        count > total &&
        invalid(
          at,
          count,
          `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`,
        ),
    ],
  ];
}

/** Models kubernetes/pkg/api/job WarningsForJobSpec. */
export function jobSpecWarnings(own: JobSpec, path: FieldPath): string[] {
  const { completionMode, completions = 0, parallelism = 0 } = own;
  const isHuge =
    completionMode === 'Indexed' && completions > manyCompletions && parallelism > 10_000;
  return [
    ...(isHuge
      ? [
          `${path.toString()}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
        ]
      : []),
    ...templateWarnings(own.template, path.child('template')),
  ];
}
