import type { Call, Comprehension, Expr, MapLiteral, StructLiteral } from './ast.ts';
import type { Checked } from './checker.ts';
import type { Environment, Overload } from './environment.ts';
import { hasKind } from './overloads.ts';
import { compileRegex } from './regex.ts';
import {
  ArrayList,
  CelError,
  CelList,
  CelMap,
  EntryMap,
  equals,
  noSuchOverload,
  ObjectValue,
  Optional,
  sizeOf,
  textOfKey,
  TypeValue,
  Uint,
  typeNameOf,
  type CelValue,
} from './values.ts';

/** Costs as cel-go counts them. Models common/cost.go. */
const COST = { select: 1, list: 10, map: 30, struct: 40, perCharacter: 0.1 } as const;

/** What an expression may look at, by name; undefined for what is not there. */
export type Variables = (name: string) => CelValue | undefined;

/** The expression cost more than it may. */
export class CostExceeded extends Error {}

/** One evaluation: its variables and what it has cost. */
export class Run {
  cost = 0;
  readonly #limit: number;
  readonly variables: Variables;

  constructor(variables: Variables, limit: number) {
    this.variables = variables;
    this.#limit = limit;
  }

  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#limit)
      throw new CostExceeded('operation cancelled: actual cost limit exceeded');
  }
}

/** Variables of folds, innermost first. */
interface Frame {
  readonly name: string;
  value: CelValue;
  readonly parent: Frame | undefined;
}

type Step = (run: Run, frame: Frame | undefined) => CelValue;

/** An expression made ready to be evaluated many times. Models cel-go interpreter/planner.go. */
export function plan(
  expr: Expr,
  checked: Checked,
  { functions, structs }: Environment,
): (run: Run) => CelValue {
  const planner = new Planner(checked, functions, (name) => structs.has(name));
  const step = planner.plan(expr);
  return (run) => step(run, undefined);
}

/** The expression cannot be made ready: a literal in it converts to nothing. */
export class PlanError extends Error {}

/** Functions that are called at once when their argument is known. */
const CONVERSIONS = new Set([
  'bool', 'bytes', 'double', 'duration', 'dyn', 'int', 'string', 'timestamp', 'type', 'uint',
]); // prettier-ignore

class Planner {
  readonly #constants = new Map<Expr, CelValue>();
  readonly #checked: Checked;
  readonly #functions: Environment['functions'];
  readonly #isStruct: (name: string) => boolean;

  constructor(
    checked: Checked,
    functions: Environment['functions'],
    isStruct: (name: string) => boolean,
  ) {
    this.#checked = checked;
    this.#functions = functions;
    this.#isStruct = isStruct;
  }

  plan(expr: Expr): Step {
    const step = this.#planned(expr);
    const constant = this.#constants.get(expr);
    return constant === undefined ? step : () => constant;
  }

