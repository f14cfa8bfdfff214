import { formatValue } from './field.ts';
import { labelKeyErrors, labelValueErrors, type Labels } from './labels.ts';
import { tokensOf, type Token } from './selectorTokens.ts';
import type { LabelSelector } from './types/metaV1.ts';

/** A selector that cannot be read; the message is the real one. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

export type SelectorOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt';

export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  /** Sorted, each once. */
  readonly values: readonly string[];
}

/** All requirements must hold; none: everything. Models k8s.io/apimachinery/pkg/labels Selector. */
export class Selector {
  static readonly everything = new Selector([]);
  static readonly nothing = new Selector([], true);
  readonly requirements: readonly Requirement[];
  readonly #nothing: boolean;

  constructor(requirements: readonly Requirement[], nothing = false) {
    this.requirements = [...requirements].sort((a, b) =>
      a.key < b.key ? -1 : a.key > b.key ? 1 : 0,
    );
    this.#nothing = nothing;
  }

  /** No condition at all. */
  get isEmpty(): boolean {
    return !this.#nothing && this.requirements.length === 0;
  }

  matches(labels: Labels | undefined): boolean {
    return !this.#nothing && this.requirements.every((one) => meets(one, labels ?? {}));
  }

  toString(): string {
    return this.requirements.map(textOf).join(',');
  }
}

/** Reads `a=b,c in (d,e),!f`. Models labels.Parse; throws SelectorError. */
export function parseLabelSelector(text: string): Selector {
  return new Parser(tokensOf(text)).parse();
}

/** Whether all labels of the set are there with their values. An empty set matches everything. */
export const labelSetMatches = (set: Labels | undefined, labels: Labels | undefined): boolean =>
  Object.entries(set ?? {}).every(([key, value]) => labels?.[key] === value);

const OPERATORS: Readonly<Record<string, SelectorOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/** A LabelSelector object as a selector: absent: nothing; empty: everything. Models metav1.LabelSelectorAsSelector. */
export function selectorOf(selector: LabelSelector | undefined | null): Selector {
  if (!selector) return Selector.nothing;
  const requirements: Requirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {}))
    requirements.push(requirement(key, '=', [value]));
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = OPERATORS[operator];
    if (!known) throw new SelectorError(`"${operator}" is not a valid label selector operator`);
    requirements.push(requirement(key, known, values ?? []));
  }
  return new Selector(requirements);
}

/** Whether the object's labels match. Throws SelectorError when the selector is none. */
export const labelSelectorMatches = (
  selector: LabelSelector | undefined | null,
  labels: Labels | undefined,
): boolean => selectorOf(selector).matches(labels);

export const selectorOfLabels = (labels: Labels | undefined): Selector =>
  new Selector(
    Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] })),
  );

