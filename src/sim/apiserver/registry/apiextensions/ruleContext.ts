import { fieldForbidden, invalid, type FieldError, type FieldPath } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type { ValidationRule } from '../../../../api/types/apiextensionsV1.ts';
import { namesIn } from '../../../cel/ast.ts';
import { compile, type Program } from '../../../cel/compile.ts';
import { estimateCost } from '../../../cel/costEstimate.ts';
import type { Environment } from '../../../cel/environment.ts';
import { kubernetesFunctions } from '../../../cel/kubernetes.ts';
import * as t from '../../../cel/types.ts';
import { SchemaTypes, withTypeAndMeta } from '../../customResources/celSchema.ts';
import { all, each, type Found } from '../shared/checks.ts';
import { elementsAt, isEither, isExposed, MAX_REQUEST, minSize, rooted } from './ruleSizes.ts';
import type { Schema } from './structural.ts';

/** What one rule may cost, as often as it may run. Models StaticEstimatedCostLimit. */
const MAX_RULE_COST = 10_000_000;
/** What all rules of a schema may cost. Models StaticEstimatedCRDCostLimit. */
const MAX_SCHEMA_COST = 100_000_000;
const MAX_NAMED = 4;

/** What all rules of a schema may cost at most. */
export class RuleCosts {
  #total = 0;
  readonly #rules: { readonly path: FieldPath; readonly cost: number }[] = [];

  observe(path: FieldPath, cost: number): void {
    this.#total += cost;
    if (cost >= MAX_SCHEMA_COST / 100) this.#rules.push({ path, cost });
  }

