import { invalid, fieldForbidden, type FieldError, type FieldPath } from '../../../../api/field.ts';
import type { LabelSelector, LabelSelectorRequirement } from '../../../../api/types/metaV1.ts';
import { all, allInvalid, each, must, type Found, type Loose } from './checks.ts';
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
  const options = { allowInvalidValues };
  return all(
    validateLabels(selector.matchLabels, path.child('matchLabels')),
    each(selector.matchExpressions, path.child('matchExpressions'), (requirement, at) =>
      validateLabelRequirement(requirement, at, options),
    ),
  );
}

/** Models metav1/validation ValidateLabelSelectorRequirement. */
export function validateLabelRequirement(
  requirement: Loose<LabelSelectorRequirement>,
  at: FieldPath,
  options: { readonly allowInvalidValues?: boolean; readonly anyOperator?: boolean } = {},
): FieldError[] {
  const { key } = requirement;
  return all(
    validateOperator(requirement, at, options.anyOperator ?? false),
    validateLabelName(key ?? '', at.child('key')),
    !options.allowInvalidValues &&
      each(requirement.values, at.child('values'), (value, valueAt) =>
        allInvalid(valueAt, value, isLabelValue(value)),
      ),
  );
}

/** Which operators have values. `anyOperator`: also one that nobody here knows. */
export function validateOperator(
  { operator, values }: Pick<Loose<LabelSelectorRequirement>, 'operator' | 'values'>,
  at: FieldPath,
  anyOperator: boolean,
): Found {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return must(
        values,
        at.child('values'),
        "must be specified when `operator` is 'In' or 'NotIn'",
      );
    case 'Exists':
    case 'DoesNotExist':
      return (
        !!values?.length &&
        fieldForbidden(
          at.child('values'),
          "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        )
      );
    default:
      return (
        !anyOperator && invalid(at.child('operator'), operator, 'not a valid selector operator')
      );
  }
}
