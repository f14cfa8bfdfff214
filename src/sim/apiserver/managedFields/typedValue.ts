import { equal, type JsonObject, type JsonValue } from '../../../api/meta.ts';
import type { Shape } from '../../../api/schema/shape.ts';
import { fieldElement, FieldSet, keyElement, valueElement } from './fieldSet.ts';

// The walks of structured-merge-diff's typed package: compare, merge, remove, and the set of a value's fields.
// `undefined` is a value that is not there; null is one that is.

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

type Value = JsonValue | undefined;
type MapShape = Extract<Shape, { kind: 'map' }>;
type ListShape = Extract<Shape, { kind: 'list' }>;

const isObject = (value: Value): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The shape that a value really has: what does not fit its schema is one piece. */
function fitting(shape: Shape, value: Value): Shape {
  if (value === undefined || value === null) return shape;
  if (shape.kind === 'map' && !isObject(value)) return { kind: 'scalar' };
  if (shape.kind === 'list' && !Array.isArray(value)) return { kind: 'scalar' };
  return shape;
}

const childShape = (shape: MapShape, key: string): Shape =>
  shape.fields?.get(key)?.shape ?? shape.of;

export function compareTyped(left: Value, right: Value, shape: Shape): Comparison {
  const comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  compare(left, right, shape, [], comparison);
  return comparison;
}

function compare(
  left: Value,
  right: Value,
  declared: Shape,
  path: string[],
  out: Comparison,
): void {
  const shape = fitting(fitting(declared, left), right);
  const isLeaf = compareParts(left, right, shape, path, out);
  if (isLeaf) {
    if (left === undefined) out.added.insert(path);
    else if (right === undefined) out.removed.insert(path);
    else if (!equal(left, right)) out.modified.insert(path);
  } else if (left === undefined) out.added.insert(path);
  else if (right === undefined) out.removed.insert(path);
}

/** Compares what the values consist of; true when they are to be compared as one piece instead. */
function compareParts(
  left: Value,
  right: Value,
  shape: Shape,
  path: string[],
  out: Comparison,
): boolean {
  if (shape.kind === 'scalar') return true;
  const isEmpty = (value: Value) =>
    value === undefined || value === null || Object.keys(value).length === 0;
  if (
    (shape.kind === 'map' ? shape.isAtomic : shape.type === 'atomic') ||
    (isEmpty(left) && isEmpty(right))
  )
    return true;
  if (shape.kind === 'map') {
    const lefts = (left ?? {}) as JsonObject;
    const rights = (right ?? {}) as JsonObject;
    for (const key of Object.keys(lefts))
      compareChild(lefts[key], rights[key], childShape(shape, key), path, fieldElement(key), out);
    for (const key of Object.keys(rights))
      if (!(key in lefts))
        compareChild(undefined, rights[key], childShape(shape, key), path, fieldElement(key), out);
  } else compareLists((left ?? []) as JsonValue[], (right ?? []) as JsonValue[], shape, path, out);
  return false;
}

function compareChild(
  left: Value,
  right: Value,
  shape: Shape,
  path: string[],
  element: string,
  out: Comparison,
): void {
  if (left === undefined && right === undefined) return;
  path.push(element);
  compare(left, right, shape, path, out);
  path.pop();
}

function compareLists(
  left: readonly JsonValue[],
  right: readonly JsonValue[],
  shape: ListShape,
  path: string[],
  out: Comparison,
): void {
  const lefts = byElement(left, shape);
  const rights = byElement(right, shape);
  for (const element of new Set([...lefts.keys(), ...rights.keys()])) {
    const l = lefts.get(element) ?? [];
    const r = rights.get(element) ?? [];
    if (l.length <= 1 && r.length <= 1) compareChild(l[0], r[0], shape.of, path, element, out);
    else if (l.length >= 2 && r.length >= 2) {
      if (!equal(l, r)) out.modified.insert([...path, element]);
    } else if (l.length >= 2) {
      if (r.length) compareChild(undefined, r[0], shape.of, path, element, out);
      out.removed.insert([...path, element]);
    } else {
      if (l.length) compareChild(l[0], undefined, shape.of, path, element, out);
      out.added.insert([...path, element]);
    }
  }
}

