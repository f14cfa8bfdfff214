import { isSameType, type CelType } from './types.ts';
import type { CelValue } from './values.ts';

// What calls cost at most. Models cel-go checker/cost.go functionCost, ext/lists.go and ext/sets.go, and
// apiserver/pkg/cel/library/cost.go EstimateCallCost.

/** How many characters, bytes, items or entries something has. */
export interface Size {
  readonly min: number;
  readonly max: number;
}

/** What is known of an argument. */
export interface Operand {
  readonly type: CelType;
  readonly literal: CelValue | undefined;
  /** Undefined when nothing tells. */
  readonly computed: Size | undefined;
  readonly size: Size;
  /** Of the items, when it is a list. */
  readonly itemSize: Size;
}

export interface EstimatedCall {
  readonly name: string;
  /** Of the overload. */
  readonly id: string;
  readonly target: Operand | undefined;
  readonly args: readonly Operand[];
}

export interface Estimate {
  readonly cost: number;
  /** Of the result. */
  readonly size?: Size;
}

/** Costs and sizes end here. */
export const MAX = 2 ** 64;
export const UNKNOWN: Size = { min: 0, max: MAX };

export const fixed = (size: number): Size => ({ min: size, max: size });
export const plus = (a: number, b: number): number => Math.min(MAX, a + b);
export const times = (a: number, b: number): number => Math.min(MAX, a * b);
export const union = (a: Size, b: Size): Size => ({
  min: Math.min(a.min, b.min),
  max: Math.max(a.max, b.max),
});
const both = (operation: (a: number, b: number) => number, a: Size, b: Size): Size => ({
  min: operation(a.min, b.min),
  max: operation(a.max, b.max),
});

const PER_CHARACTER = 0.1;
const PER_PATTERN_CHARACTER = 0.25;
/** What a format's pattern is taken to be. */
const PATTERN_LENGTH = 128;
const FORMAT_LENGTH = 64;
const AUTHORIZATION_CHECK = 350_000;
const LIST = 10;
const STRUCT = 40;

const scaled = (count: number, factor: number): number => Math.min(MAX, Math.ceil(count * factor));
const traversal = (size: Size | undefined, factor = 1): number =>
  scaled((size ?? UNKNOWN).max, PER_CHARACTER * factor);

export function estimateCall(call: EstimatedCall): Estimate {
  return lists(call) ?? libraries.get(call.name)?.(call) ?? standard(call) ?? { cost: 1 };
}

type Rule = (call: EstimatedCall) => Estimate | undefined;

function standard({ name, id, target, args: [a, b] }: EstimatedCall): Estimate | undefined {
  switch (id) {
    case 'string_format':
      return target && { cost: traversal(target.size) };
    case 'string_to_bytes':
      return a && { cost: traversal(a.size), size: { min: a.size.min, max: times(a.size.max, 4) } };
    case 'bytes_to_string':
      return (
        a && { cost: traversal(a.size), size: { min: Math.floor(a.size.min / 4), max: a.size.max } }
      );
    case 'strings_quote':
      return (
        a && {
          cost: traversal(a.size),
          size: { min: plus(a.size.min, 2), max: plus(times(a.size.max, 2), 2) },
        }
      );
    case 'starts_with_string':
    case 'ends_with_string':
      return a && { cost: traversal(a.size) };
    case 'in_list':
      return b && { cost: b.size.max };
    case 'matches_member':
      return target && a && { cost: pattern(target.size, a.size) };
    case 'contains_string':
      return target && a && { cost: times(traversal(target.size), traversal(a.size)) };
    case 'logical_or':
    case 'logical_and':
      return { cost: 0 };
    case 'add_string':
    case 'add_bytes':
    case 'add_list': {
      if (!a || !b) return undefined;
      const size = both(plus, a.size, b.size);
      return { cost: id === 'add_list' ? 1 : traversal(size), size };
    }
    default:
      return (name === '_==_' ||
        name === '_!=_' ||
        /^(?:less|greater)_(?:equals_)?(?:string|bytes)_/.test(id)) &&
        a &&
        b
        ? { cost: scaled(Math.min(a.size.max, b.size.max), PER_CHARACTER) }
        : undefined;
  }
}

/** One more, so that an empty text does not make a pattern free. */
const pattern = (text: Size, of: Size): number =>
  times(scaled(plus(text.max, 1), PER_CHARACTER), scaled(of.max, PER_PATTERN_CHARACTER));

/** Functions of cel-go's own extensions, by overload. */
function lists({ id, target, args: [a, b] }: EstimatedCall): Estimate | undefined {
  const made = (size: Size, factor = 1): Estimate => ({
    cost: plus(scaled(size.max, factor), 1 + LIST),
    size,
  });
  const squared = (size: Size): Size => both(times, size, size);
  switch (id) {
    case 'list_slice':
      return target && made(fixed(Math.max(0, whole(b, target.size.max) - whole(a, 0))));
    case 'list_flatten':
    case 'list_flatten_int':
      return target && made(target.size, a ? whole(a, MAX) : 1);
    case 'lists_range':
      return made(fixed(whole(a, MAX)));
    case 'list_reverse':
      return target && made(target.size);
    case 'list_distinct':
      return target && made(squared(target.size), 2);
    case 'list_sets_contains_list':
    case 'list_sets_intersects_list':
    case 'list_sets_equivalent_list': {
      const factor = id === 'list_sets_equivalent_list' ? 2 : 1;
      return a && b && { cost: plus(scaled(times(a.size.max, b.size.max), factor), 1) };
    }
    default: {
      const [, type, what] = /^list_([a-z]+)_(sort|sortByAssociatedKeys)$/.exec(id) ?? [];
      const sorted = what === 'sort' ? target : a;
      const isText = type === 'string' || type === 'bytes';
      return what === undefined || !sorted
        ? undefined
        : made(squared(sorted.size), isText ? 2 + PER_CHARACTER : 2);
    }
  }
}

