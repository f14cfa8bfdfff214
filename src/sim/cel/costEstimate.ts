import type { Call, Comprehension, Expr, ListLiteral, MapLiteral } from './ast.ts';
import type { Checked } from './checker.ts';
import {
  estimateCall,
  fixed,
  MAX,
  plus,
  times,
  union,
  UNKNOWN,
  type Operand,
  type Size,
} from './callEstimates.ts';
import type { CelType } from './types.ts';
import { Uint } from './values.ts';

/** How many elements there are at most at a path like `self`, `list`, `@items`; undefined when that is not known. */
export type Limits = (path: readonly string[]) => number | undefined;

/** What an expression costs at most, before anything is evaluated. Models cel-go checker/cost.go. */
export function estimateCost(
  { expr, checked }: { readonly expr: Expr; readonly checked: Checked },
  limits: Limits,
): number {
  return new Estimator(checked, limits).cost(expr);
}

const COST = { access: 1, list: 10, map: 30, struct: 40 };

/** The sizes of what a list or map holds. */
interface Entries {
  readonly kind: 'list' | 'map';
  readonly key: Size;
  readonly value: Size;
}

/** What is known of a variable that a macro brings. */
interface Local {
  readonly path: readonly string[];
  readonly size: Size | undefined;
  readonly entries: Entries | undefined;
}

class Estimator {
  readonly #checked: Checked;
  readonly #limits: Limits;
  readonly #paths = new Map<Expr, readonly string[]>();
  readonly #sizes = new Map<Expr, Size>();
  readonly #entries = new Map<Expr, Entries>();
  readonly #locals = new Map<string, readonly Local[]>();

  constructor(checked: Checked, limits: Limits) {
    this.#checked = checked;
    this.#limits = limits;
  }

  cost(expr: Expr): number {
    const identifier =
      this.#checked.identifiers.get(expr) ?? (expr.kind === 'ident' ? expr.name : undefined);
    if (identifier !== undefined) {
      this.#paths.set(expr, this.#local(identifier)?.path ?? [identifier]);
      return COST.access;
    }
    switch (expr.kind) {
      case 'select': {
        const cost = this.cost(expr.operand);
        if (expr.isTest) return cost;
        this.#paths.set(expr, [...this.#path(expr.operand), expr.field]);
        const { kind } = this.#checked.typeOf(expr.operand);
        return kind === 'map' || kind === 'struct' || kind === 'param'
          ? plus(cost, COST.access)
          : cost;
      }
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return expr.fields.reduce((sum, { value }) => plus(sum, this.cost(value)), COST.struct);
      case 'comprehension':
        return isBind(expr) ? this.#bind(expr) : this.#fold(expr);
      default:
        return 0;
    }
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #push(name: string, local: Local): void {
    this.#locals.set(name, [...(this.#locals.get(name) ?? []), local]);
  }

