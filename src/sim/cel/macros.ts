import type { Call, Comprehension, Expr, Issue, Literal } from './ast.ts';

// What macros become. Models cel-go parser/macro.go, cel/library.go and ext/comprehensions.go.

/** The name of the accumulator: no text can name it. */
export const ACCUMULATOR = '@result';

type Expansion = Expr | { readonly issue: Issue };
type Expander = (
  target: Expr | undefined,
  args: readonly Expr[],
  offset: number,
) => Expansion | undefined;

const literal = (offset: number, value: Literal['value']): Expr => ({
  kind: 'literal',
  offset,
  value,
});
const ident = (offset: number, name: string): Expr => ({ kind: 'ident', offset, name });
const call = (offset: number, name: string, ...args: readonly Expr[]): Call => ({
  kind: 'call',
  offset,
  name,
  target: undefined,
  args,
});
const memberCall = (offset: number, name: string, target: Expr, ...args: Expr[]): Call => ({
  kind: 'call',
  offset,
  name,
  target,
  args,
});
const listOf = (offset: number, ...elements: readonly Expr[]): Expr => ({
  kind: 'list',
  offset,
  elements: elements.map((value) => ({ value, isOptional: false })),
});

const issue = (at: Expr, message: string): { readonly issue: Issue } => ({
  issue: { offset: at.offset, message },
});

const has: Expander = (_, [argument], offset) => {
  if (argument?.kind !== 'select' || argument.isTest)
    return argument && issue(argument, 'invalid argument to has() macro');
  return { ...argument, isTest: true, offset };
};