  /** Names the rules that cost most. */
  errors(at: FieldPath): FieldError[] {
    if (this.#total <= MAX_SCHEMA_COST) return [];
    const rules = this.#rules.toSorted((a, b) => b.cost - a.cost).slice(0, MAX_NAMED);
    const share =
      'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...rules.map(({ path }) => fieldForbidden(path, share)),
      fieldForbidden(at, costText(what, this.#total, MAX_SCHEMA_COST)),
    ];
  }
}

function costText(what: string, cost: number, limit: number): string {
  const times = cost / limit;
  const factor =
    times > 100 ? 'more than 100x' : times < 1.5 ? `${times.toFixed(6)}x` : `${times.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${factor} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** Of a place in a schema. */
interface Place {
  /** What expressions see there. */
  readonly schema: Schema;
  /** How often there is a value at most; undefined when the schema does not say. */
  readonly count: number | undefined;
  readonly isWithinRules: boolean;
  /** Expressions cannot look at it, or at what it is in. */
  readonly isUnseen: boolean;
  /** It is in something that is an integer or a string, and has a type of its own nevertheless. */
  readonly isTypeless: boolean;
}

/**
 * What the rules of a schema (x-kubernetes-validations) are judged with: its type, and how often they may run at most.
 * Models apiextensions/validation CELSchemaContext.
 */
export class RuleContext {
  readonly costs: RuleCosts;
  readonly #place: Place;
  /** What was there before may stay as costly as it was. */
  readonly #isUnchanged: boolean;

  private constructor(place: Place, costs: RuleCosts, isUnchanged: boolean) {
    this.#place = place;
    this.costs = costs;
    this.#isUnchanged = isUnchanged;
  }

  static root(schema: Schema, isUnchanged: boolean): RuleContext {
    const seen = withTypeAndMeta(schema);
    const isWithinRules = hasRules(schema);
    const place = {
      schema: seen,
      count: 1,
      isWithinRules,
      isUnseen: !isExposed(seen),
      isTypeless: false,
    };
    return new RuleContext(place, new RuleCosts(), isUnchanged);
  }

  property(name: string, schema: Schema): RuleContext {
    const { isWithinRules, schema: own } = this.#place;
    // Below rules, the metadata is what the rules above see of it.
    return this.#child((isWithinRules ? own.properties?.[name] : undefined) ?? schema, schema);
  }

  items(schema: Schema): RuleContext {
    return this.#child(schema, schema, true);
  }

  additional(schema: Schema): RuleContext {
    return this.#child(schema, schema, true);
  }

  #child(seen: Schema, given: Schema, isElement = false): RuleContext {
    const { schema, count, isWithinRules, isUnseen } = this.#place;
    const factor = maxChildren(schema);
    const own = rooted(seen);
    const place = {
      schema: own,
      count: count === undefined || factor === undefined ? undefined : count * factor,
      isWithinRules: isWithinRules || hasRules(given),
      isUnseen: (isWithinRules && isUnseen) || !isExposed(own),
      isTypeless: isElement && isWithinRules && isEither(schema),
    };
    return new RuleContext(place, this.costs, this.#isUnchanged);
  }

  /** What is wrong with the rules of this schema. `lostAt`: oldSelf means nothing below that. */
  errors(
    rules: readonly ValidationRule[],
    path: FieldPath,
    lostAt: FieldPath | undefined,
  ): readonly FieldError[] {
    const { schema, count, isUnseen, isTypeless } = this.#place;
    const at = path.child('x-kubernetes-validations');
    const internal = (detail: string): FieldError[] => [
      { type: 'InternalError', field: at.toString(), detail },
    ];
    if (isTypeless) return internal('failed to convert to declType for CEL validation rules');
    const types = new SchemaTypes();
    const self = !isUnseen ? types.typeOf(schema, 'selfType') : undefined;
    if (!self) return internal(notConvertible);
    const times = count ?? Math.floor(MAX_REQUEST / (minSize(schema) + 1));
    return all(
      each(rules, at, (rule, ruleAt) => {
        const oldSelf = rule.optionalOldSelf ? t.optional(self) : self;
        const environment: Environment = {
          variables: new Map([
            ['self', self],
            ['oldSelf', oldSelf],
          ]),
          structs: types,
          functions: kubernetesFunctions,
        };
        return this.#ruleErrors(rule, environment, times, ruleAt, lostAt);
      }),
    );
  }

  #ruleErrors(
    rule: ValidationRule,
    environment: Environment,
    times: number,
    at: FieldPath,
    lostAt: FieldPath | undefined,
  ): Found {
    const { rule: source, messageExpression = '', optionalOldSelf } = rule;
    const printed = internalForm('apiextensions.ValidationRule', rule);
    const [ruleAt, messageAt] = [at.child('rule'), at.child('messageExpression')];
    const { program, error, usesOldSelf } = compileRule(source, environment);
    const message =
      program && messageExpression ? compileMessage(messageExpression, environment) : {};
    return [
      this.#costErrors(program, times, 'estimated rule cost', ruleAt),
      error !== undefined && invalid(ruleAt, printed, error),
      message.error !== undefined && invalid(messageAt, printed, message.error),
      message.program &&
        this.#costErrors(message.program, 1, 'estimated messageExpression cost', messageAt),
      usesOldSelf
        ? lostAt &&
          invalid(
            ruleAt,
            source,
            `oldSelf cannot be used on the uncorrelatable portion of the schema within ${lostAt.toString()}`,
          )
        : optionalOldSelf !== undefined &&
          invalid(
            at.child('optionalOldSelf'),
            optionalOldSelf,
            'may not be set if oldSelf is not used in rule',
          ),
    ];
  }

  #costErrors(program: Program | undefined, times: number, what: string, at: FieldPath): Found {
    const { schema } = this.#place;
    const once = program ? estimateCost(program, (path) => elementsAt(schema, path.slice(1))) : 0;
    const cost = once * times;
    this.costs.observe(at, cost);
    return (
      !this.#isUnchanged &&
      cost > MAX_RULE_COST &&
      fieldForbidden(at, costText(what, cost, MAX_RULE_COST))
    );
  }
}

const notConvertible =
  'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations';

const hasRules = (schema: Schema): boolean => !!schema['x-kubernetes-validations']?.length;

/** How many values a value holds at most; undefined when the schema does not say. */
function maxChildren(schema: Schema): number | undefined {
  const { type, maxItems, maxProperties, additionalProperties } = schema;
  const limit =
    type === 'array'
      ? maxItems
      : type === 'object' && additionalProperties !== undefined
        ? maxProperties
        : 1;
  return limit === undefined ? undefined : Math.max(0, limit);
}

interface CompiledRule {
  readonly program?: Program;
  readonly error?: string;
  readonly usesOldSelf?: boolean;
}

function compileRule(source: string, environment: Environment): CompiledRule {
  if (!source.trim()) return {};
  const compiled = compile(source, environment);
  if (!compiled.ok && !compiled.isInternal)
    return { error: `compilation failed: ${compiled.error}` };
  const type = compiled.ok ? compiled.program.type : compiled.type;
  if (type?.kind !== 'bool') return { error: 'cel expression must evaluate to a bool' };
  if (!compiled.ok) return { error: compiled.error };
  const { program } = compiled;
  return { program, usesOldSelf: namesIn(program.expr).has('oldSelf') };
}

function compileMessage(source: string, environment: Environment): CompiledRule {
  const compiled = compile(source, environment);
  if (!compiled.ok && !compiled.isInternal)
    return { error: `messageExpression compilation failed: ${compiled.error}` };
  const type = compiled.ok ? compiled.program.type : compiled.type;
  if (type?.kind !== 'string') return { error: 'messageExpression must evaluate to a string' };
  if (compiled.ok) return { program: compiled.program };
  return { error: compiled.error.replace(/^program/, 'messageExpression') };
}
