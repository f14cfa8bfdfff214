import { decodeUtf8, encodeUtf8 } from '../../../base/bytes.ts';
import { method, overload, type Overload } from '../environment.ts';
import { compileRegex } from '../regex.ts';
import {
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  timeFields,
  type TimeFields,
} from '../time.ts';
import * as t from '../types.ts';
import type { CelType } from '../types.ts';
import type { CelList } from '../values.ts';
import {
  CelError,
  compare,
  Duration,
  noSuchOverload,
  sizeOf,
  Timestamp,
  TypeValue,
  typeNameOf,
  Uint,
  type CelValue,
} from '../values.ts';

// The functions that CEL itself has. Models cel-go common/stdlib/standard.go.

const A = t.param('A');
const B = t.param('B');
const MIN_INT = -(1n << 63n);
const MAX_INT = (1n << 63n) - 1n;
const MAX_UINT = (1n << 64n) - 1n;
const MIN_TIME = -62_135_596_800_000_000_000n;
const MAX_TIME = 253_402_300_799_999_999_999n;

export const perCharacter = (...values: readonly CelValue[]): number =>
  Math.ceil(values.reduce((sum: number, it) => sum + sizeOf(it), 0) * 0.1);

function intOf(value: bigint): CelValue {
  return value < MIN_INT || value > MAX_INT ? new CelError('integer overflow') : value;
}
function uintOf(value: bigint): CelValue {
  return value < 0n || value > MAX_UINT
    ? new CelError('unsigned integer overflow')
    : new Uint(value);
}
function timeOf(nanos: bigint): CelValue {
  return nanos < MIN_TIME || nanos > MAX_TIME
    ? new CelError('timestamp overflow')
    : new Timestamp(nanos);
}
function durationOf(nanos: bigint): CelValue {
  return nanos < MIN_INT || nanos > MAX_INT
    ? new CelError('integer overflow')
    : new Duration(nanos);
}

type Operation = (a: bigint, b: bigint) => bigint;

/** `a + b` for two values of one type. */
const arithmetic = (
  name: string,
  ints: Operation,
  doubles: ((a: number, b: number) => number) | undefined,
): Overload[] => [
  overload(`${name}_int64`, [t.int, t.int], t.int, (a, b) =>
    guarded(name, b as bigint, () => intOf(ints(a as bigint, b as bigint))),
  ),
  overload(`${name}_uint64`, [t.uint, t.uint], t.uint, (a, b) =>
    guarded(name, (b as Uint).value, () => uintOf(ints((a as Uint).value, (b as Uint).value))),
  ),
  ...(doubles
    ? [
        overload(`${name}_double`, [t.double, t.double], t.double, (a, b) =>
          doubles(a as number, b as number),
        ),
      ]
    : []),
];

function guarded(name: string, divisor: bigint, work: () => CelValue): CelValue {
  if (divisor === 0n && name === 'divide') return new CelError('division by zero');
  if (divisor === 0n && name === 'modulo') return new CelError('modulus by zero');
  return work();
}

const NUMBERS: readonly CelType[] = [t.int, t.uint, t.double];
const ORDERED: readonly CelType[] = [
  t.bool,
  t.int,
  t.uint,
  t.double,
  t.string,
  t.bytes,
  t.timestamp,
  t.duration,
];

/** All pairs of numbers, and pairs of one type. */
function comparison(name: string, holds: (order: number) => boolean): Overload[] {
  const pairs = [
    ...ORDERED.map((type) => [type, type] as const),
    ...NUMBERS.flatMap((a) => NUMBERS.filter((b) => a !== b).map((b) => [a, b] as const)),
  ];
  return pairs.map(([a, b]) =>
    overload(
      `${name}_${a.kind}_${b.kind}`,
      [a, b],
      t.bool,
      (left = null, right = null) => {
        const order = compare(left, right);
        return order instanceof CelError ? order : holds(order);
      },
      a === t.string || a === t.bytes
        ? ([left = null, right = null]) => Math.ceil(Math.min(sizeOf(left), sizeOf(right)) * 0.1)
        : undefined,
    ),
  );
}