  #planned(expr: Expr): Step {
    switch (expr.kind) {
      case 'literal':
        this.#constants.set(expr, expr.value);
        return () => expr.value;
      case 'ident':
        return this.#ident(expr.name);
      case 'select': {
        const name = this.#checked.identifiers.get(expr);
        return name === undefined ? this.#select(expr) : this.#ident(name);
      }
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return this.#comprehension(expr);
      case 'missing':
        return () => new CelError('the expression could not be read');
    }
  }

  #ident(named: string): Step {
    const name = named.startsWith('.') ? named.slice(1) : named;
    const type = this.#isStruct(name) || TYPE_IDENTS.has(name) ? new TypeValue(name) : undefined;
    return (run, frame) => {
      run.charge(COST.select);
      for (let at = frame; at; at = at.parent) if (at.name === name) return at.value;
      const known = run.variables(name);
      // A variable may be null.
      if (known !== undefined) return known;
      return type ?? new CelError(`no such attribute(s): ${name}`);
    };
  }

  #select(expr: Extract<Expr, { kind: 'select' }>): Step {
    const operand = this.plan(expr.operand);
    const { field, isTest } = expr;
    return (run, frame) => {
      const value = operand(run, frame);
      if (value instanceof CelError) return value;
      if (!isTest) run.charge(COST.select);
      return isTest ? hasField(value, field) : selectField(value, field);
    };
  }

  #call(expr: Call): Step {
    const name = this.#checked.namespaced.get(expr) ?? expr.name;
    const target = this.#checked.namespaced.has(expr) ? undefined : expr.target;
    const nodes = target ? [target, ...expr.args] : expr.args;
    const args = nodes.map((node) => this.plan(node));
    switch (name) {
      case '_&&_':
        return logical(args, false);
      case '_||_':
        return logical(args, true);
      case '_?_:_':
        return conditional(args);
      case '@not_strictly_false':
        return (run, frame) => {
          const value = args[0]?.(run, frame);
          run.charge(1);
          return value !== false;
        };
      case '_==_':
      case '_!=_':
        return equality(args, name === '_==_');
      case '@in':
        return strict(args, ([value, range], run) => {
          run.charge(range instanceof CelList ? range.size : 1);
          return contains(value ?? null, range ?? null);
        });
      case '_[_]':
        return strict(args, ([value, key], run) => {
          run.charge(COST.select);
          return index(value ?? null, key ?? null);
        });
      case '_?._':
      case '_[?_]':
        return strict(args, ([value, key], run) => {
          run.charge(COST.select);
          return optionalIndex(value ?? null, key ?? null);
        });
      case 'or':
      case 'orValue':
        return alternative(args, name);
      default:
        return this.#fold(expr, name, nodes, this.#function(name, target !== undefined, args));
    }
  }

  /** Conversions of literals happen now; so do patterns that are literals get looked at. */
  #fold(expr: Call, name: string, nodes: readonly Expr[], step: Step): Step {
    const known = nodes.map((node) => this.#constants.get(node));
    if (nodes.length === 1 && known[0] !== undefined && CONVERSIONS.has(name)) {
      const value = step(new Run(() => undefined, Number.POSITIVE_INFINITY), undefined);
      if (value instanceof CelError) throw new PlanError(value.message);
      this.#constants.set(expr, value);
    }
    const pattern = known[1];
    if (['matches', 'find', 'findAll'].includes(name) && typeof pattern === 'string') {
      const regex = compileRegex(pattern);
      if (typeof regex === 'string') throw new PlanError(regex);
    }
    return step;
  }

  #function(name: string, isMember: boolean, args: readonly Step[]): Step {
    const overloads = (this.#functions.get(name) ?? []).filter(
      (it) => it.isMember === isMember && it.args.length === args.length,
    );
    return strict(args, (values, run) => {
      const chosen = overloads.find((it) => accepts(it, values));
      if (!chosen) {
        run.charge(1);
        return unmatched(name, values);
      }
      const result = chosen.call(...values);
      run.charge(chosen.cost?.(values, result) ?? 1);
      return result;
    });
  }

  #list(expr: Extract<Expr, { kind: 'list' }>): Step {
    const { elements } = expr;
    const steps = elements.map(({ value, isOptional }) => ({ step: this.plan(value), isOptional }));
    const known = elements.map(({ value }) => this.#constants.get(value) ?? null);
    if (elements.every(({ value, isOptional }) => !isOptional && this.#constants.has(value)))
      this.#constants.set(expr, new ArrayList(known));
    return (run, frame) => {
      const items: CelValue[] = [];
      for (const { step, isOptional } of steps) {
        const value = step(run, frame);
        if (value instanceof CelError) return value;
        if (!isOptional) items.push(value);
        else if (!(value instanceof Optional)) return notOptional(value);
        else if (value.value !== undefined) items.push(value.value);
      }
      run.charge(COST.list);
      return new ArrayList(items);
    };
  }

  #map({ entries }: MapLiteral): Step {
    const steps = entries.map(({ key, value, isOptional }) => ({
      key: this.plan(key),
      value: this.plan(value),
      isOptional,
    }));
    return (run, frame) => {
      const made: (readonly [CelValue, CelValue])[] = [];
      for (const step of steps) {
        const key = step.key(run, frame);
        if (key instanceof CelError) return key;
        const value = step.value(run, frame);
        if (value instanceof CelError) return value;
        if (!step.isOptional) made.push([key, value]);
        else if (!(value instanceof Optional)) return notOptional(value);
        else if (value.value !== undefined) made.push([key, value.value]);
      }
      run.charge(COST.map);
      return new EntryMap(made);
    };
  }

  #struct({ name, fields }: StructLiteral): Step {
    const steps = fields.map((field) => ({ ...field, step: this.plan(field.value) }));
    const plain = name.startsWith('.') ? name.slice(1) : name;
    return (run, frame) => {
      const made = new Map<string, CelValue>();
      for (const { name: field, step, isOptional } of steps) {
        const value = step(run, frame);
        if (value instanceof CelError) return value;
        if (!isOptional) made.set(field, value);
        else if (!(value instanceof Optional)) return notOptional(value);
        else if (value.value !== undefined) made.set(field, value.value);
      }
      run.charge(COST.struct);
      return new ObjectValue(plain, made);
    };
  }

  #comprehension(expr: Comprehension): Step {
    const [range, init, condition, step, result] = [
      expr.range,
      expr.init,
      expr.condition,
      expr.step,
      expr.result,
    ].map((node) => this.plan(node)) as [Step, Step, Step, Step, Step];
    const { accumulator, variable, variable2 } = expr;
    return (run, frame) => {
      const over = range(run, frame);
      if (over instanceof CelError) return over;
      if (!(over instanceof CelList || over instanceof CelMap))
        return new CelError(`got '${goTypeOf(over)}', expected iterable type`);
      const pairs = pairsOf(over, variable2 !== undefined);
      const accu: Frame = { name: accumulator, value: init(run, frame), parent: frame };
      for (const [first, second] of pairs) {
        let inner: Frame = { name: variable, value: first, parent: accu };
        if (variable2 !== undefined) inner = { name: variable2, value: second, parent: inner };
        if (condition(run, inner) !== true) break;
        accu.value = step(run, inner);
        if (accu.value instanceof CelError && !isQuantifier(expr)) return accu.value;
      }
      return result(run, accu);
    };
  }
}

