import * as t from '../../../cel/types.ts';
import type { CelType } from '../../../cel/types.ts';
import {
  compileExpression,
  compileVariables,
  isError,
  policyEnvironment,
} from '../../admission/policies/environment.ts';
import type { ExpressionCompiler, ExpressionProblem, ExpressionUse } from './expressions.ts';

/** The types that an expression may have, by what it is for. */
const RETURNS: Readonly<Record<ExpressionUse, readonly CelType[]>> = {
  condition: [t.bool],
  message: [t.string],
  auditAnnotation: [t.string, t.nullType],
  applyConfiguration: [t.struct('Object')],
  jsonPatch: [t.list(t.struct('JSONPatch'))],
};

/** A compiler for the expressions of one policy or webhook. `hasVariables`: they may name `variables`. */
export function policyCompiler(hasVariables = false): ExpressionCompiler {
  const declared = new Map<string, CelType>();
  const variables = hasVariables ? { variables: declared } : {};
  return {
    declare(name, expression, scope) {
      const environment = policyEnvironment({ ...scope, ...variables });
      const compiled = compileExpression(expression, environment, []);
      const { types } = compileVariables([{ name, expression }], scope, declared);
      declared.set(name, types.get(name) ?? t.dyn);
      return problemOf(compiled);
    },
    check(expression, use, scope) {
      const hasPatchTypes = use === 'applyConfiguration' || use === 'jsonPatch';
      const environment = policyEnvironment({ ...scope, ...variables, hasPatchTypes });
      return problemOf(compileExpression(expression, environment, RETURNS[use]));
    },
  };
}

const problemOf = (
  compiled: ReturnType<typeof compileExpression>,
): ExpressionProblem | undefined =>
  isError(compiled) ? { text: compiled.error, isInternal: compiled.isInternal } : undefined;