/** Checks a requirement. Models labels.NewRequirement. */
export function requirement(
  key: string,
  operator: SelectorOperator,
  values: readonly string[],
): Requirement {
  const errors: string[] = [];
  const invalid = (field: string, value: unknown, detail: string): void => {
    errors.push(`${field}: Invalid value: ${formatValue(value)}: ${detail}`);
  };
  const keyErrors = labelKeyErrors(key);
  if (keyErrors.length) invalid('key', key, keyErrors.join('; '));
  switch (operator) {
    case 'in':
    case 'notin':
      if (values.length === 0)
        invalid('values', values, "for 'in', 'notin' operators, values set can't be empty");
      break;
    case '=':
    case '==':
    case '!=':
      if (values.length !== 1)
        invalid('values', values, 'exact-match compatibility requires one single value');
      break;
    case 'exists':
    case '!':
      if (values.length !== 0)
        invalid('values', values, 'values set must be empty for exists and does not exist');
      break;
    case 'gt':
    case 'lt':
      if (values.length !== 1)
        invalid('values', values, "for 'Gt', 'Lt' operators, exactly one value is required");
      values.forEach((value, index) => {
        if (integer(value) === undefined)
          invalid(
            `values[${index}]`,
            value,
            "for 'Gt', 'Lt' operators, the value must be an integer",
          );
      });
  }
  values.forEach((value, index) => {
    const valueErrors = labelValueErrors(value);
    if (valueErrors.length) invalid(`values[${index}][${key}]`, value, valueErrors.join('; '));
  });
  if (errors.length)
    throw new SelectorError(errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`);
  return { key, operator, values: [...new Set(values)].sort() };
}

function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      const left = integer(value);
      const right = integer(values[0]);
      if (left === undefined || right === undefined) return false;
      return operator === 'gt' ? left > right : left < right;
    }
  }
}

const integer = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;

function textOf({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
      return `${key}>${values.join(',')}`;
    case 'lt':
      return `${key}<${values.join(',')}`;
    default:
      return `${key}${operator}${values.join(',')}`;
  }
}

/** Models labels.Parser, with its words. */
class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Selector {
    const requirements: Requirement[] = [];
    for (;;) {
      const { type, text } = this.#look();
      if (type === 'end') return new Selector(requirements);
      if (type !== 'identifier' && type !== '!')
        throw new SelectorError(`found '${text}', expected: !, identifier, or 'end of string'`);
      try {
        requirements.push(this.#requirement());
      } catch (error) {
        if (!(error instanceof SelectorError)) throw error;
        throw new SelectorError(`unable to parse requirement: ${error.message}`);
      }
      const after = this.#take();
      if (after.type === 'end') return new Selector(requirements);
      if (after.type !== ',')
        throw new SelectorError(`found '${after.text}', expected: ',' or 'end of string'`);
      const next = this.#look();
      if (next.type !== 'identifier' && next.type !== '!')
        throw new SelectorError(`found '${next.text}', expected: identifier after ','`);
    }
  }

  #requirement(): Requirement {
    let token = this.#take();
    const negated = token.type === '!';
    if (negated) token = this.#take();
    if (token.type !== 'identifier')
      throw new SelectorError(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const errors = labelKeyErrors(key);
    if (errors.length)
      throw new SelectorError(`<nil>: Invalid value: ${formatValue(key)}: ${errors.join('; ')}`);
    if (negated) return requirement(key, '!', []);
    const next = this.#look().type;
    if (next === 'end' || next === ',') return requirement(key, 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#values() : this.#value();
    return requirement(key, operator, [...new Set(values)].sort());
  }

  #operator(): SelectorOperator {
    const { raw, text } = this.#take();
    switch (raw) {
      case '>':
        return 'gt';
      case '<':
        return 'lt';
      case 'in':
      case 'notin':
      case '=':
      case '==':
      case '!=':
        return raw;
      default:
        throw new SelectorError(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #value(): string[] {
    const next = this.#look().type;
    if (next === 'end' || next === ',') return [''];
    const { type, text } = this.#take();
    if (type !== 'identifier') throw new SelectorError(`found '${text}', expected: identifier`);
    return [text];
  }

  #values(): string[] {
    const open = this.#take();
    if (open.type !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.#look();
    if (first.type === ')') {
      this.#take();
      return [''];
    }
    if (first.type !== 'identifier' && first.type !== ',')
      throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
    const values = this.#list();
    if (this.#take().type !== ')') throw new SelectorError(`found '${first.text}', expected: ')'`);
    return values;
  }

  #list(): string[] {
    const values: string[] = [];
    for (;;) {
      const { type, text } = this.#take();
      const next = this.#look();
      if (type === 'identifier') {
        values.push(text);
        if (next.type === ')') return values;
        if (next.type !== ',')
          throw new SelectorError(`found '${next.text}', expected: ',' or ')'`);
      } else if (type === ',') {
        // Nothing between commas is the empty value.
        if (values.length === 0) values.push('');
        if (next.type === ')') return [...values, ''];
        if (next.type === ',') values.push('');
      } else throw new SelectorError(`found '${text}', expected: ',', or identifier`);
    }
  }

  #look(): Token {
    return this.#tokens[this.#position] ?? END;
  }

  #take(): Token {
    const token = this.#look();
    this.#position++;
    return token;
  }
}

const END: Token = { type: 'end', raw: 'end', text: '' };