const nanosOf = (value: CelValue | undefined): bigint => (value as Duration | Timestamp).nanos;

/** f(x) and x.f(). */
const both = (
  id: string,
  args: readonly CelType[],
  result: CelType,
  call: Overload['call'],
  cost?: Overload['cost'],
): Overload[] => [
  overload(id, args, result, call, cost),
  method(`${id}_member`, args, result, call, cost),
];

const size = (type: CelType): Overload[] =>
  both(`size_${type.kind}`, [type], t.int, (value = null) => BigInt(sizeOf(value)));

const matches = (value: CelValue, pattern: CelValue): CelValue => {
  const regex = compileRegex(pattern as string);
  if (typeof regex === 'string') return new CelError(regex);
  return regex.test(value as string);
};
const matchCost = ([value = null, pattern = null]: readonly CelValue[]): number =>
  Math.ceil((1 + sizeOf(value)) * 0.1) * Math.ceil(sizeOf(pattern) * 0.25);

const textMethod = (
  name: string,
  call: (value: string, part: string) => boolean,
  cost: Overload['cost'],
): Overload =>
  method(
    `${name}_string`,
    [t.string, t.string],
    t.bool,
    (a, b) => call(a as string, b as string),
    cost,
  );

/** x.getX() of a time, in UTC or in a zone, and of a duration as a whole number of units. */
function getter(
  name: string,
  read: (fields: TimeFields) => number,
  unitNanos?: bigint,
): Overload[] {
  const call = (time: CelValue, zone?: CelValue): CelValue => {
    const fields = timeFields(nanosOf(time), zone as string | undefined);
    if (!fields) return new CelError(`unknown time zone ${zone as string}`);
    return BigInt(read(fields));
  };
  return [
    method(`timestamp_${name}`, [t.timestamp], t.int, (time = null) => call(time)),
    method(`timestamp_${name}_with_tz`, [t.timestamp, t.string], t.int, (time = null, zone) =>
      call(time, zone),
    ),
    ...(unitNanos === undefined
      ? []
      : [method(`duration_${name}`, [t.duration], t.int, (value) => nanosOf(value) / unitNanos)]),
  ];
}

const conversionError = (from: CelValue, to: string): CelError =>
  new CelError(`type conversion error from '${typeNameOf(from)}' to '${to}'`);

function toInt(value: CelValue): CelValue {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return intOf(value.value);
  if (typeof value === 'number')
    return Number.isFinite(value) && Math.abs(value) < 2 ** 63
      ? intOf(BigInt(Math.trunc(value)))
      : new CelError('integer overflow');
  if (value instanceof Timestamp) return value.nanos / 1_000_000_000n;
  if (value instanceof Duration) return value.nanos;
  const text = value as string;
  if (!/^[+-]?\d+$/.test(text)) return conversionError(value, 'int');
  const parsed = intOf(BigInt(text.replace(/^\+/, '')));
  return parsed instanceof CelError ? conversionError(value, 'int') : parsed;
}

function toUint(value: CelValue): CelValue {
  if (value instanceof Uint) return value;
  if (typeof value === 'bigint') return uintOf(value);
  if (typeof value === 'number')
    return value >= 0 && value < 2 ** 64
      ? uintOf(BigInt(Math.trunc(value)))
      : new CelError('unsigned integer overflow');
  const text = value as string;
  return /^\d+$/.test(text) && BigInt(text) <= MAX_UINT
    ? new Uint(BigInt(text))
    : conversionError(value, 'uint');
}

function toDouble(value: CelValue): CelValue {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint) return Number(value.value);
  const text = value as string;
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^nan$/i.test(text) ? Number.NaN : conversionError(value, 'double');
}

