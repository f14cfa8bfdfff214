import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  QuantityError,
  quantityOf,
  subtractQuantities,
  type Quantity,
} from '../../../api/quantity.ts';
import { method, overload, type Overload } from '../environment.ts';
import * as t from '../types.ts';
import { CelError, OpaqueValue, type CelValue } from '../values.ts';
import { perCharacter } from './standard.ts';

// Quantities. Models apiserver/pkg/cel/library/quantity.go.

const type = t.struct('kubernetes.Quantity');
const NANO = 1_000_000_000n;
const MAX_INT = (1n << 63n) - 1n;

export class QuantityValue extends OpaqueValue {
  readonly type = type;
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof QuantityValue && compareQuantities(this.quantity, other.quantity) === 0;
  }
}

function parse(text: CelValue | undefined): CelValue {
  try {
    return new QuantityValue(parseQuantity(text as string));
  } catch (error) {
    if (error instanceof QuantityError) return new CelError(error.message);
    throw error;
  }
}

const of = (value: CelValue | undefined): Quantity => (value as QuantityValue).quantity;
const fromInt = (value: CelValue | undefined): Quantity => ({
  ...quantityOf(0),
  nanos: (value as bigint) * NANO,
});
const order = (a: CelValue | undefined, b: CelValue | undefined): number =>
  Math.sign(compareQuantities(of(a), of(b)));
const ofText = ([text = null]: readonly CelValue[]): number => perCharacter(text);

function wholeOf({ nanos }: Quantity): bigint | undefined {
  const whole = nanos / NANO;
  return nanos % NANO === 0n && whole <= MAX_INT && whole >= -MAX_INT ? whole : undefined;
}

export const quantities: Readonly<Record<string, readonly Overload[]>> = {
  quantity: [overload('string_to_quantity', [t.string], type, parse, ofText)],
  isQuantity: [overload('is_quantity_string', [t.string], t.bool, (text) => !(parse(text) instanceof CelError), ofText)],
  sign: [overload('quantity_sign', [type], t.int, (value) => { const { nanos } = of(value); return nanos < 0n ? -1n : nanos > 0n ? 1n : 0n; })],
  isGreaterThan: [method('quantity_is_greater_than', [type, type], t.bool, (a, b) => order(a, b) > 0)],
  isLessThan: [method('quantity_is_less_than', [type, type], t.bool, (a, b) => order(a, b) < 0)],
  compareTo: [method('quantity_compare_to', [type, type], t.int, (a, b) => BigInt(order(a, b)))],
  asApproximateFloat: [method('quantity_get_float', [type], t.double, (value) => Number(of(value).nanos) / 1e9)],
  asInteger: [method('quantity_get_int', [type], t.int, (value) => wholeOf(of(value)) ?? new CelError('cannot convert value to integer'))],
  isInteger: [method('quantity_is_integer', [type], t.bool, (value) => wholeOf(of(value)) !== undefined)],
  add: [
    method('quantity_add', [type, type], type, (a, b) => new QuantityValue(addQuantities(of(a), of(b)))),
    method('quantity_add_int', [type, t.int], type, (a, b) => new QuantityValue(addQuantities(of(a), fromInt(b)))),
  ],
  sub: [
    method('quantity_sub', [type, type], type, (a, b) => new QuantityValue(subtractQuantities(of(a), of(b)))),
    method('quantity_sub_int', [type, t.int], type, (a, b) => new QuantityValue(subtractQuantities(of(a), fromInt(b)))),
  ],
}; // prettier-ignore
