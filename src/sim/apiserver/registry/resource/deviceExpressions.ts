/** What is wrong with an expression over a device. */
export interface SelectorProblem {
  readonly error?: string;
  readonly isTooComplex?: boolean;
}

/** Models k8s.io/dynamic-resource-allocation/cel GetCompiler().CompileCELExpression. */
export const compileSelector = (expression: string): SelectorProblem => {
  void expression;
  return {};
};
