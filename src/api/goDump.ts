import { assert, defined } from '../base/assert.ts';
import facts from './facts/v1.36/goPodTemplate.json' with { type: 'json' };
import { parseTime } from '../base/time.ts';
import { decimalSuffixes } from './quantity.ts';

/** [Go name, JSON name ('' when inline), Go type] */
type Field = readonly [name: string, json: string, type: string];

const { structs, basics } = facts as {
  readonly structs: Readonly<Record<string, readonly Field[]>>;
  readonly basics: Readonly<Record<string, string>>;
};

type Fields = Readonly<Record<string, unknown>>;

/**
 * The text that Go's spew prints for a typed object (`%#v`, sorted keys, no pointer addresses), from the object's JSON.
 * Models k8s.io/utils/dump ForHash.
 *
 *     goDump('v1.PodOS', { name: 'linux' })   →  (v1.PodOS){Name:(v1.OSName)linux}
 */
export const goDump = (type: string, value: unknown): string => `(${type})${valueOf(type, value)}`;

function valueOf(type: string, value: unknown): string {
  if (type.startsWith('*')) {
    // What a pointer points to prints without a type of its own: the pointer's said it.
    return value === undefined || value === null ? '<nil>' : valueOf(type.slice(1), value);
  }
  if (type.startsWith('[]')) return sliceOf(type.slice(2), value as readonly unknown[] | null);
  if (type === 'v1.ResourceList')
    return mapOf('resource.Quantity', value as Fields | null | undefined);
  const map = /^map\[[^\]]*\](.*)$/.exec(type);
  if (map) return mapOf(map[1] ?? '', value as Fields | null | undefined);
  switch (type) {
    case 'resource.Quantity':
      return quantity(value);
    case 'intstr.IntOrString':
      return intOrString(value);
    case 'v1.Time':
      return time(value as string | null | undefined);
  }
  const fields = structs[type];
  if (fields) return structOf(fields, (value ?? {}) as Fields);
  return basic(basics[type] ?? type, value);
}

function basic(type: string, value: unknown): string {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : '';
    case 'bool':
      return value === true ? 'true' : 'false';
    default:
      assert(/^u?int/.test(type), `no layout of the Go type ${type}`);
      return typeof value === 'number' ? String(value) : '0';
  }
}

function structOf(fields: readonly Field[], value: Fields): string {
  const parts = fields.map(([name, json, type]) => {
    const member = json === '' ? value : value[json];
    return `${name}:${typed(type, member)}`;
  });
  return `{${parts.join(' ')}}`;
}

const typed = (type: string, value: unknown): string => `(${type})${valueOf(type, value)}`;

function sliceOf(type: string, value: readonly unknown[] | null | undefined): string {
  if (value === undefined || value === null) return '<nil>';
  return `[${value.map((item) => untyped(type, item)).join(' ')}]`;
}

function mapOf(type: string, value: Fields | null | undefined): string {
  if (value === undefined || value === null) return '<nil>';
  const keys = Object.keys(value).sort((a, b) => (a < b ? -1 : 1));
  return `map[${keys.map((key) => `${key}:${untyped(type, value[key])}`).join(' ')}]`;
}

/** Items of slices and maps print no type; of a pointer the stars remain. */
const untyped = (type: string, value: unknown): string =>
  type.startsWith('*') ? `<*>${valueOf(type, value)}` : valueOf(type, value);

function intOrString(value: unknown): string {
  const isText = typeof value === 'string';
  return (
    `{Type:(intstr.Type)${isText ? 1 : 0} IntVal:(int32)${typeof value === 'number' ? value : 0} ` +
    `StrVal:(string)${isText ? value : ''}}`
  );
}

/** Only the zero time is exact: Go's dump of another one holds the zone data of the machine that runs it. */
function time(value: string | null | undefined): string {
  const seconds = value ? Math.floor((parseTime(value) ?? 0) / 1_000_000) + 62135596800 : 0;
  return `{Time:(time.Time){wall:(uint64)0 ext:(int64)${seconds} loc:(*time.Location)<nil>}}`;
}

const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const MAX_INT64 = 2n ** 63n - 1n;

/** The inside of a parsed quantity. Models k8s.io/apimachinery/pkg/api/resource ParseQuantity. */
function quantity(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
  if (text === '') return amount(0n, 0, '', '');
  if (text === '0') return amount(0n, 0, '0', 'DecimalSI');
  const match = defined(
    /^([+-]?)0*(\d*)(?:\.(\d*))?([eE][+-]?\d+|[A-Za-z]*)$/.exec(text),
    `"${text}" is no quantity`,
  );
  const [, sign = '', digits = '', denominator = '', suffix = ''] = match;
  const numerator = digits || '0';
  const power = BINARY.indexOf(suffix) + 1;
  const shifted = numerator + denominator;
  if (power > 0) {
    const exponent = 10 * power;
    const precision = 15 - numerator.length - Math.floor((exponent * 3) / 10) - 1;
    const scaled = BigInt(shifted) << BigInt(exponent);
    if (denominator || precision < 0 || scaled > MAX_INT64)
      return decimal(text, (scaled * 10n ** 9n) / 10n ** BigInt(denominator.length), 'BinarySI');
    const keeps = BigInt(numerator) % 8n !== 0n;
    return amount(sign === '-' ? -scaled : scaled, 0, keeps ? text : '', 'BinarySI');
  }
  const isExponent = /^[eE]-?\+?\d/.test(suffix);
  const exponent = isExponent ? Number(suffix.slice(1)) : (decimalSuffixes[suffix] ?? 0);
  const format = isExponent ? 'DecimalExponent' : 'DecimalSI';
  const scale = exponent - denominator.length;
  if (18 - shifted.length < 0 || scale < -9) {
    const shift = 9 + scale;
    const unscaled =
      shift >= 0
        ? BigInt(shifted) * 10n ** BigInt(shift)
        : (BigInt(shifted) + 10n ** BigInt(-shift) - 1n) / 10n ** BigInt(-shift);
    return decimal(text, unscaled, format);
  }
  const keeps = scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
  const plain = BigInt(shifted);
  return amount(sign === '-' ? -plain : plain, scale, keeps ? text : '', format);
}

const amount = (value: bigint, scale: number, text: string, format: string): string =>
  `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} ` +
  `d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${text} Format:(resource.Format)${format}}`;

/** What is too large or too fine for 64 bits: nanos as an arbitrary number, in words of 64 bits, the lowest first. */
function decimal(text: string, nanos: bigint, format: string): string {
  const words: string[] = [];
  for (let rest = nanos; rest > 0n; rest >>= 64n) words.push(String(rest & (2n ** 64n - 1n)));
  const big = `(big.Int){neg:(bool)${text.startsWith('-')} abs:(big.nat)${words.length ? `[${words.join(' ')}]` : '<nil>'}}`;
  return (
    `{i:(resource.int64Amount){value:(int64)0 scale:(resource.Scale)0} ` +
    `d:(resource.infDecAmount){Dec:(*inf.Dec){unscaled:${big} scale:(inf.Scale)9}} s:(string) Format:(resource.Format)${format}}`
  );
}
