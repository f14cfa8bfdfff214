import {
  invalid,
  required,
  fieldForbidden,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type { LabelSelector } from '../../../../api/types/metaV1.ts';
import type { Loose } from './checks.ts';
import { isLabelValue, isQualifiedName } from './names.ts';

type Labels = Readonly<Record<string, string>>;

/** Models metav1/validation ValidateLabels. */
export function validateLabels(labels: Labels | undefined | null, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    errors.push(...validateLabelName(key, path));
    for (const message of isLabelValue(value)) errors.push(invalid(path, value, message));
  }
  return errors;
}

export const validateLabelName = (name: string, path: FieldPath): FieldError[] =>
  isQualifiedName(name).map((message) => invalid(path, name, message));

/** Models metav1/validation ValidateLabelSelector. */
export function validateLabelSelector(
  selector: Loose<LabelSelector> | undefined | null,
  path: FieldPath,
  allowInvalidValues = false,
): FieldError[] {
  if (!selector) return [];
  const errors = validateLabels(selector.matchLabels, path.child('matchLabels'));
  (selector.matchExpressions ?? []).forEach((expression, index) => {
    const at = path.child('matchExpressions').index(index);
    const values = expression.values ?? [];
    if (expression.operator === 'In' || expression.operator === 'NotIn') {
      if (!values.length)
        errors.push(
          required(at.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"),
        );
    } else if (expression.operator === 'Exists' || expression.operator === 'DoesNotExist') {
      if (values.length)
        errors.push(
          fieldForbidden(
            at.child('values'),
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
        );
    } else
      errors.push(
        invalid(at.child('operator'), expression.operator, 'not a valid selector operator'),
      );
    errors.push(...validateLabelName(expression.key ?? '', at.child('key')));
    if (!allowInvalidValues)
      values.forEach((value, at2) =>
        errors.push(
          ...isLabelValue(value).map((message) =>
            invalid(at.child('values').index(at2), value, message),
          ),
        ),
      );
  });
  return errors;
}
