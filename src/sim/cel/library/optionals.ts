import { method, overload, type Overload } from '../environment.ts';
import * as t from '../types.ts';
import {
  ArrayList,
  CelError,
  CelList,
  CelMap,
  Duration,
  EntryMap,
  noSuchOverload,
  Optional,
  textOfKey,
  Timestamp,
  Uint,
  type CelValue,
} from '../values.ts';

// Optional values and folds over two variables. Models cel-go cel/library.go and ext/comprehensions.go.

const K = t.param('K');
const V = t.param('V');
const optionalV = t.optional(V);
const listV = t.list(V);
const mapKV = t.map(K, V);

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Timestamp) return false;
  return value instanceof Optional && (value.value === undefined || isZero(value.value));
}

const valueOf = (value: CelValue | undefined): CelValue | undefined =>
  value instanceof Optional ? value.value : undefined;

function unwrap(list: CelList): CelValue {
  const values: CelValue[] = [];
  for (const item of list) {
    if (!(item instanceof Optional))
      return new CelError(`value ${textOfKey(item)} is not optional`);
    if (item.value !== undefined) values.push(item.value);
  }
  return new ArrayList(values);
}

function insert(map: CelMap, entries: readonly (readonly [CelValue, CelValue])[]): CelValue {
  for (const [key] of entries)
    if (map.find(key) !== undefined)
      return new CelError(`insert failed: key ${textOfKey(key)} already exists`);
  const old = map.keys().map((key) => [key, map.find(key) ?? null] as const);
  return new EntryMap([...old, ...entries]);
}

export const optionals: Readonly<Record<string, readonly Overload[]>> = {
  'optional.of': [overload('optional_of', [V], optionalV, (value = null) => new Optional(value))],
  'optional.ofNonZeroValue': [
    overload('optional_ofNonZeroValue', [V], optionalV, (value = null) =>
      isZero(value) ? Optional.none : new Optional(value),
    ),
  ],
  'optional.none': [overload('optional_none', [], optionalV, () => Optional.none)],
  'optional.unwrap': [
    overload('optional_unwrap', [t.list(optionalV)], listV, (list) => unwrap(list as CelList)),
  ],
  unwrapOpt: [
    method('optional_unwrapOpt', [t.list(optionalV)], listV, (list) => unwrap(list as CelList)),
  ],
  value: [
    method('optional_value', [optionalV], V, (value) => {
      const of = valueOf(value);
      return of === undefined ? new CelError('optional.none() dereference') : of;
    }),
  ],
  hasValue: [
    method('optional_hasValue', [optionalV], t.bool, (value) => valueOf(value) !== undefined),
  ],
  or: [method('optional_or_optional', [optionalV, optionalV], optionalV, noSuchOverload)],
  orValue: [method('optional_orValue_value', [optionalV, V], V, noSuchOverload)],
  '_?._': [overload('select_optional_field', [t.dyn, t.string], optionalV, noSuchOverload)],
  '_[?_]': [
    overload('list_optindex_optional_int', [listV, t.int], optionalV, noSuchOverload),
    overload(
      'optional_list_optindex_optional_int',
      [t.optional(listV), t.int],
      optionalV,
      noSuchOverload,
    ),
    overload('map_optindex_optional_value', [mapKV, K], optionalV, noSuchOverload),
    overload(
      'optional_map_optindex_optional_value',
      [t.optional(mapKV), K],
      optionalV,
      noSuchOverload,
    ),
  ],
  '_[_]': [
    overload('optional_list_index_int', [t.optional(listV), t.int], optionalV, noSuchOverload),
    overload('optional_map_index_value', [t.optional(mapKV), K], optionalV, noSuchOverload),
  ],
  'cel.@mapInsert': [
    overload('@mapInsert_map_key_value', [mapKV, K, V], mapKV, (map, key = null, value = null) =>
      insert(map as CelMap, [[key, value]]),
    ),
    overload('@mapInsert_map_map', [mapKV, mapKV], mapKV, (map, more) =>
      insert(
        map as CelMap,
        (more as CelMap).keys().map((key) => [key, (more as CelMap).find(key) ?? null]),
      ),
    ),
  ],
};
