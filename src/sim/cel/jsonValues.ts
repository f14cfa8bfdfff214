import type { JsonObject, JsonValue } from '../../api/meta.ts';
import { encodeBase64 } from '../../base/base64.ts';
import { formatDuration, formatTimestamp } from './time.ts';
import {
  CelError,
  CelList,
  CelMap,
  Duration,
  ObjectValue,
  OpaqueValue,
  Optional,
  textOfKey,
  Timestamp,
  TypeValue,
  Uint,
  type CelValue,
} from './values.ts';

/** JSON without a schema: whole numbers are ints. Reads on demand. */
export function fromJson(value: JsonValue | undefined): CelValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object') return value;
  return Array.isArray(value) ? new JsonList(value) : new JsonMap(value);
}

class JsonList extends CelList {
  readonly #items: readonly JsonValue[];

  constructor(items: readonly JsonValue[]) {
    super();
    this.#items = items;
  }

  get size(): number {
    return this.#items.length;
  }

  at(index: number): CelValue {
    return fromJson(this.#items[index]);
  }
}

export class JsonMap extends CelMap {
  readonly #object: JsonObject;

  constructor(object: JsonObject) {
    super();
    this.#object = object;
  }

  get size(): number {
    return this.keys().length;
  }

  find(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#object, key)) return undefined;
    const value = this.#object[key];
    return value === undefined ? undefined : fromJson(value);
  }

  keys(): readonly string[] {
    return Object.keys(this.#object).filter((key) => this.#object[key] !== undefined);
  }
}

/** A value as JSON; throws what it cannot be in the words of the real converter. */
export function toJson(value: CelValue): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value);
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (value instanceof CelList) return [...value].map(toJson);
  if (value instanceof Optional) return value.value === undefined ? null : toJson(value.value);
  if (value instanceof Timestamp) return formatTimestamp(value.nanos);
  if (value instanceof Duration) return formatDuration(value.nanos);
  if (value instanceof ObjectValue || value instanceof CelMap) {
    const result: JsonObject = {};
    for (const key of value.keys()) result[textOfKey(key)] = toJson(value.find(key) ?? null);
    return result;
  }
  if (value instanceof TypeValue) return value.name;
  if (value instanceof OpaqueValue || value instanceof CelError)
    throw new TypeError('a value of this type has no JSON');
  return value;
}
