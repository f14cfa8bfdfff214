import type { MatchCondition } from '../../../../api/types/admissionregistrationV1.ts';
import { CelError } from '../../../cel/values.ts';
import type { CompiledExpression } from './environment.ts';
import { Evaluation, MATCH_CONDITIONS_BUDGET, OutOfBudget, type Inputs } from './evaluation.ts';

export interface CompiledCondition {
  readonly condition: MatchCondition;
  readonly compiled: CompiledExpression;
}

/** Whether all conditions hold; an error unless one is false or errors are to be ignored. Models matchconditions/matcher.go. */
export function conditionsHold(
  conditions: readonly CompiledCondition[],
  inputs: Inputs,
  failurePolicy: string | undefined,
): boolean | { readonly error: string } {
  const evaluation = new Evaluation({ ...inputs, namespace: undefined }, MATCH_CONDITIONS_BUDGET);
  const errors: string[] = [];
  try {
    for (const { condition, compiled } of conditions) {
      const value = evaluation.evaluate(compiled, condition.expression);
      if (value instanceof CelError) errors.push(value.message);
      if (value === false) return false;
    }
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    return failurePolicy === 'Ignore' ? false : { error: error.message };
  }
  if (!errors.length) return true;
  if (failurePolicy === 'Ignore') return false;
  const texts = [...new Set(errors)];
  return { error: texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]` };
}
