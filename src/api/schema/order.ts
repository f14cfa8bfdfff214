import type { GroupVersionKind, JsonObject, JsonValue, KubeObject } from '../meta.ts';
import { goTypeOfKind, type GoType } from './goTypes.ts';

/** The object with its keys in the order of Go's structs, in which a real server writes them; maps are sorted. */
export function inOrder<T extends KubeObject>(object: T, gvk: GroupVersionKind): T {
  const type = goTypeOfKind(gvk);
  const value = object as unknown as JsonValue;
  return (type ? ordered(value, type) : sortedKeys(value)) as unknown as T;
}

/** What is not of a Go type is a map to it: all keys are sorted. */
function sortedKeys(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sortedKeys);
  const result: JsonObject = {};
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item !== undefined) result[key] = sortedKeys(item);
  }
  return result;
}

function ordered(value: JsonValue | undefined, type: GoType): JsonValue {
  if (value === undefined || value === null || typeof value !== 'object') return value ?? null;
  switch (type.kind) {
    case 'pointer':
      return ordered(value, type.to);
    case 'slice':
      return Array.isArray(value) ? value.map((item) => ordered(item, type.of)) : value;
    case 'map':
      return Array.isArray(value) ? value : sorted(value, type.of);
    case 'struct':
      return Array.isArray(value) ? value : inFieldOrder(value, type);
    case 'schemaOr':
      return Array.isArray(value)
        ? value.map((item) => ordered(item, type.schema))
        : ordered(value, type.schema);
    default:
      return value;
  }
}

function sorted(value: JsonObject, of: GoType): JsonObject {
  const result: JsonObject = {};
  for (const key of Object.keys(value).sort())
    if (value[key] !== undefined) result[key] = ordered(value[key], of);
  return result;
}

function inFieldOrder(value: JsonObject, type: Extract<GoType, { kind: 'struct' }>): JsonObject {
  const result: JsonObject = {};
  for (const field of type.fields)
    if (value[field.name] !== undefined)
      result[field.name] = ordered(value[field.name], field.type);
  for (const key of Object.keys(value))
    if (!(key in result) && value[key] !== undefined) result[key] = value[key];
  return result;
}
