import { clone, equal, type JsonObject, type JsonValue } from '../../../api/meta.ts';
import type { PatchMeta, Shape } from '../../../api/schema/shape.ts';

/** A strategic merge patch that cannot be applied; the message is the API server's. */
export class StrategicPatchError extends Error {
  override readonly name = 'StrategicPatchError';
}

type ListShape = Extract<Shape, { kind: 'list' }>;
const none: PatchMeta = { merge: false, retainKeys: false, mergeKey: undefined };
const scalar: Shape = { kind: 'scalar' };

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const isDirective = (key: string): boolean => key.startsWith('$');

/**
 * Lays a patch over an object by the types' patch strategies: lists with a merge key merge element by element, `$patch`,
 * `$retainKeys`, `$setElementOrder/x` and `$deleteFromPrimitiveList/x` direct it. Neither argument is changed.
 * Models k8s.io/apimachinery/pkg/util/strategicpatch StrategicMergePatch.
 */
export function applyStrategicPatch(
  original: JsonObject,
  patch: JsonObject,
  shape: Shape,
): JsonObject {
  return mergeMap(original, patch, shape, none);
}

function mergeMap(
  original: JsonObject,
  patch: JsonObject,
  shape: Shape,
  meta: PatchMeta,
): JsonObject {
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw new StrategicPatchError(
      `unknown patch type found in map: ${JSON.stringify(directive).replaceAll('"', '')}`,
    );
  const result: JsonObject = { ...original };
  retainKeys(result, patch, meta);
  const orders = new Map<string, JsonValue[]>();
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || key === '$patch' || key === '$retainKeys') continue;
    if (key.startsWith('$setElementOrder/'))
      orders.set(key.slice('$setElementOrder/'.length), value as JsonValue[]);
    else if (key.startsWith('$deleteFromPrimitiveList/'))
      deletePrimitives(result, key.slice('$deleteFromPrimitiveList/'.length), value);
    else if (value === null) delete result[key];
    else result[key] = mergeField(result[key], value, ...fieldOf(shape, key));
  }
  for (const [key, order] of orders) reorder(result, patch, key, order, ...fieldOf(shape, key));
  return result;
}

function fieldOf(shape: Shape, key: string): [Shape, PatchMeta] {
  if (shape.kind !== 'map') return [scalar, none];
  const field = shape.fields?.get(key);
  return field ? [field.shape, field.patch] : [shape.of, none];
}

function mergeField(
  original: JsonValue | undefined,
  patch: JsonValue,
  shape: Shape,
  meta: PatchMeta,
): JsonValue {
  if (isObject(patch)) return mergeMap(isObject(original) ? original : {}, patch, shape, meta);
  if (!Array.isArray(patch)) return patch;
  if (!meta.merge || shape.kind !== 'list')
    return clone(patch).filter(
      (item) => !(isObject(item) && '$patch' in item && Object.keys(item).length === 1),
    );
  return mergeList(Array.isArray(original) ? original : [], patch, shape, meta);
}

function mergeList(
  original: readonly JsonValue[],
  patch: readonly JsonValue[],
  shape: ListShape,
  meta: PatchMeta,
): JsonValue[] {
  const { mergeKey } = meta;
  if (mergeKey === undefined || !patch.every(isObject))
    return inPatchOrder(
      [...new Map([...original, ...patch].map((item) => [JSON.stringify(item), item])).values()],
      patch,
      original,
      (item) => JSON.stringify(item),
    );
  const isReplaced = patch.some((item) => item['$patch'] === 'replace');
  const plain = patch.filter((item) => !('$patch' in item));
  if (isReplaced) return plain.map((item) => withoutDirectives(item));
  const result = [...original];
  const indexOf = (item: JsonObject) => {
    if (item[mergeKey] === undefined)
      throw new StrategicPatchError(
        `map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`,
      );
    return result.findIndex((other) => isObject(other) && equal(other[mergeKey], item[mergeKey]));
  };
  for (const item of patch) {
    if (item['$patch'] !== 'delete') continue;
    for (let index = indexOf(item); index >= 0; index = indexOf(item)) result.splice(index, 1);
  }
  for (const item of plain) {
    const index = indexOf(item);
    const before = index < 0 ? {} : (result[index] as JsonObject);
    const merged = mergeMap(before, item, shape.of, none);
    if (index < 0) result.push(merged);
    else result[index] = merged;
  }
  return inPatchOrder(result, plain, original, (item) =>
    JSON.stringify(isObject(item) ? item[mergeKey] : item),
  );
}

/**
 * The patch's items in its order, and among them, before the first one that comes after it on the server, what only the
 * server has. Models strategicpatch normalizeElementOrder.
 *
 *     server a b c, patch d b  →  d a b c
 */
function inPatchOrder(
  merged: readonly JsonValue[],
  patch: readonly JsonValue[],
  server: readonly JsonValue[],
  idOf: (item: JsonValue) => string,
): JsonValue[] {
  const byId = new Map(merged.map((item) => [idOf(item), item]));
  const places = new Map(server.map((item, index) => [idOf(item), index]));
  const patched = [...new Set(patch.map(idOf))].filter((id) => byId.has(id));
  const left = [...byId.keys()].filter((id) => !patched.includes(id));
  const order: string[] = [];
  for (const id of patched) {
    const place = places.get(id) ?? -1;
    while (left[0] !== undefined && (places.get(left[0]) ?? place) < place)
      order.push(left.shift() ?? '');
    order.push(id);
  }
  return [...order, ...left].map((id) => byId.get(id) ?? null);
}

/** Puts a list into the order that the patch asks for; elements it does not name keep their place beside their neighbours. */
function reorder(
  result: JsonObject,
  patch: JsonObject,
  key: string,
  order: readonly JsonValue[],
  shape: Shape,
  meta: PatchMeta,
): void {
  const list = result[key];
  if (!Array.isArray(list) || shape.kind !== 'list') return;
  const idOf = (item: JsonValue) =>
    JSON.stringify(meta.mergeKey !== undefined && isObject(item) ? item[meta.mergeKey] : item);
  const wanted = new Map(order.map((item, index) => [idOf(item), index]));
  const named = list
    .filter((item) => wanted.has(idOf(item)))
    .sort((a, b) => (wanted.get(idOf(a)) ?? 0) - (wanted.get(idOf(b)) ?? 0));
  const patched = new Set((Array.isArray(patch[key]) ? patch[key] : []).map(idOf));
  const server = list.filter((item) => !patched.has(idOf(item)));
  const others = server.filter((item) => !wanted.has(idOf(item)));
  const out = [...named];
  for (const item of others) {
    const before = server
      .slice(0, server.indexOf(item))
      .reverse()
      .find((other) => out.includes(other));
    out.splice(before === undefined ? 0 : out.indexOf(before) + 1, 0, item);
  }
  result[key] = out;
}

function retainKeys(result: JsonObject, patch: JsonObject, meta: PatchMeta): void {
  const keep = patch['$retainKeys'];
  if (!Array.isArray(keep) || !meta.retainKeys) return;
  for (const key of Object.keys(result)) if (!keep.includes(key)) delete result[key];
}

function deletePrimitives(result: JsonObject, key: string, values: JsonValue): void {
  const list = result[key];
  if (!Array.isArray(list) || !Array.isArray(values)) return;
  result[key] = list.filter((item) => !values.some((value) => equal(item, value)));
}

function withoutDirectives(object: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(object))
    if (!isDirective(key) && value !== null) result[key] = clone(value);
  return result;
}
