import type { JsonObject, JsonValue } from '../api/meta.ts';
import type { FieldMap, Range, YamlDocument } from '../yaml/documents.ts';
import type { Fields } from './problems.ts';

/** An object that is to be judged, and where it stands. */
export interface PlacedObject {
  readonly object: JsonObject;
  readonly fields: Fields;
  readonly head: Range;
}

/** The objects of a document: itself, or what a List holds, as kubectl sends them one by one. */
export function objectsOf(document: YamlDocument & { readonly type: 'object' }): PlacedObject[] {
  const { object, fields, head } = document;
  const items = object['items'];
  const isList = object['apiVersion'] === 'v1' && object['kind'] === 'List';
  if (!isList || !Array.isArray(items)) return [{ object, fields, head }];
  return items.flatMap((item, index) => {
    if (!isObject(item)) return [];
    const prefix = `items[${index}]`;
    const own = within(fields, prefix);
    return [{ object: item, fields: own, head: own.keyRangeOf('apiVersion') ?? head }];
  });
}

const isObject = (value: JsonValue): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const within = (fields: FieldMap, prefix: string): Fields => ({
  rangeOf: (path) => fields.rangeOf(path ? `${prefix}.${path}` : prefix),
  keyRangeOf: (path) => fields.keyRangeOf(`${prefix}.${path}`),
});
