import {
  duplicate,
  invalid,
  required,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type { Condition } from '../../../../api/types/metaV1.ts';
import { all, allInvalid, each, oneOf, seenBefore, type Loose } from './checks.ts';
import { validateLabelName } from './labels.ts';
import { regexError, utf8Length } from './names.ts';

const reasonPattern = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const isReason = (reason: string): string[] =>
  new RegExp(`^${reasonPattern}$`).test(reason)
    ? []
    : [
        regexError(
          "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
          reasonPattern,
          'my_name',
          'MY_NAME',
          'MyName',
          'ReasonA,ReasonB',
          'ReasonA:ReasonB',
        ),
      ];

/** Models metav1/validation ValidateConditions. */
export function validateConditions(
  conditions: readonly Loose<Condition>[] | null | undefined,
  path: FieldPath,
): FieldError[] {
  const seen = seenBefore();
  return each(conditions, path, (condition, at) => {
    const { type = '', observedGeneration = 0, reason, message } = condition;
    return all(
      seen(type ?? '') && duplicate(at.child('type'), type ?? ''),
      validateLabelName(type ?? '', at.child('type')),
      oneOf(condition.status, ['False', 'True', 'Unknown'], at.child('status')),
      (observedGeneration ?? 0) < 0 &&
        invalid(
          at.child('observedGeneration'),
          observedGeneration,
          'must be greater than or equal to zero',
        ),
      !condition.lastTransitionTime && required(at.child('lastTransitionTime')),
      reason
        ? allInvalid(at.child('reason'), reason, isReason(reason))
        : required(at.child('reason')),
      utf8Length(reason ?? '') > 1024 && tooLong(at.child('reason'), 1024),
      utf8Length(message ?? '') > 32768 && tooLong(at.child('message'), 32768),
    );
  });
}
