import { method, overload, type Overload } from '../environment.ts';
import * as t from '../types.ts';
import type { CelType } from '../types.ts';
import {
  ArrayList,
  CelError,
  CelList,
  compare,
  Duration,
  equals,
  noSuchOverload,
  Optional,
  sizeOf,
  typeNameOf,
  Uint,
  type CelValue,
} from '../values.ts';
import { standard } from './standard.ts';

// Lists. Models apiserver/pkg/cel/library/lists.go and cel-go ext/lists.go, version 3.

const T = t.param('T');
const COMPARABLE: readonly (readonly [string, CelType])[] = [
  ['int', t.int],
  ['uint', t.uint],
  ['double', t.double],
  ['bool', t.bool],
  ['duration', t.duration],
  ['timestamp', t.timestamp],
  ['string', t.string],
  ['bytes', t.bytes],
];
const ZEROS: readonly (readonly [string, CelType, CelValue])[] = [
  ['int', t.int, 0n],
  ['uint', t.uint, new Uint(0n)],
  ['double', t.double, 0],
  ['duration', t.duration, new Duration(0n)],
];

/** The cost of going through the list once, and through its texts. */
const traversal = ([value = null]: readonly CelValue[]): number =>
  value instanceof CelList
    ? [...value].reduce((sum: number, item) => sum + traversal([item]), 1)
    : typeof value === 'string' || value instanceof Uint8Array
      ? Math.ceil(sizeOf(value) * 0.1)
      : 1;
const ofOutput = (_: readonly CelValue[], result: CelValue): number => 11 + sizeOf(result);

function isSorted(list: CelList): CelValue {
  let previous: CelValue | undefined;
  for (const item of list) {
    // What cannot be compared counts as sorted.
    if (previous !== undefined && compare(previous, item) === 1) return false;
    previous = item;
  }
  return true;
}

function extreme(name: 'min' | 'max', list: CelList): CelValue {
  let best: CelValue | undefined;
  for (const item of list) {
    const isBetter = best === undefined || compare(best, item) === (name === 'max' ? -1 : 1);
    if (isBetter) best = item;
  }
  return best ?? new CelError(`${name} called on empty list`);
}

/** Adds as the operator `+` does. */
function sum(list: CelList, zero: CelValue): CelValue {
  const add = (a: CelValue, b: CelValue): CelValue => {
    const kind = typeNameOf(a);
    const found = standard['_+_']?.find(
      ({ args: [left, right] }) => left?.name === kind && right?.name === typeNameOf(b),
    );
    return found?.call(a, b) ?? noSuchOverload();
  };
  let total = zero;
  for (const item of list) {
    total = add(total, item);
    if (total instanceof CelError) return total;
  }
  return total;
}

function slice(list: CelList, start: number, end: number): CelValue {
  const what = `cannot slice(${start}, ${end})`;
  if (start < 0 || end < 0) return new CelError(`${what}, negative indexes not supported`);
  if (start > end)
    return new CelError(`${what}, start index must be less than or equal to end index`);
  if (list.size < end) return new CelError(`${what}, list is length ${list.size}`);
  return new ArrayList([...list].slice(start, end));
}

function flatten(list: CelList, depth: number): CelValue[] {
  return [...list].flatMap((item) =>
    item instanceof CelList && depth > 0 ? flatten(item, depth - 1) : [item],
  );
}