function byElement(list: readonly JsonValue[], shape: ListShape): Map<string, JsonValue[]> {
  const found = new Map<string, JsonValue[]>();
  for (const item of list) {
    const element = elementOf(item, shape);
    const items = found.get(element);
    if (items) items.push(item);
    else found.set(element, [item]);
  }
  return found;
}

/** An element of a list with keys has none of them. */
export class NoKeys extends Error {
  constructor(keys: readonly string[]) {
    super(
      `associative list with keys has an element that omits all key fields ${JSON.stringify(keys)} (and doesn't have default values for any key fields)`,
    );
  }
}

/** How an element of a list is named: by its value, or by its keys (what it leaves out has the schema's default). */
export function elementOf(item: JsonValue, shape: ListShape): string {
  if (shape.type === 'set') return valueElement(item);
  const keys: Record<string, JsonValue> = {};
  for (const key of shape.keys) {
    const value = isObject(item) ? (item[key.name] ?? key.default) : undefined;
    if (value !== undefined) keys[key.name] = value;
  }
  if (!Object.keys(keys).length) throw new NoKeys(shape.keys.map(({ name }) => name));
  return keyElement(keys);
}

/** All fields of a value. Models typed.ToFieldSet. */
export function fieldSetOf(value: JsonValue, shape: Shape): FieldSet {
  const set = new FieldSet();
  collect(value, shape, [], set);
  return set;
}

function collect(value: JsonValue, declared: Shape, path: string[], set: FieldSet): void {
  const shape = fitting(declared, value);
  if (
    shape.kind === 'scalar' ||
    (shape.kind === 'map' ? shape.isAtomic : shape.type === 'atomic')
  ) {
    if (path.length) set.insert(path);
    return;
  }
  if (value === null) return;
  if (shape.kind === 'list') {
    for (const [element, items] of byElement(value as JsonValue[], shape)) {
      path.push(element);
      if (items.length === 1) collect(items[0] ?? null, shape.of, path, set);
      set.insert(path);
      path.pop();
    }
    return;
  }
  for (const [key, child] of Object.entries(value as JsonObject)) {
    if (child === undefined) continue;
    path.push(fieldElement(key));
    collect(child, childShape(shape, key), path, set);
    const isEmpty = child === null || (isObject(child) && Object.keys(child).length === 0);
    if (isEmpty || !shape.fields?.has(key)) set.insert(path);
    path.pop();
  }
}

export class DuplicateEntry extends Error {}

/** Lays `right` over `left`; neither is changed. Models typed.Merge. */
export function mergeTyped(left: Value, right: Value, declared: Shape): Value {
  if (right === undefined) return left;
  const shape = fitting(fitting(declared, left), right);
  if (shape.kind === 'scalar' || (shape.kind === 'map' ? shape.isAtomic : shape.type === 'atomic'))
    return right;
  const isEmpty = (value: Value) =>
    value === undefined || value === null || Object.keys(value).length === 0;
  if (isEmpty(left) && isEmpty(right)) return right;
  if (shape.kind === 'map') {
    const lefts = (left ?? {}) as JsonObject;
    const rights = (right ?? {}) as JsonObject;
    const result: JsonObject = {};
    for (const key of new Set([...Object.keys(lefts), ...Object.keys(rights)])) {
      const merged = mergeTyped(lefts[key], rights[key], childShape(shape, key));
      if (merged !== undefined) result[key] = merged;
    }
    return result;
  }
  return mergeLists((left ?? []) as JsonValue[], (right ?? []) as JsonValue[], shape);
}

