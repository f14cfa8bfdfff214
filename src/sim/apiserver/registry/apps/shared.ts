import {
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
  FieldPath,
} from '../../../../api/field.ts';
import { labelSelectorMatches } from '../../../../api/selectors.ts';
import type { PodTemplateSpec } from '../../../../api/types/coreV1.ts';
import type { LabelSelector } from '../../../../api/types/metaV1.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { validatePodTemplate } from '../podSpec/podSpec.ts';

/** The selector of a workload and the labels that its pods get. */
export function validateSelector(
  selector: LabelSelector | null | undefined,
  what: string,
  path: FieldPath,
): FieldError[] {
  if (!selector) return [required(path)];
  const errors = validateLabelSelector(selector, path);
  if (isEmptySelector(selector))
    errors.push(invalid(path, selector, `empty selector is invalid for ${what}`));
  return errors;
}

const isEmptySelector = (selector: LabelSelector): boolean =>
  !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length;

/** Models ValidatePodTemplateSpecForReplicaSet and its kin: the template fits the selector, and its pods run for ever. */
export function validateTemplate(
  template: PodTemplateSpec | undefined,
  selector: LabelSelector | null | undefined,
  owner: string,
  path: FieldPath,
): FieldError[] {
  const given = template ?? ({ metadata: {}, spec: {} } as PodTemplateSpec);
  const errors: FieldError[] = [];
  const labels = given.metadata?.labels;
  if (!matches(selector, labels ?? {})) {
    errors.push(
      invalid(
        path.child('metadata', 'labels'),
        labels ?? null,
        '`selector` does not match template `labels`',
      ),
    );
  }
  errors.push(...validatePodTemplate(given, path));
  const policy = given.spec?.restartPolicy ?? '';
  if (policy !== 'Always')
    errors.push(notSupported(path.child('spec', 'restartPolicy'), policy, ['Always']));
  if (given.spec?.activeDeadlineSeconds !== undefined)
    errors.push(
      fieldForbidden(
        path.child('spec', 'activeDeadlineSeconds'),
        `activeDeadlineSeconds in ${owner} is not Supported`,
      ),
    );
  return errors;
}

/** No selector matches nothing; an empty one asks for nothing here (it is refused elsewhere). */
function matches(
  selector: LabelSelector | null | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (!selector) return false;
  return isEmptySelector(selector) || labelSelectorMatches(selector, labels);
}

/** Whether a selector can be used at all; its single errors are told elsewhere. */
export function isUsable(selector: LabelSelector): boolean {
  return !validateLabelSelector(selector, FieldPath.root).length;
}

/** A number or a percentage. Models ValidatePositiveIntOrPercent. */
export function positiveIntOrPercent(value: number | string, path: FieldPath): FieldError[] {
  if (typeof value === 'string')
    return /^[0-9]+%$/.test(value)
      ? []
      : [
          invalid(
            path,
            value,
            "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
          ),
        ];
  return value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : [];
}

export const notMoreThan100Percent = (value: number | string, path: FieldPath): FieldError[] =>
  typeof value === 'string' && /^[0-9]+%$/.test(value) && parseInt(value, 10) > 100
    ? [invalid(path, value, 'must not be greater than 100%')]
    : [];

export const isZero = (value: number | string | undefined): boolean =>
  value === 0 || (typeof value === 'string' && parseInt(value, 10) === 0);
