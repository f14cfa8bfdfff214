import {
  duplicate,
  invalid,
  required,
  tooMany,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type { MatchCondition, Variable } from '../../../../api/types/admissionregistrationV1.ts';
import { all, allInvalid, each, seenBefore, type Loose } from '../shared/checks.ts';
import { isQualifiedName } from '../shared/names.ts';
import {
  trimSpace,
  validateNeededExpression,
  problemError,
  type ExpressionCompiler,
  type ExpressionScope,
} from './expressions.ts';

const maxConditions = 64;

/** Models admissionregistration/validation validateMatchConditions. They know no variables. */
export function validateMatchConditions(
  conditions: readonly Loose<MatchCondition>[] | null | undefined,
  compiler: ExpressionCompiler,
  hasParams: boolean,
  path: FieldPath,
): FieldError[] {
  const seen = seenBefore();
  const count = conditions?.length ?? 0;
  const scope = { hasParams, hasAuthorizer: true };
  return all(
    count > maxConditions && tooMany(path, count, maxConditions),
    each(conditions, path, ({ name, expression }, at) => [
      validateNeededExpression(compiler, expression, 'condition', scope, at.child('expression')),
      name ? allInvalid(at.child('name'), name, isQualifiedName(name)) : required(at.child('name')),
      name && seen(name) && duplicate(at.child('name'), name),
    ]),
  );
}

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const isIdentifier = (name: string): boolean =>
  /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !reserved.has(name);

/** Models validateVariable: each knows those before it. */
export function validateVariables(
  variables: readonly Loose<Variable>[] | null | undefined,
  compiler: ExpressionCompiler,
  scope: ExpressionScope,
  path: FieldPath,
): FieldError[] {
  return each(variables, path, ({ name, expression }, at) => {
    const nameAt = at.child('name');
    const expressionAt = at.child('expression');
    const problem = trimSpace(expression)
      ? compiler.declare(name ?? '', expression ?? '', scope)
      : undefined;
    return [
      !trimSpace(name)
        ? required(nameAt, 'name is not specified')
        : !isIdentifier(name ?? '') && invalid(nameAt, name, 'must be a valid CEL identifier'),
      !trimSpace(expression) && required(expressionAt, 'expression is not specified'),
      problem !== undefined && problemError(problem, expressionAt, expression),
    ];
  });
}
