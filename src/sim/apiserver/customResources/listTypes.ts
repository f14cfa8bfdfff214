import { duplicate, invalid, type FieldError, type FieldPath } from '../../../api/field.ts';
import type { JsonObject, JsonValue } from '../../../api/meta.ts';
import { additionalOf, itemsOf, type Schema } from '../registry/apiextensions/structural.ts';

/** Elements of sets, and of lists with keys, must differ. Models apiserver/schema/listtype/validation.go. */
export function validateLists(
  value: JsonValue | undefined,
  schema: Schema | undefined,
  path: FieldPath,
): FieldError[] {
  if (!schema || value === null || typeof value !== 'object') return [];
  if (Array.isArray(value))
    return [
      ...elementErrors(value, schema, path),
      ...value.flatMap((item, at) => validateLists(item, itemsOf(schema), path.index(at))),
    ];
  const additional = additionalOf(schema);
  return Object.entries(value).flatMap(([key, item]) => {
    const property = schema.properties?.[key];
    if (property) return validateLists(item, property, path.child(key));
    return additional ? validateLists(item, additional, path.key(key)) : [];
  });
}

function elementErrors(list: readonly JsonValue[], schema: Schema, path: FieldPath): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set')
    return repeated(list).map((at) => duplicate(path.index(at), list[at] ?? null));
  if (type !== 'map') return [];
  const wrong = list.findIndex(
    (item) => item !== null && (typeof item !== 'object' || Array.isArray(item)),
  );
  if (wrong >= 0)
    return [
      invalid(path.index(wrong), list[wrong], 'must be an object for an array of list-type map'),
    ];
  const keys = list.map((item) => keyOf(item, schema));
  return repeated(keys).map((at) => duplicate(path.index(at), keys[at] ?? null));
}

/** The fields by which an element is known: `{"name":"a"}`. */
export function keyOf(item: JsonValue, schema: Schema): JsonObject {
  const key: JsonObject = {};
  for (const name of [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort()) {
    const value = (item as JsonObject | null)?.[name];
    if (value !== undefined) key[name] = value;
  }
  return key;
}

/** The second of each element that is there more than once. */
function repeated(list: readonly JsonValue[]): number[] {
  const seen = new Map<string, number>();
  const found: number[] = [];
  list.forEach((item, at) => {
    const id = canonical(item);
    const times = seen.get(id) ?? 0;
    if (times === 1) found.push(at);
    seen.set(id, times + 1);
  });
  return found;
}

/** JSON with sorted keys: equal texts, equal values. */
export function canonical(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}
