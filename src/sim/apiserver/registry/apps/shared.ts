import { asGiven } from '../../../../api/emptied.ts';
import {
  fieldForbidden,
  invalid,
  notSupported,
  required,
  FieldPath,
  type FieldError,
} from '../../../../api/field.ts';
import { labelSelectorMatches } from '../../../../api/selectors.ts';
import type { PodSpec, PodTemplateSpec } from '../../../../api/types/coreV1.ts';
import type { LabelSelector } from '../../../../api/types/metaV1.ts';
import { defaultPodSpec, dropOldAnnotations } from '../podSpec/defaults.ts';
import { optionsFor, type PodOptions } from '../podSpec/options.ts';
import { validatePodTemplate } from '../podSpec/podSpec.ts';
import { all, allInvalid, atLeastZero, type Found } from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { isPercent } from '../shared/names.ts';

// What workloads have in common: a template of pods and a selector that fits it.

/** Pods of a template get their own defaults. */
export function defaultTemplate(owner: { template?: PodTemplateSpec }): void {
  const template = (owner.template ??= {} as PodTemplateSpec);
  dropOldAnnotations((template.metadata ??= {}));
  template.spec ??= { containers: null } as unknown as PodSpec;
  defaultPodSpec(template.spec);
}

export const templateOptionsFor = (old: PodTemplateSpec | undefined): PodOptions =>
  optionsFor(false, old?.spec, old?.metadata);

type Selector = LabelSelector | null | undefined;

const isEmptySelector = (selector: LabelSelector): boolean =>
  !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length;

/** `what`: whose selector may not be empty. */
export const validateSelector = (
  selector: Selector,
  what: string,
  path: FieldPath,
): FieldError[] =>
  selector
    ? all(validateLabelSelector(selector, path), validateNotEmpty(selector, what, path))
    : [required(path)];

export const validateNotEmpty = (selector: Selector, what: string, path: FieldPath): Found =>
  selector &&
  isEmptySelector(selector) &&
  invalid(path, selector, `empty selector is invalid for ${what}`);

/** Whether a selector can be used at all; its single errors are told elsewhere. */
export const isUsable = (selector: Selector): boolean =>
  !validateLabelSelector(selector, FieldPath.root).length;

/** No selector matches nothing; an empty one everything. */
export function validateMatch(
  selector: Selector,
  template: PodTemplateSpec | undefined,
  path: FieldPath,
): Found {
  const labels = template?.metadata?.labels;
  const isMatch =
    selector && (isEmptySelector(selector) || labelSelectorMatches(selector, labels ?? {}));
  return (
    !isMatch &&
    invalid(
      path.child('metadata', 'labels'),
      asGiven(template?.metadata, 'labels'),
      '`selector` does not match template `labels`',
    )
  );
}

/** The pods of a workload run for ever. `owner` says who does not take a deadline. */
export function validateEndless(
  template: PodTemplateSpec | undefined,
  owner: string,
  path: FieldPath,
): Found {
  const { restartPolicy = '', activeDeadlineSeconds } = template?.spec ?? ({} as Partial<PodSpec>);
  return [
    restartPolicy !== 'Always' &&
      notSupported(path.child('spec', 'restartPolicy'), restartPolicy, ['Always']),
    activeDeadlineSeconds !== undefined &&
      fieldForbidden(
        path.child('spec', 'activeDeadlineSeconds'),
        `activeDeadlineSeconds in ${owner} is not Supported`,
      ),
  ];
}

/** Models ValidatePodTemplateSpecForReplicaSet. */
export const validateTemplate = (
  template: PodTemplateSpec | undefined,
  selector: Selector,
  owner: string,
  path: FieldPath,
  options: PodOptions,
): FieldError[] =>
  all(
    validateMatch(selector, template, path),
    validatePodTemplate(template ?? {}, path, options),
    validateEndless(template, owner, path),
  );

type IntOrPercent = number | string | undefined;

/** A number or a percentage. Models ValidatePositiveIntOrPercent. */
export const positiveIntOrPercent = (value: IntOrPercent, path: FieldPath): Found =>
  typeof value === 'string' ? allInvalid(path, value, isPercent(value)) : atLeastZero(value, path);

export const notMoreThan100Percent = (value: IntOrPercent, path: FieldPath): Found =>
  typeof value === 'string' &&
  !isPercent(value).length &&
  parseInt(value, 10) > 100 &&
  invalid(path, value, 'must not be greater than 100%');

/** What is no percentage and no number counts as 0. */
export const isZero = (value: IntOrPercent): boolean =>
  typeof value === 'string' ? !/^[-+]?\d+%?$/.test(value) || parseInt(value, 10) === 0 : !value;

/** Counts of a status are not negative. */
export const validateCounts = (
  status: object | undefined,
  names: readonly string[],
  path: FieldPath,
): FieldError[] =>
  all(
    names.map((name) =>
      atLeastZero(
        ((status ?? {}) as Readonly<Record<string, number | undefined>>)[name],
        path.child(name),
      ),
    ),
  );

/** Some counts are parts of another one. */
export const validateParts = (
  status: object | undefined,
  parts: readonly (readonly [part: string, whole: string, shown?: string])[],
  path: FieldPath,
): FieldError[] =>
  all(
    parts.map(([part, whole, shown]) => {
      const counts = (status ?? {}) as Readonly<Record<string, number | undefined>>;
      const count = counts[part] ?? 0;
      return (
        count > (counts[whole] ?? 0) &&
        invalid(path.child(part), count, `cannot be greater than ${shown ?? `status.${whole}`}`)
      );
    }),
  );

export const notDecremented = (
  now: number | undefined,
  before: number | undefined,
  path: FieldPath,
): Found =>
  before !== undefined && (now ?? -1) < before && invalid(path, now ?? 0, 'cannot be decremented');