const TYPE_IDENTS = new Set([
  'bool', 'bytes', 'double', 'google.protobuf.Duration', 'int', 'list', 'map', 'null_type', 'string',
  'google.protobuf.Timestamp', 'type', 'uint', 'optional_type', 'kubernetes.URL', 'kubernetes.Quantity', 'net.IP',
  'net.CIDR', 'kubernetes.Semver',
]); // prettier-ignore

/** all and exists swallow errors; the others end with the first. */
const isQuantifier = ({ step }: Comprehension): boolean =>
  step.kind === 'call' && (step.name === '_&&_' || step.name === '_||_');

function* pairsOf(
  over: CelList | CelMap,
  isPair: boolean,
): Generator<readonly [CelValue, CelValue]> {
  if (over instanceof CelList) {
    let at = 0n;
    for (const item of over) yield isPair ? [at++, item] : [item, null];
  } else for (const key of over.keys()) yield [key, over.find(key) ?? null];
}

/** Evaluates the arguments in order; the first error among them is the result. */
function strict(
  args: readonly Step[],
  call: (values: readonly CelValue[], run: Run) => CelValue,
): Step {
  return (run, frame) => {
    const values: CelValue[] = [];
    for (const arg of args) {
      const value = arg(run, frame);
      if (value instanceof CelError) return value;
      values.push(value);
    }
    return call(values, run);
  };
}

/** `||` ends at the first true, `&&` at the first false; errors count only when nothing else decides. */
function logical(args: readonly Step[], decides: boolean): Step {
  return (run, frame) => {
    let error: CelError | undefined;
    for (const arg of args) {
      const value = arg(run, frame);
      if (value === decides) return value;
      if (value instanceof CelError) error ??= value;
      else if (typeof value !== 'boolean') error ??= noSuchOverload();
    }
    return error ?? !decides;
  };
}

function conditional([condition, yes, no]: readonly Step[]): Step {
  return (run, frame) => {
    const value = condition?.(run, frame) ?? null;
    if (value instanceof CelError) return value;
    if (typeof value !== 'boolean') return noSuchOverload();
    return (value ? yes : no)?.(run, frame) ?? null;
  };
}

function equality(args: readonly Step[], wanted: boolean): Step {
  return strict(args, ([a = null, b = null], run) => {
    run.charge(Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * COST.perCharacter));
    return equals(a, b) === wanted;
  });
}

