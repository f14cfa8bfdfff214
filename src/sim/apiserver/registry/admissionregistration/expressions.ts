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
  declare(name: string, expression: string, scope: ExpressionScope): string | undefined;
  check(expression: string, use: ExpressionUse, scope: ExpressionScope): string | undefined;
}

/** Takes every expression. */
export const compileNothing = (): ExpressionCompiler => ({
  declare: () => undefined,
  check: () => undefined,
});

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
  return problem === undefined ? [] : [invalid(at, shown, problem)];
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
