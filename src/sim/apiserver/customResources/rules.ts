import {
  duplicate,
  errorBody,
  fieldForbidden,
  invalid,
  omitted,
  required,
  type FieldError,
  type FieldPath,
} from '../../../api/field.ts';
import type { JsonValue } from '../../../api/meta.ts';
import type { ValidationRule } from '../../../api/types/apiextensionsV1.ts';
import { namesIn } from '../../cel/ast.ts';
import { compile, REQUEST_BUDGET, type Compiled, type Program } from '../../cel/compile.ts';
import type { Environment } from '../../cel/environment.ts';
import { kubernetesFunctions } from '../../cel/kubernetes.ts';
import * as t from '../../cel/types.ts';
import { CelError, Optional, type CelValue } from '../../cel/values.ts';
import { findField } from '../registry/apiextensions/fieldPaths.ts';
import {
  additionalOf,
  itemsOf,
  propertiesOf,
  type Schema,
} from '../registry/apiextensions/structural.ts';
import { SchemaTypes, schemaValue, withTypeAndMeta } from './celSchema.ts';
import type { Correlation } from './correlation.ts';
import { canonical, keyOf } from './listTypes.ts';

// The rules of a schema (x-kubernetes-validations) over a value.
// Models apiextensions-apiserver pkg/apiserver/schema/cel/validation.go.

export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly compiled: Compiled;
  readonly message: Program | undefined;
  readonly usesOldSelf: boolean;
}

const known = new WeakMap<Schema, readonly CompiledRule[]>();

/** The rules that `holder` has about values of `schema`: itself, or one of its allOf. */
function compiledRules(holder: Schema, schema: Schema, isRoot: boolean): readonly CompiledRule[] {
  let rules = known.get(holder);
  if (!rules) {
    const own = holder['x-kubernetes-validations'] ?? [];
    const environments = own.length ? ruleEnvironments(schema, isRoot) : undefined;
    rules = environments ? own.map((rule) => compileRule(rule, environments)) : [];
    known.set(holder, rules);
  }
  return rules;
}

interface Environments {
  readonly plain: Environment;
  readonly optional: Environment;
}

/** What rules of a schema may name; undefined when it has no type that they could look at. */
export function ruleEnvironments(schema: Schema, isRoot: boolean): Environments | undefined {
  const structs = new SchemaTypes();
  const type = structs.typeOf(isRoot ? withTypeAndMeta(schema) : schema);
  if (!type) return undefined;
  const environment = (old: t.CelType): Environment => ({
    variables: new Map([
      ['self', type],
      ['oldSelf', old],
    ]),
    structs,
    functions: kubernetesFunctions,
  });
  return { plain: environment(type), optional: environment(t.optional(type)) };
}

export function compileRule(rule: ValidationRule, environments: Environments): CompiledRule {
  const environment = rule.optionalOldSelf ? environments.optional : environments.plain;
  const compiled = compile(rule.rule, environment);
  const message = rule.messageExpression ? compile(rule.messageExpression, environment) : undefined;
  return {
    rule,
    compiled,
    message: message?.ok ? message.program : undefined,
    usesOldSelf: compiled.ok && namesIn(compiled.program.expr).has('oldSelf'),
  };
}

const OUT_OF_BUDGET =
  'validation failed due to running out of cost budget, no further validation rules will be run';

/** Nothing more is judged: the budget is spent. */
class Stop extends Error {}

/** One walk over an object with its rules. */
export class RuleRun {
  readonly errors: FieldError[] = [];
  /** Errors of what has not changed. */
  readonly warnings: string[] = [];
  #budget = REQUEST_BUDGET;

  run(schema: Schema, path: FieldPath, correlation: Correlation, isRoot = true): void {
    try {
      this.#walk(schema, schema, isRoot, path, correlation.value, correlation.old, [correlation]);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    }
  }

  /** `lineage`: the value and what it is in, as far as their old values are known. */
  #walk(
    holder: Schema,
    schema: Schema,
    isRoot: boolean,
    path: FieldPath,
    value: JsonValue | undefined,
    old: JsonValue | undefined,
    lineage: readonly Correlation[],
  ): void {
    if (value === null || value === undefined) return;
    this.#judge(compiledRules(holder, schema, isRoot), schema, isRoot, path, value, old, lineage);
    for (const clause of holder.allOf ?? [])
      if (hasRules(clause)) this.#walk(clause, schema, isRoot, path, value, old, lineage.slice(1));
    if (typeof value !== 'object') return;
    const below = (correlation: Correlation | undefined): Correlation[] =>
      correlation ? [correlation, ...lineage] : [...lineage];
    const at = lineage[0];
    if (Array.isArray(value)) {
      const items = itemsOf(schema);
      const holderItems = itemsOf(holder);
      if (!items || !holderItems || !hasRules(holderItems)) return;
      value.forEach((item, index) => {
        const isEmbedded = items['x-kubernetes-embedded-resource'] === true;
        const itsOld = oldItem(schema, old, item);
        const itsLineage = below(at?.index(index));
        this.#walk(holderItems, items, isEmbedded, path.index(index), item, itsOld, itsLineage);
      });
      return;
    }
    const oldMap = old !== null && typeof old === 'object' && !Array.isArray(old) ? old : undefined;
    const visit = (key: string, of: Schema, own: Schema, itsPath: FieldPath): void => {
      const isEmbedded = of['x-kubernetes-embedded-resource'] === true;
      this.#walk(own, of, isEmbedded, itsPath, value[key], oldMap?.[key], below(at?.key(key)));
    };
    const additional = additionalOf(schema);
    const holderAdditional = additionalOf(holder);
    if (additional && holderAdditional && hasRules(holderAdditional))
      for (const key of Object.keys(value)) visit(key, additional, holderAdditional, path.key(key));
    for (const [key, own] of propertiesOf(holder)) {
      const property = schema.properties?.[key];
      if (property && value[key] !== undefined && hasRules(own))
        visit(key, property, own, path.child(key));
    }
  }