function alternative([left, right]: readonly Step[], name: string): Step {
  return (run, frame) => {
    const value = left?.(run, frame) ?? null;
    if (value instanceof CelError) return value;
    if (!(value instanceof Optional)) return value;
    if (value.value === undefined) return right?.(run, frame) ?? null;
    return name === 'or' ? value : value.value;
  };
}

const accepts = ({ args }: Overload, values: readonly CelValue[]): boolean =>
  args.every((type, at) => hasKind(values[at] ?? null, type));

/** Functions whose arguments are looked at by the function itself. */
const UNNAMED = new Set(['startsWith', 'endsWith', 'contains', 'matches', '-_', '!_']);
const NUMBERS = ['int', 'uint', 'double'];
const TIMES = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
/** What knows an operator, by the type on its left. */
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  '_+_': [...NUMBERS, ...TIMES, 'string', 'bytes', 'list'],
  '_-_': [...NUMBERS, ...TIMES],
  '_*_': NUMBERS,
  '_/_': NUMBERS,
  '_%_': ['int', 'uint'],
};
const COMPARABLE = [...NUMBERS, ...TIMES, 'bool', 'string', 'bytes'];

/** The words for arguments that no overload takes: they name the function where the real ones do. */
function unmatched(name: string, values: readonly CelValue[]): CelError {
  const [first = 'null_type'] = values.map(typeNameOf);
  if (UNNAMED.has(name)) return noSuchOverload();
  if (name === 'size') return new CelError('no such overload: size');
  if (!name.startsWith('_'))
    return new CelError(`no such overload: ${name}(${values.map(typeNameOf).join(', ')})`);
  const isKnown =
    first === 'string' || TIMES.includes(first) || (OPERANDS[name] ?? COMPARABLE).includes(first);
  return isKnown ? noSuchOverload() : new CelError(`no such overload: ${name}`);
}

/** As Go names the type of a value that cannot be gone through. */
function goTypeOf(value: CelValue): string {
  const name = typeNameOf(value).split('.').at(-1) ?? '';
  return `types.${name === 'null_type' ? 'Null' : name.charAt(0).toUpperCase() + name.slice(1)}`;
}

const notOptional = (value: CelValue): CelError =>
  new CelError(`cannot initialize optional entry from non-optional value ${typeNameOf(value)}`);

function hasField(value: CelValue, field: string): CelValue {
  if (value instanceof Optional)
    return value.value === undefined ? false : hasField(value.value, field);
  if (value instanceof CelMap) return value.find(field) !== undefined;
  return false;
}

function selectField(value: CelValue, field: string): CelValue {
  if (value instanceof Optional)
    return value.value === undefined ? value : optionalIndex(value.value, field);
  return index(value, field);
}

function index(value: CelValue, key: CelValue): CelValue {
  if (value instanceof Optional)
    return value.value === undefined ? value : optionalIndex(value.value, key);
  if (value instanceof CelMap)
    return value.find(key) ?? new CelError(`no such key: ${textOfKey(key)}`);
  if (!(value instanceof CelList)) return new CelError(`no such key: ${textOfKey(key)}`);
  const at = indexNumber(key);
  if (at === undefined) return new CelError(`unsupported index type '${typeNameOf(key)}' in list`);
  return at < 0 || at >= value.size ? new CelError(`index out of bounds: ${at}`) : value.at(at);
}

function optionalIndex(value: CelValue, key: CelValue): CelValue {
  const of = value instanceof Optional ? value.value : value;
  if (of === undefined) return Optional.none;
  if (of instanceof CelMap) {
    const found = of.find(key);
    return found === undefined ? Optional.none : new Optional(found);
  }
  if (!(of instanceof CelList)) return Optional.none;
  const at = indexNumber(key);
  return at === undefined || at < 0 || at >= of.size ? Optional.none : new Optional(of.at(at));
}

function indexNumber(key: CelValue): number | undefined {
  if (typeof key === 'bigint') return Number(key);
  if (key instanceof Uint) return Number(key.value);
  return typeof key === 'number' && Number.isInteger(key) ? key : undefined;
}

function contains(value: CelValue, range: CelValue): CelValue {
  if (range instanceof CelMap) return range.find(value) !== undefined;
  if (!(range instanceof CelList)) return noSuchOverload();
  for (const item of range) if (equals(item, value)) return true;
  return false;
}