function sortByKeys(list: CelList, keys: CelList): CelValue {
  if (list.size !== keys.size)
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.size} and ${keys.size} elements respectively`,
    );
  const pairs = [...keys].map((key, at) => ({ key, item: list.at(at) }));
  const [first] = pairs;
  if (!first) return list;
  if (compare(first.key, first.key) instanceof CelError)
    return new CelError('list elements must be comparable');
  if (pairs.some(({ key }) => typeNameOf(key) !== typeNameOf(first.key)))
    return new CelError('list elements must have the same type');
  pairs.sort((a, b) => Number(compare(a.key, b.key)));
  return new ArrayList(pairs.map(({ item }) => item));
}

function distinct(list: CelList): CelValue {
  const unique: CelValue[] = [];
  for (const item of list) if (!unique.some((it) => equals(it, item))) unique.push(item);
  return new ArrayList(unique);
}

function find(list: CelList, value: CelValue, isLast: boolean): bigint {
  const items = [...list];
  return BigInt(
    isLast
      ? items.findLastIndex((item) => equals(item, value))
      : items.findIndex((item) => equals(item, value)),
  );
}

const asList = (value: CelValue | undefined): CelList => value as CelList;
const anything = t.list(t.dyn);

export const lists: Readonly<Record<string, readonly Overload[]>> = {
  isSorted: COMPARABLE.map(([name, type]) => method(`list_${name}_is_sorted_bool`, [t.list(type)], t.bool, (list) => isSorted(asList(list)), traversal)),
  sum: ZEROS.map(([name, type, zero]) => method(`list_${name}_sum_${name}`, [t.list(type)], type, (list) => sum(asList(list), startOf(asList(list), zero)), traversal)),
  max: COMPARABLE.map(([name, type]) => method(`list_${name}_max_${name}`, [t.list(type)], type, (list) => extreme('max', asList(list)), traversal)),
  min: COMPARABLE.map(([name, type]) => method(`list_${name}_min_${name}`, [t.list(type)], type, (list) => extreme('min', asList(list)), traversal)),
  indexOf: [method('list_a_index_of_int', [t.list(T), T], t.int, (list, item = null) => find(asList(list), item, false), traversal)],
  lastIndexOf: [method('list_a_last_index_of_int', [t.list(T), T], t.int, (list, item = null) => find(asList(list), item, true), traversal)],
  slice: [method('list_slice', [t.list(T), t.int, t.int], t.list(T), (list, start, end) => slice(asList(list), Number(start), Number(end)), ofOutput)],
  flatten: [
    method('list_flatten', [t.list(t.list(T))], t.list(T), (list) => new ArrayList(flatten(asList(list), 1)), ofOutput),
    method('list_flatten_int', [anything, t.int], anything, (list, depth) =>
      Number(depth) < 0 ? new CelError('level must be non-negative') : new ArrayList(flatten(asList(list), Number(depth))), ofOutput),
  ],
  sort: COMPARABLE.map(([name, type]) => method(`list_${name}_sort`, [t.list(type)], t.list(type), (list) => sortByKeys(asList(list), asList(list)), sortCost)),
  '@sortByAssociatedKeys': COMPARABLE.map(([name, type]) => method(`list_${name}_sortByAssociatedKeys`, [t.list(T), t.list(type)], t.list(T), (list, keys) => sortByKeys(asList(list), asList(keys)), sortCost)),
  'lists.range': [overload('lists_range', [t.int], t.list(t.int), (count) => new ArrayList(Array.from({ length: Math.max(0, Number(count)) }, (_, at) => BigInt(at))), ofOutput)],
  reverse: [method('list_reverse', [t.list(T)], t.list(T), (list) => new ArrayList([...asList(list)].reverse()), ofOutput)],
  distinct: [method('list_distinct', [t.list(T)], t.list(T), (list) => distinct(asList(list)), ([list = null]) => 11 + sizeOf(list) ** 2)],
  first: [method('list_first', [t.list(T)], t.optional(T), (list) => (asList(list).size ? new Optional(asList(list).at(0)) : Optional.none))],
  last: [method('list_last', [t.list(T)], t.optional(T), (list) => (asList(list).size ? new Optional(asList(list).at(asList(list).size - 1)) : Optional.none))],
}; // prettier-ignore

/** A list whose type is not known is added up from a zero of its first element's type. */
function startOf(list: CelList, zero: CelValue): CelValue {
  const first = list.size ? typeNameOf(list.at(0)) : typeNameOf(zero);
  return ZEROS.find(([, type]) => type.name === first)?.[2] ?? zero;
}

function sortCost([list = null]: readonly CelValue[]): number {
  return 11 + sizeOf(list) ** 2;
}
