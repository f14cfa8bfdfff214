import type { FieldError, FieldPath } from '../../../../api/field.ts';
import type { Schema } from './structural.ts';

/**
 * What the rules of a schema (x-kubernetes-validations) are judged with: its type, and how often they may run at most.
 * Models apiextensions/validation CELSchemaContext.
 */
export interface RuleContext {
  property(name: string, schema: Schema): RuleContext;
  items(schema: Schema): RuleContext;
  additional(schema: Schema): RuleContext;
  /** What is wrong with the rules of this schema. `lostAt`: oldSelf means nothing below that. */
  errors(path: FieldPath, lostAt: FieldPath | undefined): readonly FieldError[];
}
