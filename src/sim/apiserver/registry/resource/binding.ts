import { asGiven } from '../../../../api/emptied.ts';
import { duplicate, invalid, type FieldError, type FieldPath } from '../../../../api/field.ts';
import { all, each, seenBefore } from '../shared/checks.ts';
import { validateLabelName } from '../shared/labels.ts';
import { limited } from './lists.ts';

const maxConditions = 4;

interface Binding {
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
}

/** Conditions that a device waits for, and those that say it will not come. Models validateDeviceBindingParameters. */
export function validateBinding(binding: Binding, path: FieldPath): FieldError[] {
  const { bindingConditions: wanted = [], bindingFailureConditions: failures = [] } = binding;
  const wantedAt = path.child('bindingConditions');
  const failuresAt = path.child('bindingFailureConditions');
  const [seenWanted, seenFailure] = [seenBefore(), seenBefore()];
  return all(
    limited(wanted, maxConditions, wantedAt, validateLabelName),
    limited(failures, maxConditions, failuresAt, validateLabelName),
    each(wanted, wantedAt, (one, at) => seenWanted(one) && duplicate(at, one)),
    each(failures, failuresAt, (one, at) => [
      seenFailure(one) && duplicate(at, one),
      wanted.includes(one) &&
        invalid(at, one, 'bindingFailureConditions must not overlap with bindingConditions'),
    ]),
    !wanted.length &&
      failures.length > 0 &&
      invalid(
        wantedAt,
        asGiven(binding, 'bindingConditions') ?? null,
        'bindingConditions are required to use bindingFailureConditions',
      ),
    !failures.length &&
      wanted.length > 0 &&
      invalid(
        failuresAt,
        asGiven(binding, 'bindingFailureConditions') ?? null,
        'bindingFailureConditions are required to use bindingConditions',
      ),
  );
}