  #judge(
    rules: readonly CompiledRule[],
    schema: Schema,
    isRoot: boolean,
    path: FieldPath,
    value: JsonValue,
    old: JsonValue | undefined,
    lineage: readonly Correlation[],
  ): void {
    if (!rules.length) return;
    const type = schema.type ?? '';
    const wrong = (detail: string): void => {
      this.errors.push(invalid(path, type, detail));
    };
    if (this.#budget <= 0) {
      wrong(OUT_OF_BUDGET);
      throw new Stop();
    }
    const typed = isRoot ? withTypeAndMeta(schema) : schema;
    const self = schemaValue(value, typed);
    const hasOld = old !== null && old !== undefined;
    const oldSelf = hasOld ? schemaValue(old, typed) : null;
    const isSame = lineage.some((correlation) => correlation.isSame);
    for (const compiledRule of rules) {
      const { rule, compiled, usesOldSelf } = compiledRule;
      if (!rule.rule.trim()) continue;
      if (!compiled.ok) {
        wrong(
          `rule compile error: ${compiled.isInternal ? '' : 'compilation failed: '}${compiled.error}`,
        );
        continue;
      }
      const takesNone = rule.optionalOldSelf === true;
      if (usesOldSelf && !hasOld && !takesNone) continue;
      const names =
        (isOptional: boolean) =>
        (name: string): CelValue | undefined => {
          if (name === 'self') return self;
          if (name !== 'oldSelf') return undefined;
          return isOptional ? (hasOld ? new Optional(oldSelf) : Optional.none) : oldSelf;
        };
      const { value: result, cost } = compiled.program.evaluate(names(takesNone));
      if (cost > this.#budget) {
        wrong(OUT_OF_BUDGET);
        throw new Stop();
      }
      this.#budget -= cost;
      if (result instanceof CelError) {
        this.#fail(result.message, rule, wrong);
        continue;
      }
      if (result === true) continue;
      const at = rule.fieldPath ? path.child(fieldOf(rule.fieldPath, schema)) : path;
      const add = (error: FieldError): void => {
        if (!usesOldSelf && isSame) this.warnings.push(`${error.field}: ${errorBody(error)}`);
        else this.errors.push(error);
      };
      const message = this.#message(compiledRule, names(false));
      if ('fatal' in message) {
        add(invalid(at, type, message.fatal));
        throw new Stop();
      }
      const shown = type === 'object' || type === 'array' ? omitted : value;
      add(errorFor(at, shown, message.text ?? defaultMessage(rule), rule.reason));
    }
  }

  #fail(message: string, rule: ValidationRule, wrong: (detail: string) => void): void {
    const about = ruleText(rule);
    if (message.startsWith('no such overload'))
      wrong(
        `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${about}`,
      );
    else if (message.startsWith('operation cancelled: actual cost limit exceeded')) {
      wrong(
        `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${about}`,
      );
      throw new Stop();
    } else wrong(`${message} evaluating rule: ${about}`);
  }

  /** What the rule's own expression says; without a text when it says nothing that can be shown. */
  #message(
    { message, rule }: CompiledRule,
    names: (name: string) => CelValue | undefined,
  ): { readonly text?: string } | { readonly fatal: string } {
    if (!message) return {};
    const { value, cost } = message.evaluate(names);
    if (cost > this.#budget)
      return {
        fatal:
          'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run',
      };
    this.#budget -= cost;
    if (
      value instanceof CelError &&
      value.message.startsWith('operation cancelled: actual cost limit exceeded')
    )
      return {
        fatal: `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(rule.messageExpression)}`,
      };
    const text = typeof value === 'string' ? value.trim() : '';
    return !text || text.length > MAX_MESSAGE || text.includes('\n') ? {} : { text };
  }
}

const MAX_MESSAGE = 5 * 1024;

const ruleText = (rule: ValidationRule): string => (rule.message || rule.rule).trim();
const defaultMessage = (rule: ValidationRule): string =>
  rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`;

function fieldOf(fieldPath: string, schema: Schema): string {
  const found = findField(fieldPath, schema, true);
  return typeof found === 'string' ? fieldPath : found.path;
}

function errorFor(
  path: FieldPath,
  value: unknown,
  detail: string,
  reason: ValidationRule['reason'],
): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return fieldForbidden(path, detail);
    case 'FieldValueRequired':
      return required(path, detail);
    case 'FieldValueDuplicate':
      return duplicate(path, value);
    default:
      return invalid(path, value, detail);
  }
}

/** The element of the same keys, in lists with keys. */
function oldItem(
  schema: Schema,
  old: JsonValue | undefined,
  item: JsonValue,
): JsonValue | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return undefined;
  const key = canonical(keyOf(item, schema));
  return old.find((candidate) => canonical(keyOf(candidate, schema)) === key);
}

const withRules = new WeakMap<Schema, boolean>();

/** Whether a schema has rules, at any depth. */
export function hasRules(schema: Schema | undefined): boolean {
  if (!schema) return false;
  let has = withRules.get(schema);
  if (has === undefined) {
    has =
      (schema['x-kubernetes-validations'] ?? []).length > 0 ||
      hasRules(itemsOf(schema)) ||
      hasRules(additionalOf(schema)) ||
      propertiesOf(schema).some(([, property]) => hasRules(property)) ||
      (schema.allOf ?? []).some(hasRules);
    withRules.set(schema, has);
  }
  return has;
}