export function toText(value: CelValue): CelValue {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return formatDouble(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return formatTimestamp(value.nanos);
  if (value instanceof Duration) return formatDuration(value.nanos);
  if (value instanceof Uint8Array) {
    const text = decodeUtf8(value);
    return text.includes('\ufffd')
      ? new CelError('invalid UTF-8 in bytes, cannot convert to string')
      : text;
  }
  return noSuchOverload();
}

/** Go's strconv.FormatFloat(x, 'g', -1, 64). */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', power = ''] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(value);
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
}

const bools: Readonly<Record<string, boolean>> = {
  '1': true, t: true, true: true, TRUE: true, True: true,
  '0': false, f: false, false: false, FALSE: false, False: false,
}; // prettier-ignore

const conversion = (
  to: CelType,
  from: readonly CelType[],
  convert: (value: CelValue) => CelValue,
): Overload[] =>
  from.map((type) =>
    overload(
      `${type.kind}_to_${to.kind}`,
      [type],
      to,
      (value = null) => convert(value),
      (type === t.bytes && to === t.string) || (type === t.string && to === t.bytes)
        ? ([value = null]) => perCharacter(value)
        : undefined,
    ),
  );

export const standard: Readonly<Record<string, readonly Overload[]>> = {
  '!_': [overload('logical_not', [t.bool], t.bool, (value) => value === false)],
  '_&&_': [overload('logical_and', [t.bool, t.bool], t.bool, noSuchOverload)],
  '_||_': [overload('logical_or', [t.bool, t.bool], t.bool, noSuchOverload)],
  '_?_:_': [overload('conditional', [t.bool, A, A], A, noSuchOverload)],
  '@not_strictly_false': [overload('not_strictly_false', [t.bool], t.bool, noSuchOverload)],
  '_==_': [overload('equals', [A, A], t.bool, noSuchOverload)],
  '_!=_': [overload('not_equals', [A, A], t.bool, noSuchOverload)],
  '@in': [
    overload('in_list', [A, t.list(A)], t.bool, noSuchOverload),
    overload('in_map', [A, t.map(A, B)], t.bool, noSuchOverload),
  ],
  '_[_]': [
    overload('index_list', [t.list(A), t.int], A, noSuchOverload),
    overload('index_map', [t.map(A, B), A], B, noSuchOverload),
  ],
  '_+_': [
    ...arithmetic('add', (a, b) => a + b, (a, b) => a + b),
    overload('add_string', [t.string, t.string], t.string, (a, b) => (a as string) + (b as string), (it) => perCharacter(...it)),
    overload('add_bytes', [t.bytes, t.bytes], t.bytes, (a, b) => Uint8Array.from([...(a as Uint8Array), ...(b as Uint8Array)]), (it) => perCharacter(...it)),
    overload('add_list', [t.list(A), t.list(A)], t.list(A), (a, b) => (a as CelList).concat(b as CelList)),
    overload('add_duration_duration', [t.duration, t.duration], t.duration, (a, b) => durationOf(nanosOf(a) + nanosOf(b))),
    overload('add_duration_timestamp', [t.duration, t.timestamp], t.timestamp, (a, b) => timeOf(nanosOf(a) + nanosOf(b))),
    overload('add_timestamp_duration', [t.timestamp, t.duration], t.timestamp, (a, b) => timeOf(nanosOf(a) + nanosOf(b))),
  ],
  '_-_': [
    ...arithmetic('subtract', (a, b) => a - b, (a, b) => a - b),
    overload('subtract_duration_duration', [t.duration, t.duration], t.duration, (a, b) => durationOf(nanosOf(a) - nanosOf(b))),
    overload('subtract_timestamp_duration', [t.timestamp, t.duration], t.timestamp, (a, b) => timeOf(nanosOf(a) - nanosOf(b))),
    overload('subtract_timestamp_timestamp', [t.timestamp, t.timestamp], t.duration, (a, b) => durationOf(nanosOf(a) - nanosOf(b))),
  ],
  '_*_': arithmetic('multiply', (a, b) => a * b, (a, b) => a * b),
  '_/_': arithmetic('divide', (a, b) => a / b, (a, b) => a / b),
  '_%_': arithmetic('modulo', (a, b) => a % b, undefined),
  '-_': [
    overload('negate_int64', [t.int], t.int, (value) => intOf(-(value as bigint))),
    overload('negate_double', [t.double], t.double, (value) => -(value as number)),
  ],
  '_<_': comparison('less', (order) => order < 0),
  '_<=_': comparison('less_equals', (order) => order <= 0),
  '_>_': comparison('greater', (order) => order > 0),
  '_>=_': comparison('greater_equals', (order) => order >= 0),
  size: [t.bytes, t.list(A), t.map(A, B), t.string].flatMap(size),
  type: [overload('type', [A], t.typeOf(A), (value = null) => new TypeValue(typeNameOf(value)))],
  dyn: [overload('to_dyn', [A], t.dyn, (value = null) => value)],
  int: conversion(t.int, [t.int, t.double, t.duration, t.string, t.timestamp, t.uint], toInt),
  uint: conversion(t.uint, [t.uint, t.double, t.int, t.string], toUint),
  double: conversion(t.double, [t.double, t.int, t.string, t.uint], toDouble),
  string: conversion(t.string, [t.string, t.bool, t.bytes, t.double, t.duration, t.int, t.timestamp, t.uint], toText),
  bool: conversion(t.bool, [t.bool, t.string], (value) =>
    typeof value === 'boolean' ? value : (bools[value as string] ?? conversionError(value, 'bool')),
  ),
  bytes: conversion(t.bytes, [t.bytes, t.string], (value) =>
    typeof value === 'string' ? encodeUtf8(value) : value,
  ),
  duration: conversion(t.duration, [t.duration, t.int, t.string], (value) => {
    if (value instanceof Duration) return value;
    if (typeof value === 'bigint') return durationOf(value);
    const nanos = parseDuration(value as string);
    return nanos === undefined ? conversionError(value, t.duration.name) : durationOf(nanos);
  }),
  timestamp: conversion(t.timestamp, [t.timestamp, t.int, t.string], (value) => {
    if (value instanceof Timestamp) return value;
    if (typeof value === 'bigint') return timeOf(value * 1_000_000_000n);
    const nanos = parseTimestamp(value as string);
    return nanos === undefined ? conversionError(value, t.timestamp.name) : timeOf(nanos);
  }),
  contains: [
    textMethod('contains', (a, b) => a.includes(b), ([a = null, b = null]) => perCharacter(a) * perCharacter(b)),
  ],
  endsWith: [textMethod('ends_with', (a, b) => a.endsWith(b), ([a = null]) => perCharacter(a))],
  startsWith: [textMethod('starts_with', (a, b) => a.startsWith(b), ([a = null]) => perCharacter(a))],
  matches: both('matches', [t.string, t.string], t.bool, (a = null, b = null) => matches(a, b), matchCost),
  getFullYear: getter('year', ({ year }) => year),
  getMonth: getter('month', ({ month }) => month),
  getDayOfYear: getter('day_of_year', ({ dayOfYear }) => dayOfYear),
  getDayOfMonth: getter('day_of_month', ({ day }) => day - 1),
  getDate: getter('day_of_month_1_based', ({ day }) => day),
  getDayOfWeek: getter('day_of_week', ({ dayOfWeek }) => dayOfWeek),
  getHours: getter('hours', ({ hours }) => hours, 3_600_000_000_000n),
  getMinutes: getter('minutes', ({ minutes }) => minutes, 60_000_000_000n),
  getSeconds: getter('seconds', ({ seconds }) => seconds, 1_000_000_000n),
  getMilliseconds: getter('milliseconds', ({ milliseconds }) => milliseconds, 1_000_000n),
}; // prettier-ignore
