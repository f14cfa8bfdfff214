import { invalid, required, type FieldError, type FieldPath } from '../../../../api/field.ts';

/** What an expression is for: it decides which type it must have. */
export type ExpressionUse =
  'condition' | 'message' | 'auditAnnotation' | 'applyConfiguration' | 'jsonPatch';

/** What an expression may name beside object, oldObject, request and namespaceObject. */
export interface ExpressionScope {
  readonly hasParams: boolean;
  readonly hasAuthorizer: boolean;
}

/**
 * Compiles the expressions of one policy; knows its variables from `declare` on. Both give what is wrong, in the words of
 * the compiler. Models k8s.io/apiserver/pkg/admission/plugin/cel CompositedCompiler.
 */
export interface ExpressionCompiler {
  declare(name: string, expression: string, scope: ExpressionScope): ExpressionProblem | undefined;
  check(
    expression: string,
    use: ExpressionUse,
    scope: ExpressionScope,
  ): ExpressionProblem | undefined;
}

/** What is wrong with an expression; `isInternal`: it is told as an internal error. */
export interface ExpressionProblem {
  readonly text: string;
  readonly isInternal: boolean;
}

export const problemError = (
  { text, isInternal }: ExpressionProblem,
  at: FieldPath,
  shown: unknown,
): FieldError =>
  isInternal
    ? { type: 'InternalError', field: at.toString(), detail: text }
    : invalid(at, shown, text);

/** `shown` is what the error prints. */
export function validateExpression(
  compiler: ExpressionCompiler,
  expression: string,
  use: ExpressionUse,
  scope: ExpressionScope,
  at: FieldPath,
  shown = expression,
): FieldError[] {
  const problem = compiler.check(expression, use, scope);
  return problem === undefined ? [] : [problemError(problem, at, shown)];
}

/** Of expressions that must be there. */
export const validateNeededExpression = (
  compiler: ExpressionCompiler,
  expression: string | null | undefined,
  use: ExpressionUse,
  scope: ExpressionScope,
  at: FieldPath,
): FieldError[] => {
  const trimmed = trimSpace(expression);
  return trimmed ? validateExpression(compiler, trimmed, use, scope, at) : [required(at)];
};

export const trimSpace = (text: string | null | undefined): string => (text ?? '').trim();
