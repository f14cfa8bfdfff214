import { compileNothing, type ExpressionCompiler } from './expressions.ts';

/** A compiler for the expressions of one policy or webhook. */
export const policyCompiler = (): ExpressionCompiler => compileNothing();
