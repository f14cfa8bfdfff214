import {
  clone,
  equal,
  isObject,
  type GroupVersionKind,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../api/meta.ts';
import { shapeOfKind, type Shape } from '../api/schema/shape.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** kubectl cannot make a patch of this: it asks no server. */
export class ClientPatchError extends Error {}

/** The configuration that was applied last, as kubectl remembers it on the object. */
export function lastApplied(live: KubeObject): JsonObject {
  const text = live.metadata.annotations?.[annotation];
  return text === undefined ? {} : (JSON.parse(text) as JsonObject);
}

/** The configuration with itself as its annotation: what kubectl apply sends. */
export function withLastApplied(config: JsonObject): JsonObject {
  const given = config['metadata'] ?? {};
  const noted = (isObject(given) ? given['annotations'] : undefined) ?? {};
  // What is no map is left for the server to refuse.
  if (!isObject(given) || !isObject(noted)) return config;
  const metadata = { ...given };
  const annotations = { ...noted };
  delete annotations[annotation];
  const plain = { ...config, metadata: { ...metadata, annotations } };
  return {
    ...config,
    metadata: {
      ...metadata,
      annotations: { ...annotations, [annotation]: `${JSON.stringify(plain)}\n` },
    },
  };
}

/**
 * The patch that kubectl apply makes of three objects: what is new or other in the configuration, and what was in the
 * last one and is not in this. Models strategicpatch.CreateThreeWayMergePatch.
 */
export function applyPatchOf(
  last: JsonObject,
  config: JsonObject,
  live: JsonObject,
  gvk: GroupVersionKind,
): JsonObject {
  return mapPatch(last, config, live, shapeOfKind(gvk) ?? { kind: 'scalar' });
}

function mapPatch(
  last: JsonObject,
  config: JsonObject,
  live: JsonObject,
  shape: Shape,
): JsonObject {
  const patch: JsonObject = {};
  for (const [key, wanted] of Object.entries(config)) {
    if (wanted === undefined) continue;
    const field = shape.kind === 'map' ? shape.fields?.get(key) : undefined;
    const below = field?.shape ?? (shape.kind === 'map' ? shape.of : shape);
    const change = valuePatch(
      last[key],
      wanted,
      live[key],
      below,
      field?.patch.merge ? field.patch.mergeKey : undefined,
    );
    if (change !== undefined) patch[key] = change;
  }
  for (const key of Object.keys(last)) if (!(key in config) && key in live) patch[key] = null;
  return patch;
}

function valuePatch(
  last: JsonValue | undefined,
  wanted: JsonValue,
  live: JsonValue | undefined,
  shape: Shape,
  mergeKey: string | undefined,
): JsonValue | undefined {
  if (isObject(wanted) && isObject(live)) {
    const patch = mapPatch(isObject(last) ? last : {}, wanted, live, shape);
    return Object.keys(patch).length ? patch : undefined;
  }
  if (Array.isArray(wanted) && Array.isArray(live) && mergeKey !== undefined)
    return listPatch(Array.isArray(last) ? last : [], wanted, live, shape, mergeKey);
  return equal(wanted, live) ? undefined : clone(wanted);
}

/** Elements are told apart by their merge key; those that went are deleted by name. */
function listPatch(
  last: readonly JsonValue[],
  wanted: readonly JsonValue[],
  live: readonly JsonValue[],
  shape: Shape,
  mergeKey: string,
): JsonValue | undefined {
  const below: Shape = shape.kind === 'list' ? shape.of : shape;
  const find = (list: readonly JsonValue[], id: JsonValue | undefined) =>
    list.filter(isObject).find((item) => equal(item[mergeKey], id));
  const changes: JsonValue[] = [];
  for (const item of wanted.filter(isObject)) {
    const id = item[mergeKey];
    if (id === undefined)
      throw new ClientPatchError(
        `map: ${shown(item)} does not contain declared merge key: ${mergeKey}`,
      );
    const present = find(live, id);
    const patch = present ? mapPatch(find(last, id) ?? {}, item, present, below) : clone(item);
    if (Object.keys(patch).length) changes.push({ ...patch, [mergeKey]: id });
  }
  for (const item of last.filter(isObject)) {
    const id = item[mergeKey];
    if (id !== undefined && !find(wanted, id) && find(live, id))
      changes.push({ $patch: 'delete', [mergeKey]: id });
  }
  return changes.length ? changes : undefined;
}

/** As Go prints values of JSON: `map[a:1 b:[x y]]`. */
function shown(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(shown).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${shown(value[key])}`).join(' ')}]`;
}