  #pop(name: string): void {
    this.#locals.set(name, this.#locals.get(name)?.slice(0, -1) ?? []);
  }

  #path(expr: Expr): readonly string[] {
    const local = expr.kind === 'ident' ? this.#local(expr.name) : undefined;
    return local?.path ?? this.#paths.get(expr) ?? [];
  }

  #atMost(path: readonly string[]): Size | undefined {
    const max = path.length ? this.#limits(path) : undefined;
    return max === undefined ? undefined : { min: 0, max };
  }

  #size(expr: Expr): Size | undefined {
    const known = this.#sizes.get(expr) ?? sizeOfLiteral(expr);
    if (known) return known;
    const limited = this.#atMost(this.#path(expr));
    if (limited) {
      this.#sizes.set(expr, limited);
      return limited;
    }
    if (isScalar(this.#checked.typeOf(expr))) return fixed(1);
    return expr.kind === 'ident' ? this.#local(expr.name)?.size : undefined;
  }

  #entriesOf(expr: Expr): Entries | undefined {
    return (
      this.#entries.get(expr) ??
      (expr.kind === 'ident' ? this.#local(expr.name)?.entries : undefined)
    );
  }

  #learn(expr: Expr, size: Size | undefined, entries: Entries | undefined): void {
    if (size) this.#sizes.set(expr, size);
    if (entries) this.#entries.set(expr, entries);
  }

  #operand(expr: Expr): Operand {
    const path = this.#path(expr);
    const size = this.#size(expr);
    return {
      type: this.#checked.typeOf(expr),
      literal: expr.kind === 'literal' ? expr.value : undefined,
      computed: size,
      size: size ?? this.#atMost(path) ?? UNKNOWN,
      itemSize: this.#atMost(path.length ? [...path, '@items'] : []) ?? UNKNOWN,
    };
  }

  #call(expr: Call): number {
    const namespaced = this.#checked.namespaced.get(expr);
    const name = namespaced ?? expr.name;
    const target = namespaced === undefined ? expr.target : undefined;
    const [first, second, third] = expr.args;
    if (name === 'dyn' && first) {
      const cost = this.cost(first);
      this.#learn(expr, this.#size(first), this.#entriesOf(first));
      return plus(1, cost);
    }
    const costs: number[] = [];
    const args = expr.args.map((arg) => {
      costs.push(this.cost(arg));
      return this.#operand(arg);
    });
    const ofTarget = target ? this.cost(target) : 0;
    const on = target && this.#operand(target);
    const ofArgs = costs.reduce(plus, 0);
    let cost = 0;
    let size: Size | undefined;
    const seen = (found: Size | undefined): void => {
      if (found) size = size ? union(size, found) : found;
    };
    for (const id of this.#overloadsOf(expr)) {
      if (id === 'conditional' && second && third) {
        const [condition = 0, yes = 0, no = 0] = costs;
        cost = plus(condition, Math.max(yes, no));
        seen(union(this.#size(second) ?? UNKNOWN, this.#size(third) ?? UNKNOWN));
        this.#learn(expr, undefined, joined(this.#entriesOf(second), this.#entriesOf(third)));
        continue;
      }
      const own = estimateCall({ name, id, target: on, args });
      cost = Math.max(cost, plus(own.cost, ofArgs));
      seen(own.size);
      if (id.startsWith('add_') && first && second)
        this.#learn(expr, undefined, joined(this.#entriesOf(first), this.#entriesOf(second)));
      if (first && (id === 'index_list' || id === 'index_map')) {
        size = this.#entriesOf(first)?.value;
        const step = id === 'index_list' ? '@items' : '@values';
        this.#paths.set(expr, [...this.#path(first), step]);
      }
      size ??= this.#size(expr);
    }
    this.#learn(expr, size, undefined);
    return plus(ofTarget, cost);
  }

  #overloadsOf(expr: Call): readonly string[] {
    if (expr.name === '_?._') return ['select_optional_field'];
    return (this.#checked.overloads.get(expr) ?? []).map(({ id }) => id);
  }

  #list(expr: ListLiteral): number {
    const values = expr.elements.map(({ value }) => value);
    const cost = values.reduce((sum, value) => plus(sum, this.cost(value)), COST.list);
    this.#entries.set(expr, { kind: 'list', key: fixed(1), value: this.#range(values, 0) });
    return cost;
  }

  #map(expr: MapLiteral): number {
    const { entries } = expr;
    const cost = entries.reduce(
      (sum, { key, value }) => plus(plus(sum, this.cost(key)), this.cost(value)),
      COST.map,
    );
    const key = this.#range(
      entries.map((entry) => entry.key),
      MAX,
    );
    const value = this.#range(
      entries.map((entry) => entry.value),
      MAX,
    );
    this.#entries.set(expr, { kind: 'map', key, value });
    return cost;
  }

  #range(values: readonly Expr[], most: number): Size {
    const none = { min: values.length ? MAX : 0, max: most };
    return values.reduce((size, value) => union(size, this.#size(value) ?? UNKNOWN), none);
  }

  #bind(expr: Comprehension): number {
    const { range, init, accumulator, result } = expr;
    const before = plus(this.cost(range), this.cost(init));
    this.#push(accumulator, this.#bound(init));
    const cost = plus(before, this.cost(result));
    this.#pop(accumulator);
    this.#learn(expr, this.#size(result), this.#entriesOf(result));
    return cost;
  }

  #bound(init: Expr): Local {
    return { path: this.#path(init), size: this.#size(init), entries: this.#entriesOf(init) };
  }

  #fold(expr: Comprehension): number {
    const { range, variable, variable2, accumulator, init } = expr;
    const before = plus(this.cost(range), this.cost(init));
    this.#push(accumulator, this.#bound(init));
    const entries = this.#entriesOf(range);
    const isList = (entries?.kind ?? this.#checked.typeOf(range).kind) === 'list';
    const element = (step: string, size: Size | undefined): Local => ({
      path: [...this.#path(range), step],
      size,
      entries: undefined,
    });
    const value = element(isList ? '@items' : '@values', entries?.value);
    const key = element(isList ? '@indices' : '@keys', entries?.key);
    this.#push(variable, variable2 === undefined && isList ? value : key);
    if (variable2 !== undefined) this.#push(variable2, value);
    const each = plus(this.cost(expr.condition), this.cost(expr.step));
    this.#pop(variable);
    if (variable2 !== undefined) this.#pop(variable2);
    const after = plus(before, this.cost(expr.result));
    this.#pop(accumulator);
    const count = this.#size(range) ?? UNKNOWN;
    if (init.kind === 'literal') this.#learn(expr, this.#size(init), undefined);
    if (init.kind === 'list' || init.kind === 'map')
      this.#learn(expr, count, this.#entriesOf(expr.step));
    return plus(after, times(count.max, each));
  }
}

/** `optMap` names a value. */
const isBind = ({ range, condition, accumulator }: Comprehension): boolean =>
  range.kind === 'list' &&
  !range.elements.length &&
  condition.kind === 'literal' &&
  condition.value === false &&
  accumulator !== '@result';

const joined = (a: Entries | undefined, b: Entries | undefined): Entries | undefined =>
  a && b && { kind: a.kind, key: union(a.key, b.key), value: union(a.value, b.value) };

function sizeOfLiteral(expr: Expr): Size | undefined {
  switch (expr.kind) {
    case 'list':
      return fixed(expr.elements.length);
    case 'map':
      return fixed(expr.entries.length);
    case 'literal': {
      const { value } = expr;
      if (typeof value === 'string') return fixed(Array.from(value).length);
      if (value instanceof Uint8Array) return fixed(value.length);
      return value === null || typeof value !== 'object' || value instanceof Uint
        ? fixed(1)
        : undefined;
    }
    default:
      return undefined;
  }
}

const SCALARS = ['bool', 'double', 'duration', 'int', 'timestamp', 'uint'];

const isScalar = ({ kind, name, parameters: [of] }: CelType): boolean =>
  SCALARS.includes(kind) || (name === 'optional_type' && !!of && isScalar(of));
