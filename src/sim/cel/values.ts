import * as types from './types.ts';
import type { CelType } from './types.ts';

/**
 * A value while an expression is evaluated. Numbers: bigint is int, Uint is uint, number is double. An error is a value,
 * too: `||` and `&&` may swallow it.
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint
  | Uint8Array
  | CelList
  | CelMap
  | Timestamp
  | Duration
  | TypeValue
  | Optional
  | OpaqueValue
  | CelError;

export class CelError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export const noSuchOverload = (): CelError => new CelError('no such overload');

export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since 1970, UTC. */
export class Timestamp {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export class Optional {
  static readonly none = new Optional(undefined);
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** A value of a type that a library brings: quantities, addresses, authorizers. */
export abstract class OpaqueValue {
  abstract readonly type: CelType;
  abstract equals(other: OpaqueValue): boolean;
  /** What it counts for in costs; 1 unless it has a size. */
  get size(): number {
    return 1;
  }
}

export abstract class CelList {
  abstract readonly size: number;
  abstract at(index: number): CelValue;

  *[Symbol.iterator](): Generator<CelValue> {
    for (let index = 0; index < this.size; index++) yield this.at(index);
  }

  /** Lists of the API may be sets or maps, which are equal in any order. */
  equals(other: CelList): boolean {
    if (this.size !== other.size) return false;
    for (let index = 0; index < this.size; index++)
      if (!equals(this.at(index), other.at(index))) return false;
    return true;
  }

  concat(other: CelList): CelList {
    return new ArrayList([...this, ...other]);
  }
}

export class ArrayList extends CelList {
  readonly #items: readonly CelValue[];

  constructor(items: readonly CelValue[]) {
    super();
    this.#items = items;
  }

  get size(): number {
    return this.#items.length;
  }

  at(index: number): CelValue {
    return this.#items[index] ?? null;
  }
}

export abstract class CelMap {
  abstract readonly size: number;
  abstract find(key: CelValue): CelValue | undefined;
  abstract keys(): readonly CelValue[];

  /** The type of an object of the API or of an expression that made one; maps unless told. */
  get typeName(): string {
    return 'map';
  }

  equals(other: CelMap): boolean {
    if (this.size !== other.size) return false;
    return this.keys().every((key) => {
      const theirs = other.find(key);
      return theirs !== undefined && equals(this.find(key) ?? null, theirs);
    });
  }
}

/** A map that an expression made. */
export class EntryMap extends CelMap {
  readonly #entries = new Map<string, readonly [CelValue, CelValue]>();

  constructor(entries: Iterable<readonly [CelValue, CelValue]>) {
    super();
    for (const [key, value] of entries) this.#entries.set(keyId(key), [key, value]);
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: CelValue): CelValue | undefined {
    return this.#entries.get(keyId(key))?.[1];
  }

  keys(): readonly CelValue[] {
    return [...this.#entries.values()].map(([key]) => key);
  }

  *entries(): Generator<readonly [CelValue, CelValue]> {
    yield* this.#entries.values();
  }
}

/** Numbers of different types that are equal are one key. */
function keyId(key: CelValue): string {
  if (typeof key === 'bigint') return `n${key}`;
  if (key instanceof Uint) return `n${key.value}`;
  if (typeof key === 'number') return Number.isInteger(key) ? `n${BigInt(key)}` : `d${key}`;
  if (typeof key === 'string') return `s${key}`;
  return `b${textOfKey(key)}`;
}

/** A key, or another simple value, as messages print it. */
export function textOfKey(key: CelValue): string {
  if (key instanceof Uint) return key.value.toString();
  return typeof key === 'string' ? key : typeof key === 'object' ? typeNameOf(key) : `${key}`;
}

/** `Object.spec{replicas: 1}`: an object that an expression made. */
export class ObjectValue extends CelMap {
  readonly name: string;
  readonly fields: ReadonlyMap<string, CelValue>;

  constructor(name: string, fields: ReadonlyMap<string, CelValue>) {
    super();
    this.name = name;
    this.fields = fields;
  }

  get size(): number {
    return this.fields.size;
  }

  override get typeName(): string {
    return this.name;
  }

  find(key: CelValue): CelValue | undefined {
    return typeof key === 'string' ? this.fields.get(key) : undefined;
  }

  keys(): readonly CelValue[] {
    return [...this.fields.keys()];
  }
}

/** The name that `type(x)` gives. */
export function typeNameOf(value: CelValue): string {
  if (value === null) return types.nullType.name;
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
  }
  if (value instanceof Uint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof CelList) return 'list';
  if (value instanceof CelMap) return value.typeName;
  if (value instanceof Timestamp) return types.timestamp.name;
  if (value instanceof Duration) return types.duration.name;
  if (value instanceof TypeValue) return 'type';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof OpaqueValue) return value.type.name;
  return 'error';
}

/** Whether two values are equal; numbers of different types may be. Models types.Equal. */
export function equals(a: CelValue, b: CelValue): boolean {
  const number = compareNumbers(a, b);
  if (number !== undefined) return number === 0;
  if (a instanceof Uint8Array)
    return b instanceof Uint8Array && a.length === b.length && a.every((it, at) => it === b[at]);
  if (a instanceof CelList) return b instanceof CelList && a.equals(b);
  if (a instanceof CelMap) return b instanceof CelMap && a.equals(b);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Optional) {
    if (!(b instanceof Optional)) return false;
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equals(a.value, b.value);
  }
  if (a instanceof OpaqueValue)
    return b instanceof OpaqueValue && a.type.name === b.type.name && a.equals(b);
  return a === b;
}

/** -1, 0 or 1; undefined when one of them is no number, NaN when they cannot be compared. */
export function compareNumbers(a: CelValue, b: CelValue): number | undefined {
  const left = a instanceof Uint ? a.value : a;
  const right = b instanceof Uint ? b.value : b;
  if (typeof left !== 'bigint' && typeof left !== 'number') return undefined;
  if (typeof right !== 'bigint' && typeof right !== 'number') return undefined;
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** -1, 0, 1, or an error for what has no order. Models the Comparer trait. */
export function compare(a: CelValue, b: CelValue): number | CelError {
  const number = compareNumbers(a, b);
  if (number !== undefined)
    return Number.isNaN(number) ? new CelError('NaN values cannot be ordered') : number;
  const order = <T>(left: T, right: T): number => (left < right ? -1 : left > right ? 1 : 0);
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return order(a, b);
  if (a instanceof Timestamp && b instanceof Timestamp) return order(a.nanos, b.nanos);
  if (a instanceof Duration && b instanceof Duration) return order(a.nanos, b.nanos);
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    const at = a.findIndex((it, index) => it !== b[index]);
    if (at < 0) return order(a.length, b.length);
    return order(a[at] ?? 0, b[at] ?? -1);
  }
  return noSuchOverload();
}

/** By code points, as UTF-8 sorts; not by UTF-16 units. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const left = Array.from(a);
  const right = Array.from(b);
  for (let at = 0; at < left.length && at < right.length; at++) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference) return Math.sign(difference);
  }
  return Math.sign(left.length - right.length);
}

/** What a value counts for in costs: the length of what has one. Models interpreter actualSize. */
export function sizeOf(value: CelValue): number {
  if (typeof value === 'string') return codePoints(value);
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof CelList || value instanceof CelMap) return value.size;
  if (value instanceof OpaqueValue) return value.size;
  if (value instanceof Optional && value.value !== undefined) return sizeOf(value.value);
  return 1;
}

export function codePoints(text: string): number {
  let count = 0;
  for (const char of text) if (char) count++;
  return count;
}