/** Elements of the right side in its order; those that only the left has keep their place beside their neighbours. */
function mergeLists(
  left: readonly JsonValue[],
  right: readonly JsonValue[],
  shape: ListShape,
): JsonValue[] {
  const lefts = left.map((item) => elementOf(item, shape));
  const rights = right.map((item) => elementOf(item, shape));
  const leftItems = new Map(lefts.map((element, index) => [element, left[index]]));
  const rightItems = new Map(rights.map((element, index) => [element, right[index]]));
  if (rightItems.size < rights.length)
    throw new DuplicateEntry(
      `duplicate entries for key ${rights.find((element, index) => rights.indexOf(element) !== index) ?? ''}`,
    );
  const out: JsonValue[] = [];
  const merged = new Set<string>();
  const shared = rights.filter((element) => leftItems.has(element));
  let nextShared = shared.shift();
  const take = (element: string, l: Value, r: Value): void => {
    const value = mergeTyped(l, r, shape.of);
    if (value !== undefined) out.push(value);
    if (r !== undefined) merged.add(element);
  };
  for (let l = 0, r = 0; l < lefts.length || r < rights.length;) {
    const leftElement = lefts[l];
    const rightElement = rights[r];
    if (leftElement !== undefined && rightElement !== undefined) {
      if (leftElement === rightElement) {
        take(leftElement, leftItems.get(leftElement), rightItems.get(leftElement));
        l++;
        r++;
        nextShared = shared.shift();
        continue;
      }
      if (rightItems.has(leftElement) && nextShared !== undefined && nextShared !== leftElement) {
        l++;
        continue;
      }
    }
    if (leftElement !== undefined) {
      if (!rightItems.has(leftElement)) {
        take(leftElement, left[l], undefined);
        l++;
        continue;
      }
      if (merged.has(leftElement)) l++;
    }
    if (rightElement !== undefined) {
      take(rightElement, leftItems.get(rightElement), rightItems.get(rightElement));
      r++;
      if (nextShared === rightElement) nextShared = shared.shift();
    }
  }
  return out;
}

/** The value without the given fields; undefined when nothing is left. Models typed.RemoveItems. */
export function removeFields(value: JsonValue, set: FieldSet, declared: Shape): Value {
  const shape = fitting(declared, value);
  if (shape.kind === 'scalar' || value === null) return value;
  if (shape.kind === 'list') {
    const list = value as JsonValue[];
    if (!list.length || shape.type === 'atomic') return undefined;
    const kept = list.flatMap((item) => {
      const element = elementOf(item, shape);
      if (set.members.has(element)) return [];
      const below = set.children.get(element);
      const rest = below && !below.isEmpty ? removeFields(item, below, shape.of) : item;
      return [rest ?? null];
    });
    return kept.length ? kept : undefined;
  }
  const entries = Object.entries(value as JsonObject);
  if (!entries.length || shape.isAtomic) return undefined;
  const result: JsonObject = {};
  for (const [key, child] of entries) {
    if (child === undefined || set.members.has(fieldElement(key))) continue;
    const below = set.children.get(fieldElement(key));
    const rest =
      below && !below.isEmpty ? removeFields(child, below, childShape(shape, key)) : child;
    result[key] = rest ?? null;
  }
  return Object.keys(result).length ? result : undefined;
}

/** The set with every named field on the way to a member as a member too. Models fieldpath.Set EnsureNamedFieldsAreMembers. */
export function withNamedFields(set: FieldSet, shape: Shape): FieldSet {
  const result = new FieldSet();
  for (const element of set.members) result.members.add(element);
  for (const [element, child] of set.children) {
    const isField = element.startsWith('f:');
    const below: Shape =
      shape.kind === 'map'
        ? childShape(shape, element.slice(2))
        : shape.kind === 'list'
          ? shape.of
          : shape;
    if (isField && shape.kind === 'map' && shape.fields?.has(element.slice(2)))
      result.members.add(element);
    result.children.set(element, withNamedFields(child, below));
  }
  return result;
}