interface FoldParts {
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** The variables of a fold, of which there are one or two, or what is wrong about them. */
function fold(
  target: Expr | undefined,
  names: readonly (Expr | undefined)[],
  offset: number,
  parts: FoldParts,
  wording = 'argument must be a simple name',
): Expansion | undefined {
  const variables: string[] = [];
  for (const name of names) {
    if (name?.kind !== 'ident') return name && issue(name, wording);
    if (variables.includes(name.name)) return issue(name, `duplicate variable name: ${name.name}`);
    if (name.name === ACCUMULATOR || name.name === '__result__')
      return issue(name, 'iteration variable overwrites accumulator variable');
    variables.push(name.name);
  }
  const fold: Comprehension = {
    kind: 'comprehension',
    offset,
    range: target ?? literal(offset, null),
    variable: variables[0] ?? '',
    variable2: variables[1],
    accumulator: ACCUMULATOR,
    ...parts,
  };
  return fold;
}

/** all, exists, exists_one, with one variable or two: the predicate is the last argument. */
const quantifier =
  (kind: 'all' | 'exists' | 'one'): Expander =>
  (target, args, offset) => {
    const predicate = args.at(-1) ?? literal(offset, null);
    const names = args.slice(0, -1);
    const result = ident(offset, ACCUMULATOR);
    if (kind === 'all')
      return fold(target, names, offset, {
        init: literal(offset, true),
        condition: call(offset, '@not_strictly_false', result),
        step: call(offset, '_&&_', result, predicate),
        result,
      });
    if (kind === 'exists')
      return fold(target, names, offset, {
        init: literal(offset, false),
        condition: call(offset, '@not_strictly_false', call(offset, '!_', result)),
        step: call(offset, '_||_', result, predicate),
        result,
      });
    const more = call(offset, '_+_', result, literal(offset, 1n));
    return fold(target, names, offset, {
      init: literal(offset, 0n),
      condition: literal(offset, true),
      step: call(offset, '_?_:_', predicate, more, result),
      result: call(offset, '_==_', result, literal(offset, 1n)),
    });
  };

/** map(x, t), map(x, p, t) and filter(x, p). */
const mapper: Expander = (target, args, offset) => {
  const [name, first, second] = args;
  return mapped(
    target,
    [name],
    second && first,
    second ?? first,
    offset,
    'argument is not an identifier',
  );
};

const filter: Expander = (target, [name, predicate], offset) =>
  mapped(target, [name], predicate, name, offset, 'argument is not an identifier');

/** transformList(i, v, t) and transformList(i, v, p, t). */
const transformList: Expander = (target, args, offset) =>
  mapped(target, args.slice(0, 2), args.length === 4 ? args[2] : undefined, args.at(-1), offset);

function mapped(
  target: Expr | undefined,
  names: readonly (Expr | undefined)[],
  predicate: Expr | undefined,
  transform: Expr | undefined,
  offset: number,
  wording?: string,
): Expansion | undefined {
  if (!transform) return undefined;
  const result = ident(offset, ACCUMULATOR);
  const added = call(offset, '_+_', result, listOf(offset, transform));
  return fold(
    target,
    names,
    offset,
    {
      init: listOf(offset),
      condition: literal(offset, true),
      step: predicate ? call(offset, '_?_:_', predicate, added, result) : added,
      result,
    },
    wording,
  );
}

const transformMap =
  (isEntry: boolean): Expander =>
  (target, args, offset) => {
    const transform = args.at(-1);
    const [key] = args;
    if (!transform || !key) return undefined;
    const predicate = args.length === 4 ? args[2] : undefined;
    const result = ident(offset, ACCUMULATOR);
    const inserted = isEntry
      ? call(offset, 'cel.@mapInsert', result, transform)
      : call(offset, 'cel.@mapInsert', result, key, transform);
    return fold(target, args.slice(0, 2), offset, {
      init: { kind: 'map', offset, entries: [] },
      condition: literal(offset, true),
      step: predicate ? call(offset, '_?_:_', predicate, inserted, result) : inserted,
      result,
    });
  };

const optMap =
  (isFlat: boolean): Expander =>
  (target, [name, transform], offset) => {
    if (!target || !transform || !name) return undefined;
    if (name.kind !== 'ident')
      return issue(
        name,
        `${isFlat ? 'optFlatMap' : 'optMap'}() variable name must be a simple identifier`,
      );
    const bound: Comprehension = {
      kind: 'comprehension',
      offset,
      range: listOf(offset),
      variable: '#unused',
      variable2: undefined,
      accumulator: name.name,
      init: memberCall(offset, 'value', target),
      condition: literal(offset, false),
      step: ident(offset, name.name),
      result: transform,
    };
    return call(
      offset,
      '_?_:_',
      memberCall(offset, 'hasValue', target),
      isFlat ? bound : call(offset, 'optional.of', bound),
      call(offset, 'optional.none'),
    );
  };

const sortBy: Expander = (target, [name, key], offset) => {
  if (!target || !name || !key) return undefined;
  const sortable = ['list', 'ident', 'comprehension', 'call', 'select'];
  if (!sortable.includes(target.kind))
    return issue(
      target,
      'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    );
  const keys = mapped(target, [name], undefined, key, offset, 'argument is not an identifier');
  if (!keys || 'issue' in keys) return keys;
  return memberCall(offset, '@sortByAssociatedKeys', target, keys);
};

/** By `name:count of arguments:whether it is called on something`. */
export const macros: ReadonlyMap<string, Expander> = new Map<string, Expander>([
  ['has:1:false', has],
  ['all:2:true', quantifier('all')],
  ['all:3:true', quantifier('all')],
  ['exists:2:true', quantifier('exists')],
  ['exists:3:true', quantifier('exists')],
  ['exists_one:2:true', quantifier('one')],
  ['exists_one:3:true', quantifier('one')],
  ['existsOne:3:true', quantifier('one')],
  ['map:2:true', mapper],
  ['map:3:true', mapper],
  ['filter:2:true', filter],
  ['transformList:3:true', transformList],
  ['transformList:4:true', transformList],
  ['transformMap:3:true', transformMap(false)],
  ['transformMap:4:true', transformMap(false)],
  ['transformMapEntry:3:true', transformMap(true)],
  ['transformMapEntry:4:true', transformMap(true)],
  ['optMap:2:true', optMap(false)],
  ['optFlatMap:2:true', optMap(true)],
  ['sortBy:2:true', sortBy],
]);
