import { issuesText, type Issue } from './ast.ts';
import { check } from './checker.ts';
import type { Environment } from './environment.ts';
import { CostExceeded, plan, PlanError, Run, type Variables } from './interpreter.ts';
import { literalIssues } from './literalChecks.ts';
import { parse } from './parser.ts';
import type { CelType } from './types.ts';
import { CelError, type CelValue } from './values.ts';
import type { Expr } from './ast.ts';
import type { Checked } from './checker.ts';

/** How much one expression may cost. Models apiserver/pkg/apis/cel PerCallLimit. */
export const PER_CALL_LIMIT = 1_000_000;
/** How much all expressions of a request may cost together. Models RuntimeCELCostBudget. */
export const REQUEST_BUDGET = 10_000_000;

export interface Evaluated {
  /** An error is a CelError. */
  readonly value: CelValue;
  readonly cost: number;
}

export interface Program {
  readonly source: string;
  /** The type of what it evaluates to. */
  readonly type: CelType;
  readonly expr: Expr;
  readonly checked: Checked;
  evaluate(variables: Variables, limit?: number): Evaluated;
}

export type Compiled =
  | { readonly ok: true; readonly program: Program }
  | {
      readonly ok: false;
      readonly error: string;
      /** It was read and checked, but a literal in it cannot be what it is to be. */
      readonly isInternal?: true;
      /** Its type, when it was checked. */
      readonly type?: CelType;
    };

/** Parses and checks an expression; the error is cel-go's text: `ERROR: <input>:1:3: … | line | ..^`. */
export function compile(source: string, environment: Environment): Compiled {
  const { expr, issues } = parse(source);
  if (issues.length) return { ok: false, error: issuesText(source, issues) };
  const checked = check(expr, environment);
  const found: readonly Issue[] = checked.issues.length
    ? checked.issues
    : literalIssues(expr, checked);
  if (found.length) return { ok: false, error: issuesText(source, found) };
  let step: ReturnType<typeof plan>;
  try {
    step = plan(expr, checked, environment);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return {
      ok: false,
      error: `program instantiation failed: ${error.message}`,
      isInternal: true,
      type: checked.type,
    };
  }
  return {
    ok: true,
    program: {
      source,
      type: checked.type,
      expr,
      checked,
      evaluate(variables, limit = PER_CALL_LIMIT) {
        const run = new Run(variables, limit);
        try {
          return { value: step(run), cost: run.cost };
        } catch (error) {
          if (!(error instanceof CostExceeded)) throw error;
          return { value: new CelError(error.message), cost: run.cost };
        }
      },
    },
  };
}
