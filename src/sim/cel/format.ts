import { encodeUtf8 } from '../../base/bytes.ts';
import { goQuote } from '../../api/field.ts';
import { formatDouble, toText } from './library/standard.ts';
import {
  CelError,
  CelList,
  CelMap,
  Duration,
  Timestamp,
  TypeValue,
  typeNameOf,
  Uint,
  type CelValue,
} from './values.ts';

const DEFAULT_PRECISION = 6;
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

class FormatProblem extends Error {}

/** `'%s has %d'.format([x, y])`. Models cel-go ext/formatting.go parseFormatString. */
export function format(text: string, args: readonly CelValue[]): CelValue {
  try {
    return interpolate(text, args);
  } catch (error) {
    if (error instanceof FormatProblem) return new CelError(error.message);
    throw error;
  }
}

function interpolate(text: string, args: readonly CelValue[]): string {
  let out = '';
  let used = 0;
  for (let at = 0; at < text.length;) {
    if (text[at] !== '%') {
      out += text.charAt(at++);
      continue;
    }
    if (text[at + 1] === '%') {
      out += '%';
      at += 2;
      continue;
    }
    const argument = args[used];
    if (argument === undefined) throw new FormatProblem(`index ${used} out of range`);
    if (at + 1 >= text.length) throw new FormatProblem('unexpected end of string');
    const clause = clauseAt(text, at + 1);
    out += formatted(clause, argument);
    at = clause.end;
    used++;
  }
  return out;
}

interface Clause {
  readonly verb: string;
  readonly precision: number;
  readonly end: number;
}

/** What stands after a percent sign: `s`, `.3f`. Throws what is wrong about it. */
export function clauseAt(text: string, start: number): Clause {
  let at = start;
  let precision = DEFAULT_PRECISION;
  if (text[at] === '.') {
    const digits = /^\d*/.exec(text.slice(at + 1))?.[0] ?? '';
    if (at + 1 + digits.length >= text.length)
      throw new FormatProblem(
        'error while parsing precision: could not find end of precision specifier',
      );
    precision = Number(digits);
    at += 1 + digits.length;
  }
  const verb = text.charAt(at);
  if (!/[sdfebxXo]/.test(verb))
    throw new FormatProblem(
      `could not parse formatting clause: unrecognized formatting clause "${verb}"`,
    );
  return { verb, precision, end: at + 1 };
}

function formatted({ verb, precision }: Clause, value: CelValue): string {
  switch (verb) {
    case 's':
      return shown(value, true);
    case 'd':
      return decimal(value);
    case 'f':
      return fixed(floating(value, 'fixed-point'), precision);
    case 'e':
      return scientific(floating(value, 'scientific'), precision);
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return integer(value, 2, 'only integers and bools can be formatted as binary');
    case 'o':
      return integer(value, 8, 'octal clause can only be used on integers');
    default: {
      const text = hexadecimal(value);
      return verb === 'X' ? text.toUpperCase() : text;
    }
  }
}

const wrapped = (why: string, value: CelValue): FormatProblem =>
  new FormatProblem(`error during formatting: ${why}, was given ${typeNameOf(value)}`);

function integer(value: CelValue, base: number, why: string): string {
  if (typeof value === 'bigint') return value.toString(base);
  if (value instanceof Uint) return value.value.toString(base);
  throw wrapped(why, value);
}

const decimal = (value: CelValue): string =>
  integer(value, 10, 'decimal clause can only be used on integers');

function hexadecimal(value: CelValue): string {
  const bytes =
    typeof value === 'string' ? encodeUtf8(value) : value instanceof Uint8Array ? value : undefined;
  if (bytes) return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return integer(value, 16, 'only integers, byte buffers, and strings can be formatted as hex');
}

function floating(value: CelValue, clause: string): number {
  if (typeof value === 'number') return value;
  const special = typeof value === 'string' ? SPECIAL[value] : undefined;
  if (special === undefined) throw wrapped(`${clause} clause can only be used on doubles`, value);
  return special;
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? undefined : value > 0 ? '∞' : '-∞';
}

function fixed(value: number, precision: number): string {
  const text = special(value);
  if (text !== undefined) return text;
  const [whole = '', fraction] = plainFixed(value, precision).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Digits instead of an exponent, however large the number is. */
function plainFixed(value: number, precision: number): string {
  if (Math.abs(value) < 1e21) return value.toFixed(Math.min(precision, 100));
  return `${BigInt(value)}${precision ? `.${'0'.repeat(precision)}` : ''}`;
}

/** As the message printer for en_US writes it: `1.052033×10⁰³`. */
function scientific(value: number, precision: number): string {
  const text = special(value);
  if (text !== undefined) return text;
  const [digits = '', power = ''] = value.toExponential(Math.min(precision, 100)).split('e');
  const exponent = Number(power);
  const size = String(Math.abs(exponent)).padStart(2, '0');
  const raised = Array.from(size)
    .map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(digit)))
    .join('');
  return `${digits}×10${exponent < 0 ? '⁻' : ''}${raised}`;
}

/** `%s`, and elements of lists and maps, which are quoted. */
function shown(value: CelValue, isOutermost: boolean): string {
  if (value === null) return 'null';
  if (value instanceof CelList)
    return `[${[...value].map((item) => quotedElement(item)).join(', ')}]`;
  if (value instanceof CelMap && value.typeName === 'map') return shownMap(value);
  if (!isOutermost && value instanceof Timestamp) return `timestamp(${goQuote(textOf(value))})`;
  if (!isOutermost && value instanceof Duration) return `duration(${goQuote(textOf(value))})`;
  if (!isOutermost && typeof value === 'number') return plainFixed(value, DEFAULT_PRECISION);
  if (value instanceof TypeValue) return value.name;
  if (typeof value === 'number') return formatDouble(value);
  return textOf(value);
}

function textOf(value: CelValue): string {
  const text = toText(value);
  if (typeof text === 'string') return text;
  throw wrapped(
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
    value,
  );
}

function quotedElement(value: CelValue): string {
  const text = shown(value, false);
  if (typeof value === 'string') return goQuote(text);
  return value instanceof Uint8Array ? `b${goQuote(text)}` : text;
}

function shownMap(map: CelMap): string {
  const pairs = map.keys().map((key) => {
    const isKey = ['string', 'boolean', 'bigint'].includes(typeof key) || key instanceof Uint;
    if (!isKey)
      throw new FormatProblem(`no formatting function for map key of type ${typeNameOf(key)}`);
    return { key: quotedElement(key), value: quotedElement(map.find(key) ?? null) };
  });
  pairs.sort((a, b) => (a.key < b.key ? -1 : 1));
  return `{${pairs.map(({ key, value }) => `${key}:${value}`).join(', ')}}`;
}
