import type { JsonObject, JsonValue } from '../../../api/meta.ts';
import { additionalOf, itemsOf, type Schema } from '../registry/apiextensions/structural.ts';

const META = ['apiVersion', 'kind', 'metadata'];

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * Removes what a schema does not know, in place, and names it: `spec.colour`, sorted. Models apiextensions-apiserver
 * pkg/apiserver/schema/pruning.
 */
export function pruneUnknown(object: JsonObject, schema: Schema): readonly string[] {
  const unknown: string[] = [];
  prune(object, { ...schema, 'x-kubernetes-embedded-resource': true }, '', unknown);
  return unknown.sort();
}

const preserves = (schema: Schema | undefined): boolean =>
  schema?.['x-kubernetes-preserve-unknown-fields'] === true;
const isEmbedded = (schema: Schema): boolean => schema['x-kubernetes-embedded-resource'] === true;
const within = (path: string, key: string): string => (path ? `${path}.${key}` : key);

function prune(
  value: JsonValue | undefined,
  schema: Schema | undefined,
  path: string,
  unknown: string[],
): void {
  if (schema && preserves(schema)) {
    visitKnown(value, schema, path, unknown);
    return;
  }
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema);
    value.forEach((item, at) => prune(item, items, `${path}[${at}]`, unknown));
  } else if (isObject(value))
    for (const key of Object.keys(value)) {
      if (schema && isEmbedded(schema) && META.includes(key)) continue;
      const property = schema?.properties?.[key];
      if (property) prune(value[key], property, within(path, key), unknown);
      else if (schema?.additionalProperties)
        prune(value[key], additionalOf(schema), within(path, key), unknown);
      else {
        if (!META.includes(key) || path) unknown.push(within(path, key));
        delete value[key];
      }
    }
}

/** What is preserved may hold objects that are not. */
function visitKnown(
  value: JsonValue | undefined,
  schema: Schema | undefined,
  path: string,
  unknown: string[],
): void {
  if (!schema) return;
  if (Array.isArray(value))
    value.forEach((item, at) => visitKnown(item, itemsOf(schema), `${path}[${at}]`, unknown));
  else if (isObject(value))
    for (const key of Object.keys(value)) {
      if (isEmbedded(schema) && META.includes(key)) continue;
      const property =
        schema.properties?.[key] ??
        (schema.additionalProperties ? additionalOf(schema) : undefined);
      if (property) prune(value[key], property, within(path, key), unknown);
    }
}

/** Removes nulls that are neither allowed nor replaced by a default, in place. Models defaulting/prunenulls.go. */
export function pruneNulls(value: JsonValue | undefined, schema: Schema | undefined): void {
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema);
    for (const item of value) pruneNulls(item, items);
  } else if (isObject(value))
    for (const key of Object.keys(value)) {
      const own = schema?.properties?.[key] ?? (schema && additionalOf(schema));
      if (value[key] === null && own && !own.nullable && own.default === undefined)
        delete value[key];
      else pruneNulls(value[key], own);
    }
}
