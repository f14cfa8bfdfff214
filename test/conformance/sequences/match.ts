import { expandText, type Variables } from './sequence.ts';

/**
 * Compares what a server said with what was recorded. Recorded strings may hold tokens:
 *
 *     <uid-N>            the same N is the same value, another N another one
 *     <rv-N>             a resourceVersion, and N is its rank: rv-1 is a smaller number than rv-2
 *     <rv> <time> <any>  any number, any time in whole seconds, any text that is not empty
 *     <rand>             five characters as generateName adds them
 *
 * So {a: "<rv-1>", b: "<rv-2>"} agrees with {a: "17", b: "20"}, and not with {a: "20", b: "17"}.
 */
export interface Bindings {
  readonly variables: Variables;
  readonly bound: Map<string, string>;
}

export interface Difference {
  readonly at: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

export const newBindings = (variables: Variables): Bindings => ({ variables, bound: new Map() });

/** The places where `actual` is not what was recorded; none when they agree. */
export function compare(expected: unknown, actual: unknown, bindings: Bindings): Difference[] {
  const differences: Difference[] = [];
  walk(expected, actual, '', bindings, differences);
  return differences;
}

const token = /<(?:(uid|rv)-(\d+)|(rv|time|any|rand))>/g;
const shapes: Readonly<Record<string, string>> = {
  uid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  rv: '\\d+',
  time: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ',
  any: '[\\s\\S]+',
  rand: '[bcdfghjklmnpqrstvwxz2456789]{5}',
};

function walk(
  expected: unknown,
  actual: unknown,
  at: string,
  bindings: Bindings,
  out: Difference[],
): void {
  if (typeof expected === 'string') {
    const isNumber = typeof actual === 'number' && /^<[^<>]+>$/.test(expected);
    const isText = typeof actual === 'string' || isNumber;
    if (!isText || !matchText(expected, String(actual), bindings))
      out.push({ at, expected: filled(expected, bindings), actual });
  } else if (Array.isArray(expected)) {
    walkList(expected, actual, at, bindings, out);
  } else if (isObject(expected)) {
    walkObject(expected, actual, at, bindings, out);
  } else if (expected !== actual) out.push({ at, expected, actual });
}

function walkList(
  expected: readonly unknown[],
  actual: unknown,
  at: string,
  bindings: Bindings,
  out: Difference[],
): void {
  if (!Array.isArray(actual)) {
    out.push({ at, expected, actual });
    return;
  }
  if (expected.length !== actual.length)
    out.push({ at: `${at}.length`, expected: expected.length, actual: actual.length });
  const both = Math.min(expected.length, actual.length);
  for (let i = 0; i < both; i++) walk(expected[i], actual[i], `${at}[${i}]`, bindings, out);
}

function walkObject(
  expected: Readonly<Record<string, unknown>>,
  actual: unknown,
  at: string,
  bindings: Bindings,
  out: Difference[],
): void {
  if (!isObject(actual)) {
    out.push({ at, expected, actual });
    return;
  }
  const left = new Set(Object.keys(actual));
  for (const [name, value] of Object.entries(expected)) {
    const wanted = filled(name, bindings);
    const found = left.has(wanted)
      ? wanted
      : [...left].find((key) => wanted.includes('<') && matchText(wanted, key, bindings));
    if (found === undefined) {
      out.push({ at: `${at}.${wanted}`, expected: value, actual: undefined });
      continue;
    }
    left.delete(found);
    walk(value, actual[found], `${at}.${found}`, bindings, out);
  }
  for (const name of left)
    out.push({ at: `${at}.${name}`, expected: undefined, actual: actual[name] });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A recorded text with the variables and what the tokens stand for so far. */
const filled = (text: string, { variables, bound }: Bindings): string =>
  expandText(text, variables).replace(token, (all) => bound.get(all) ?? all);

function matchText(recorded: string, text: string, bindings: Bindings): boolean {
  const pattern = expandText(recorded, bindings.variables);
  if (pattern === text) return true;
  if (!pattern.includes('<')) return false;
  const tokens: string[] = [];
  let source = '';
  let from = 0;
  for (const found of pattern.matchAll(token)) {
    const shape = shapes[found[1] ?? found[3] ?? ''] ?? '';
    source += `${escaped(pattern.slice(from, found.index))}(${shape})`;
    tokens.push(found[0]);
    from = found.index + found[0].length;
  }
  const match = new RegExp(`^${source}${escaped(pattern.slice(from))}$`).exec(text);
  if (!match) return false;
  return tokens.every((name, i) => bind(name, match[i + 1] ?? '', bindings.bound));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether a numbered token may stand for a value. It does from now on in any case, so that one fault is told once. */
function bind(name: string, value: string, bound: Map<string, string>): boolean {
  const [, kind, rank] = /^<(\w+)-(\d+)>$/.exec(name) ?? [];
  if (kind === undefined || rank === undefined) return true;
  let holds = !bound.has(name) || bound.get(name) === value;
  for (const [other, held] of bound) {
    if (other === name || !other.startsWith(`<${kind}-`)) continue;
    if (held === value) holds = false;
    if (kind !== 'rv') continue;
    const isLower = Number(/\d+/.exec(other)?.[0]) < Number(rank);
    if (isLower !== BigInt(held) < BigInt(value)) holds = false;
  }
  bound.set(name, value);
  return holds;
}
