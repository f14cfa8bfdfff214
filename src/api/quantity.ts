/** The messages of a text that is no quantity, as the API server words them. */
export const quantityErrors = {
  format:
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  suffix: "unable to parse quantity's suffix",
  numeric: 'unable to parse numeric part of quantity',
} as const;

export type QuantityFormat = 'decimalSI' | 'binarySI' | 'decimalExponent';

/**
 * A fixed-point number as Kubernetes writes resources: `100m`, `1.5Gi`, `2e3`. The value is `nanos` / 10^9, exactly;
 * what is finer is rounded up, as the API server does. Models k8s.io/apimachinery/pkg/api/resource Quantity.
 */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

const NANO = 1_000_000_000n;
const MAX = (1n << 63n) - 1n;

/** Powers of ten. */
export const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};

export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const cache = new Map<string, Quantity>();

/** Throws QuantityError with the server's words. */
export function parseQuantity(text: string): Quantity {
  const known = cache.get(text);
  if (known) return known;
  const quantity = parse(text);
  if (cache.size > 5000) cache.clear();
  cache.set(text, quantity);
  return quantity;
}

/** The quantity, or undefined for a text that is none. */
export function tryQuantity(text: string | undefined): Quantity | undefined {
  if (text === undefined) return undefined;
  try {
    return parseQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

function parse(text: string): Quantity {
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(.*)$/.exec(text);
  if (text === '' || !match) throw new QuantityError(quantityErrors.format);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  if (!whole && !fraction)
    throw new QuantityError(
      /^[+-]?\.?$/.test(text) || !/^[+-]?\./.test(text)
        ? quantityErrors.format
        : quantityErrors.numeric,
    );
  if (!/^[eEinumkKMGTP]*[-+]?[0-9]*$/.test(suffix)) throw new QuantityError(quantityErrors.format);
  const { format, exponent, factor } = suffixOf(suffix);
  const digits = BigInt(whole + fraction) * factor;
  const scale = exponent - fraction.length + 9;
  const magnitude =
    scale >= 0 ? digits * 10n ** BigInt(scale) : divideUp(digits, 10n ** BigInt(-scale));
  const capped = magnitude > MAX * NANO ? MAX * NANO : magnitude;
  return { nanos: sign === '-' ? -capped : capped, format };
}

function suffixOf(suffix: string): { format: QuantityFormat; exponent: number; factor: bigint } {
  const decimal = decimalSuffixes[suffix];
  if (decimal !== undefined) return { format: 'decimalSI', exponent: decimal, factor: 1n };
  const binary = binarySuffixes[suffix];
  if (binary !== undefined) return { format: 'binarySI', exponent: 0, factor: binary };
  const power = /^[eE]([-+]?[0-9]+)$/.exec(suffix);
  if (!power) throw new QuantityError(quantityErrors.suffix);
  return {
    format: 'decimalExponent',
    exponent: Math.max(-60, Math.min(60, Number(power[1]))),
    factor: 1n,
  };
}

/** Away from zero. */
function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return quotient * by === value ? quotient : quotient + 1n;
}

/** The canonical text: the largest suffix that leaves no fraction, in the family that the quantity was written in. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0';
  const negative = nanos < 0n ? '-' : '';
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (format === 'binarySI' && magnitude % NANO === 0n && magnitude / NANO >= 1024n)
    return negative + binaryText(magnitude / NANO);
  return negative + decimalText(magnitude, format === 'decimalExponent');
}

function binaryText(value: bigint): string {
  let shown = value;
  let suffix = '';
  for (const [name, factor] of Object.entries(binarySuffixes)) {
    if (value % factor !== 0n) break;
    shown = value / factor;
    suffix = name;
  }
  return `${shown}${suffix}`;
}

function decimalText(nanos: bigint, asExponent: boolean): string {
  let exponent = -9;
  let shown = nanos;
  while (shown % 1000n === 0n && exponent < 18) {
    shown /= 1000n;
    exponent += 3;
  }
  if (asExponent) return exponent === 0 ? String(shown) : `${shown}e${exponent}`;
  const suffix = Object.entries(decimalSuffixes).find(([, power]) => power === exponent)?.[0] ?? '';
  return `${shown}${suffix}`;
}

export const canonicalQuantity = (text: string): string => formatQuantity(parseQuantity(text));

export const compareQuantities = (a: Quantity, b: Quantity): number =>
  a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
/** The sum keeps the left one's format, unless that is zero. */
export const addQuantities = (a: Quantity, b: Quantity): Quantity => ({
  nanos: a.nanos + b.nanos,
  format: a.nanos === 0n ? b.format : a.format,
});
export const subtractQuantities = (a: Quantity, b: Quantity): Quantity => ({
  nanos: a.nanos - b.nanos,
  format: a.nanos === 0n ? b.format : a.format,
});
export const zeroQuantity: Quantity = { nanos: 0n, format: 'decimalSI' };

/** Whole units, rounded up (away from zero). */
export const quantityValue = (quantity: Quantity): number => Number(scaled(quantity.nanos, NANO));
/** Thousandths, rounded up (away from zero). */
export const milliValue = (quantity: Quantity): number =>
  Number(scaled(quantity.nanos, 1_000_000n));

const scaled = (nanos: bigint, unit: bigint): bigint =>
  nanos < 0n ? -divideUp(-nanos, unit) : divideUp(nanos, unit);

export const quantityOf = (value: number, format: QuantityFormat = 'decimalSI'): Quantity => ({
  nanos: BigInt(Math.round(value)) * NANO,
  format,
});