/** The number that is written there. */
const whole = (operand: Operand | undefined, otherwise: number): number =>
  typeof operand?.literal === 'bigint' ? Math.max(0, Number(operand.literal)) : otherwise;

const nominal: Rule = () => ({ cost: 1 });

const selector: Rule = ({ args: [text] }) =>
  text && {
    cost: [traversal(text.size), scaled(scaled(text.size.max, 0.5), LIST + STRUCT)].reduce(
      plus,
      LIST,
    ),
  };

/** Each item is compared once. */
const compared: Rule = ({ target }) => {
  if (!target) return undefined;
  const [of] = target.type.parameters;
  if (!of) return { cost: traversal(target.size) };
  const isText = of.kind === 'string' || of.kind === 'bytes';
  return { cost: times(target.size.max, isText ? plus(1, traversal(target.itemSize)) : 1) };
};

const ofTarget: Rule = ({ target }) =>
  target && { cost: traversal(target.size), size: target.size };
const ofText: Rule = ({ args: [text] }) => text && { cost: traversal(text.size) };

const replaced: Rule = ({ target, args: [old, wanted] }) => {
  if (!target || !old || !wanted) return undefined;
  const { size } = target;
  /** How often at most or at least, and how much stays. */
  const bound = (length: number, oldLength: number, isUnchanged: boolean): [number, number] => {
    if (oldLength === 0) return [plus(length, 1), length];
    return isUnchanged ? [0, length] : [Math.ceil(length / oldLength), 0];
  };
  const [most, kept] = bound(size.max, old.size.min, wanted.size.max <= old.size.min);
  const [least, keptLeast] = bound(size.min, old.size.max, old.size.max <= wanted.size.min);
  return {
    cost: traversal(size, 2),
    size: {
      min: plus(times(least, wanted.size.min), keptLeast),
      max: plus(times(most, wanted.size.max), kept),
    },
  };
};

const joined: Rule = ({ target, args: [separator] }) => {
  if (!target) return undefined;
  const items = target.type.parameters.length
    ? both(times, target.size, target.itemSize)
    : fixed(0);
  const between: Size = {
    min: Math.max(0, target.size.min - 1),
    max: Math.max(0, target.size.max - 1),
  };
  const size = separator ? both(plus, items, both(times, separator.size, between)) : items;
  return { cost: traversal(size), size };
};

const found: Rule = ({ target, args: [text] }) =>
  target &&
  text && { cost: pattern(target.size, text.size), size: { min: 0, max: target.size.max } };

/** Two addresses of at most 16 bytes; a text must be read first. */
const within =
  (more: number): Rule =>
  ({ id, args: [other] }) => {
    const reading = id.endsWith('_string') ? traversal(other?.size) : 0;
    return { cost: plus(scaled(32, PER_CHARACTER) + more, reading) };
  };

const equal: Rule = ({ args: [a, b] }) => {
  if (!a || !b || !isSameType(a.type, b.type)) return undefined;
  const { name } = a.type;
  if (name === 'kubernetes.NamedFormat') return { cost: scaled(FORMAT_LENGTH, PER_CHARACTER) };
  if (name === 'kubernetes.URL') return { cost: scaled(b.computed?.max ?? 1, PER_CHARACTER) };
  return atOnce.has(name) ? { cost: 1 } : undefined;
};

/** Types whose values are compared in one step. */
const atOnce = new Set([
  'net.IP',
  'net.CIDR',
  'kubernetes.Quantity',
  'kubernetes.Semver',
  'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.PathCheck',
  'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.ResourceCheck',
  'kubernetes.authorization.Decision',
]);

const named = (rule: Rule, names: string): (readonly [string, Rule])[] =>
  names.split(' ').map((name) => [name, rule] as const);

const libraries: ReadonlyMap<string, Rule> = new Map([
  ['check', () => ({ cost: AUTHORIZATION_CHECK })],
  ...named(
    nominal,
    'serviceAccount path group resource subresource namespace name allowed reason error errored',
  ),
  ...named(selector, 'fieldSelector labelSelector'),
  ...named(compared, 'isSorted sum max min indexOf lastIndexOf'),
  ...named(
    ({ args: [text] }) => text && { cost: traversal(text.size), size: text.size },
    'url jsonpatch.escapeKey',
  ),
  ...named(ofTarget, 'lowerAscii upperAscii substring trim'),
  ['replace', replaced],
  [
    'split',
    ({ target, args: [, count] }) =>
      target && {
        cost: traversal(target.size, 2),
        size: { min: 0, max: whole(count, target.size.max) },
      },
  ],
  ['join', joined],
  ...named(found, 'find findAll'),
  ...named(ofText, 'cidr isIP isCIDR quantity isQuantity semver isSemver'),
  ['ip', (call) => (call.id === 'cidr_ip' ? { cost: 1 } : ofText(call))],
  ['ip.isCanonical', ({ args: [text] }) => text && { cost: traversal(text.size, 2) }],
  ...named(
    nominal,
    'masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast',
  ),
  ['containsIP', within(0)],
  ['containsCIDR', within(scaled(16, PER_CHARACTER) + 1)],
  [
    'validate',
    ({ args: [text] }) =>
      text && { cost: scaled(traversal(text.size), PATTERN_LENGTH * PER_PATTERN_CHARACTER) },
  ],
  ...named(
    nominal,
    'format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch',
  ),
  ...named(nominal, 'getScheme getHostname getHost getPort getEscapedPath getQuery'),
  ['_==_', equal],
] as const);
