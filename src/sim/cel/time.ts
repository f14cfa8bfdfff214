// Durations and timestamps as Go's time package reads and prints them, in nanoseconds.

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const MAX = (1n << 63n) - 1n;

/** undefined for what is no duration. Models time.ParseDuration. */
export function parseDuration(text: string): bigint | undefined {
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/u.exec(text);
  if (!match) return undefined;
  let total = 0n;
  for (const [, number = '', unit = ''] of (match[2] ?? '').matchAll(/([\d.]+)([a-zµμ]+)/gu)) {
    const [whole = '', fraction = ''] = number.split('.');
    const scale = UNITS[unit] ?? 0n;
    total += BigInt(whole || '0') * scale;
    if (fraction) total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  if (total > MAX) return undefined;
  return match[1] === '-' ? -total : total;
}

/** `3600s`, `1.5s`: how CEL prints a duration. */
export function formatDuration(nanos: bigint): string {
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = (size % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${sign}${size / 1_000_000_000n}${fraction && `.${fraction}`}s`;
}

/** RFC 3339; undefined for what is no time. */
export function parseTimestamp(text: string): bigint | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/.exec(
    text,
  );
  if (!match) return undefined;
  const [, year, month, day, hour, minute, secondText, fraction = '', zone = 'Z'] = match;
  const parts = [year, month, day, hour, minute, secondText].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts;
  if (mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 59) return undefined;
  const millis = utc(y, mo, d) + (h * 3600 + mi * 60 + s) * 1000;
  if (new Date(utc(y, mo, d)).getUTCDate() !== d) return undefined;
  const offset = zone === 'Z' ? 0 : zoneMinutes(zone);
  if (offset === undefined) return undefined;
  const nanos = BigInt(fraction.slice(0, 9).padEnd(9, '0') || '0');
  return BigInt(millis - offset * 60_000) * 1_000_000n + nanos;
}

function utc(year: number, month: number, day: number): number {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}

function zoneMinutes(zone: string): number | undefined {
  const match = /^([+-])(\d\d):(\d\d)$/.exec(zone);
  if (!match) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

/** RFC 3339 with as many digits as it takes. */
export function formatTimestamp(nanos: bigint): string {
  const seconds = floorDiv(nanos, 1_000_000_000n);
  const rest = nanos - seconds * 1_000_000_000n;
  const base = new Date(Number(seconds) * 1000).toISOString().replace(/\.000Z$/, '');
  const fraction = rest.toString().padStart(9, '0').replace(/0+$/, '');
  return `${base}${fraction && `.${fraction}`}Z`;
}

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

export interface TimeFields {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  /** From 1. */
  readonly day: number;
  readonly dayOfYear: number;
  readonly dayOfWeek: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly milliseconds: number;
}

/** The fields of a time in a zone: `UTC`, `+02:00`, or a name; undefined for a zone nobody knows. */
export function timeFields(nanos: bigint, zone = 'UTC'): TimeFields | undefined {
  const offset = zoneOffset(nanos, zone);
  if (offset === undefined) return undefined;
  const millis = Number(floorDiv(nanos, 1_000_000n)) + offset * 60_000;
  const date = new Date(millis);
  const startOfYear = utc(date.getUTCFullYear(), 1, 1);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    dayOfYear: Math.floor((millis - startOfYear) / 86_400_000),
    dayOfWeek: date.getUTCDay(),
    hours: date.getUTCHours(),
    minutes: date.getUTCMinutes(),
    seconds: date.getUTCSeconds(),
    milliseconds: date.getUTCMilliseconds(),
  };
}

function zoneOffset(nanos: bigint, zone: string): number | undefined {
  if (zone === '' || zone === 'UTC' || zone === 'Z') return 0;
  if (/^[+-]?\d\d:\d\d$/.test(zone)) return zoneMinutes(/^\d/.test(zone) ? `+${zone}` : zone);
  try {
    const date = new Date(Number(floorDiv(nanos, 1_000_000n)));
    const name = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
      .formatToParts(date)
      .find(({ type }) => type === 'timeZoneName')?.value;
    return name === undefined || name === 'GMT' ? 0 : zoneMinutes(name.slice(3));
  } catch {
    return undefined;
  }
}
