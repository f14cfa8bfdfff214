import type { Call, Comprehension, Expr, Issue, MapLiteral, StructLiteral } from './ast.ts';
import type { Environment, Overload } from './environment.ts';
import * as types from './types.ts';
import { formatType, isDyn, isError, isSameType, unwrapOptional, type CelType } from './types.ts';
import { assign, mostGeneral, substitute, type Mapping } from './unify.ts';
import { Uint, type CelValue } from './values.ts';

/** What checking found out about the nodes of a tree. */
export interface Checked {
  readonly issues: readonly Issue[];
  /** The type of the whole. */
  readonly type: CelType;
  typeOf(expr: Expr): CelType;
  /** Names with dots that are one identifier: `google.protobuf.Timestamp`. */
  readonly identifiers: ReadonlyMap<Expr, string>;
  /** Calls on a namespace: `optional.of(x)` is a function, not a method. */
  readonly namespaced: ReadonlyMap<Expr, string>;
  /** The signatures that a call may have. */
  readonly overloads: ReadonlyMap<Expr, readonly Overload[]>;
}

/** Checks an expression against what the environment declares. Models cel-go checker/checker.go. */
export function check(expr: Expr, environment: Environment): Checked {
  const checker = new Checker(environment);
  checker.visit(expr, new Scope(undefined, environment.variables));
  return {
    issues: checker.issues,
    type: checker.typeOf(expr),
    typeOf: (node) => checker.typeOf(node),
    identifiers: checker.identifiers,
    namespaced: checker.namespaced,
    overloads: checker.overloads,
  };
}

class Scope {
  readonly #parent: Scope | undefined;
  readonly #variables: ReadonlyMap<string, CelType>;

  constructor(parent: Scope | undefined, variables: ReadonlyMap<string, CelType>) {
    this.#parent = parent;
    this.#variables = variables;
  }

  find(name: string): CelType | undefined {
    return this.#variables.get(name) ?? this.#parent?.find(name);
  }

  with(...variables: readonly (readonly [string, CelType])[]): Scope {
    return new Scope(this, new Map(variables));
  }
}

/** Names that stand for types. */
const TYPE_NAMES: ReadonlyMap<string, CelType> = new Map(
  [
    types.bool,
    types.bytes,
    types.double,
    types.duration,
    types.int,
    types.list(types.param('A')),
    types.map(types.param('A'), types.param('B')),
    types.nullType,
    types.string,
    types.timestamp,
    types.typeType,
    types.uint,
    types.optional(types.param('A')),
    types.struct('kubernetes.URL'),
    types.struct('kubernetes.Quantity'),
    types.opaque('net.IP'),
    types.opaque('net.CIDR'),
    types.struct('kubernetes.Semver'),
  ].map((type) => [type.name, types.typeOf(type)]),
);

class Checker {
  readonly issues: Issue[] = [];
  readonly identifiers = new Map<Expr, string>();
  readonly namespaced = new Map<Expr, string>();
  readonly overloads = new Map<Expr, readonly Overload[]>();
  readonly #environment: Environment;
  readonly #types = new Map<Expr, CelType>();
  #mapping: Mapping = new Map();
  #variables = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  typeOf(expr: Expr): CelType {
    return substitute(this.#mapping, this.#types.get(expr) ?? types.dyn, true);
  }

  visit(expr: Expr, scope: Scope): CelType {
    const type = this.#typeFor(expr, scope);
    this.#types.set(expr, type);
    return type;
  }

  #typeFor(expr: Expr, scope: Scope): CelType {
    switch (expr.kind) {
      case 'missing':
        return types.errorType;
      case 'literal':
        return literalType(expr.value);
      case 'ident':
        return this.#ident(expr.name, scope) ?? this.#undeclared(expr, expr.name);
      case 'select':
        return this.#select(expr, scope);
      case 'call':
        return this.#call(expr, scope);
      case 'list': {
        let of: CelType | undefined;
        for (const { value, isOptional } of expr.elements)
          of = this.#join(of, this.#element(value, isOptional, scope));
        return types.list(of ?? this.#fresh());
      }
      case 'map':
        return this.#map(expr, scope);
      case 'struct':
        return this.#struct(expr, scope);
      case 'comprehension':
        return this.#comprehension(expr, scope);
    }
  }

  #issue({ offset }: { readonly offset: number }, message: string): CelType {
    this.issues.push({ offset, message });
    return types.errorType;
  }

  #undeclared(expr: Expr, name: string): CelType {
    return this.#issue(expr, `undeclared reference to '${name}' (in container '')`);
  }

  #mismatch(at: Expr, expected: CelType, found: CelType): CelType {
    const given = substitute(this.#mapping, found, false);
    return this.#issue(
      at,
      `expected type '${formatType(expected)}' but found '${formatType(given)}'`,
    );
  }

  #fresh(): CelType {
    return types.param(`_var${this.#variables++}`);
  }

  #ident(name: string, scope: Scope): CelType | undefined {
    const plain = name.startsWith('.') ? name.slice(1) : name;
    const variable = scope.find(plain) ?? TYPE_NAMES.get(plain);
    if (variable) return variable;
    return this.#environment.structs.has(plain) ? types.typeOf(types.struct(plain)) : undefined;
  }

  #assign(wanted: CelType, given: CelType): boolean {
    const mapping = assign(this.#mapping, [wanted], [given]);
    if (mapping) this.#mapping = mapping;
    return mapping !== undefined;
  }

  #select(expr: Extract<Expr, { kind: 'select' }>, scope: Scope): CelType {
    const name = qualifiedName(expr);
    const ident = name === undefined ? undefined : this.#ident(name, scope);
    if (ident && name !== undefined) {
      this.identifiers.set(expr, name);
      return ident;
    }
    const type = this.#field(expr, expr.operand, expr.field, false, scope);
    return expr.isTest ? types.bool : type;
  }

  #field(at: Expr, operand: Expr, field: string, isOptional: boolean, scope: Scope): CelType {
    this.visit(operand, scope);
    const { type, isOpt } = unwrapOptional(this.#current(operand));
    const found = this.#fieldOf(at, type, field);
    return isOpt || isOptional ? types.optional(found) : found;
  }

  #current(expr: Expr): CelType {
    return substitute(this.#mapping, this.#types.get(expr) ?? types.dyn, false);
  }

  #fieldOf(at: Expr, type: CelType, field: string): CelType {
    switch (type.kind) {
      case 'map':
        return type.parameters[1] ?? types.dyn;
      case 'struct': {
        const { structs } = this.#environment;
        if (!structs.has(type.name)) return this.#unresolved(at, type.name);
        return structs.field(type.name, field) ?? this.#issue(at, `undefined field '${field}'`);
      }
      case 'param':
        this.#assign(types.dyn, type);
        return types.dyn;
      default:
        if (!isDyn(type) && !isError(type))
          this.#issue(at, `type '${formatType(type)}' does not support field selection`);
        return types.dyn;
    }
  }

  /** Libraries' own types have no fields. */
  #unresolved(at: Expr, name: string): CelType {
    return this.#issue(at, `unexpected failed resolution of '${name}'`);
  }

  #call(expr: Call, scope: Scope): CelType {
    if (expr.name === '_?._') return this.#optionalSelect(expr, scope);
    for (const arg of expr.args) this.visit(arg, scope);
    const { functions } = this.#environment;
    if (!expr.target) {
      const name = expr.name.startsWith('.') ? expr.name.slice(1) : expr.name;
      const overloads = functions.get(name);
      return overloads
        ? this.#resolve(expr, name, overloads, undefined)
        : this.#undeclared(expr, expr.name);
    }
    const prefix = qualifiedName(expr.target);
    const qualified = prefix === undefined ? undefined : `${prefix}.${expr.name}`;
    const inNamespace = qualified === undefined ? undefined : functions.get(qualified);
    if (inNamespace && qualified !== undefined) {
      this.namespaced.set(expr, qualified);
      return this.#resolve(expr, qualified, inNamespace, undefined);
    }
    this.visit(expr.target, scope);
    const overloads = functions.get(expr.name);
    return overloads
      ? this.#resolve(expr, expr.name, overloads, expr.target)
      : this.#undeclared(expr, expr.name);
  }

  #optionalSelect(expr: Call, scope: Scope): CelType {
    const [operand, field] = expr.args;
    if (!operand || field?.kind !== 'literal' || typeof field.value !== 'string')
      return this.#issue(expr, 'unsupported optional field selection');
    return substitute(this.#mapping, this.#field(expr, operand, field.value, true, scope), false);
  }

  #resolve(
    expr: Call,
    name: string,
    overloads: readonly Overload[],
    target: Expr | undefined,
  ): CelType {
    const nodes = target ? [target, ...expr.args] : expr.args;
    const given = nodes.map((node) => this.#types.get(node) ?? types.dyn);
    if (name === '_&&_' || name === '_||_') {
      this.overloads.set(expr, overloads);
      return this.#logical(nodes, given);
    }
    let result: CelType | undefined;
    const fitting: Overload[] = [];
    this.overloads.set(expr, fitting);
    for (const overload of overloads) {
      if (overload.isMember !== (target !== undefined)) continue;
      const { args, result: declared } = this.#instance(overload);
      const mapping = assign(this.#mapping, given, args);
      if (!mapping) continue;
      this.#mapping = mapping;
      fitting.push(overload);
      const type = substitute(mapping, declared, false);
      if (!result) result = type;
      else if (!isDyn(result) && !isSameType(type, result)) result = types.dyn;
    }
    if (result) return result;
    const shown = given.map((type) => formatType(substitute(this.#mapping, type, true)));
    const on = target ? `${shown.shift() ?? ''}.` : '';
    return this.#issue(
      expr,
      `found no matching overload for '${name}' applied to '${on}(${shown.join(', ')})'`,
    );
  }

  #logical(nodes: readonly Expr[], given: readonly CelType[]): CelType {
    const bad = nodes.filter((node, at) => {
      const type = given[at] ?? types.dyn;
      if (this.#assign(type, types.bool)) return false;
      this.#mismatch(node, types.bool, type);
      return true;
    });
    return bad.length ? types.errorType : types.bool;
  }

  /** The signature with type parameters of its own. */
  #instance({ args, result }: Overload): {
    readonly args: readonly CelType[];
    readonly result: CelType;
  } {
    const fresh = new Map<string, CelType>();
    const instance = (type: CelType): CelType => {
      if (type.kind === 'param') {
        let own = fresh.get(type.name);
        if (!own) fresh.set(type.name, (own = this.#fresh()));
        return own;
      }
      return type.parameters.length ? { ...type, parameters: type.parameters.map(instance) } : type;
    };
    return { args: args.map(instance), result: instance(result) };
  }

  #element(value: Expr, isOptional: boolean, scope: Scope): CelType {
    const type = this.visit(value, scope);
    if (!isOptional) return type;
    const unwrapped = unwrapOptional(substitute(this.#mapping, type, false));
    if (!unwrapped.isOpt && !isDyn(unwrapped.type))
      this.#mismatch(value, types.optional(unwrapped.type), unwrapped.type);
    return unwrapped.type;
  }

  /** The type of elements so far with one more; mixed ones are dyn here, and refused later. */
  #join(previous: CelType | undefined, current: CelType): CelType {
    if (!previous) return current;
    if (this.#assign(previous, current)) return mostGeneral(previous, current);
    return types.dyn;
  }

  #map(expr: MapLiteral, scope: Scope): CelType {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const { key, value, isOptional } of expr.entries) {
      keys = this.#join(keys, this.visit(key, scope));
      values = this.#join(values, this.#element(value, isOptional, scope));
    }
    return types.map(keys ?? this.#fresh(), values ?? this.#fresh());
  }

  #struct(expr: StructLiteral, scope: Scope): CelType {
    const type = this.#ident(expr.name, scope);
    if (!type) return this.#undeclared(expr, expr.name);
    const made = type.kind === 'type' ? type.parameters[0] : undefined;
    let result: CelType = types.errorType;
    if (type.kind !== 'type') this.#issue(expr, `'${formatType(type)}' is not a type`);
    else if (made?.kind === 'struct') result = made;
    else this.#issue(expr, `'${made ? formatType(made) : expr.name}' is not a message type`);
    const { structs } = this.#environment;
    for (const field of expr.fields) {
      const given = this.#element(field.value, field.isOptional, scope);
      const declared =
        result.kind === 'struct'
          ? (structs.field(result.name, field.name) ??
            this.#issue(field, `undefined field '${field.name}'`))
          : types.errorType;
      if (!this.#assign(declared, given))
        this.#issue(
          field,
          `expected type of field '${field.name}' is '${formatType(declared)}' but provided type is '${formatType(substitute(this.#mapping, given, false))}'`,
        );
    }
    return result;
  }

  #comprehension(expr: Comprehension, scope: Scope): CelType {
    this.visit(expr.range, scope);
    const accumulator = this.visit(expr.init, scope);
    const outer = scope.with([expr.accumulator, accumulator]);
    const [first, second] = this.#elementTypes(expr);
    const inner =
      expr.variable2 === undefined
        ? outer.with([expr.variable, first])
        : outer.with([expr.variable, first], [expr.variable2, second]);
    this.#must(expr.condition, types.bool, inner);
    this.#must(expr.step, accumulator, inner);
    this.visit(expr.result, outer);
    return this.#current(expr.result);
  }

  #must(expr: Expr, type: CelType, scope: Scope): void {
    const given = this.visit(expr, scope);
    if (!this.#assign(type, given)) this.#mismatch(expr, type, given);
  }

  #elementTypes(expr: Comprehension): readonly [CelType, CelType] {
    const range = this.#current(expr.range);
    const [first = types.dyn, second = types.dyn] = range.parameters;
    switch (range.kind) {
      case 'list':
        return expr.variable2 === undefined ? [first, types.dyn] : [types.int, first];
      case 'map':
        return [first, second];
      case 'dyn':
      case 'error':
      case 'param':
        this.#assign(types.dyn, range);
        return [types.dyn, types.dyn];
      default:
        this.#issue(
          expr.range,
          `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [types.errorType, types.errorType];
    }
  }
}

function literalType(value: CelValue): CelType {
  if (value === null) return types.nullType;
  switch (typeof value) {
    case 'boolean':
      return types.bool;
    case 'bigint':
      return types.int;
    case 'number':
      return types.double;
    case 'string':
      return types.string;
    default:
      return value instanceof Uint ? types.uint : types.bytes;
  }
}

/** `a.b.c` as one name; undefined for what is none. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.isTest) return undefined;
  const prefix = qualifiedName(expr.operand);
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
}
