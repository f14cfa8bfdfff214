import { clone, type JsonValue } from '../../../api/meta.ts';
import {
  additionalOf,
  itemsOf,
  propertiesOf,
  type Schema,
} from '../registry/apiextensions/structural.ts';

/** Fills in defaults, in place. Models apiextensions-apiserver pkg/apiserver/schema/defaulting/algorithm.go. */
export function applyDefaults(value: JsonValue | undefined, schema: Schema | undefined): void {
  if (!schema || value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    value.forEach((item, at) => {
      if (item === null && items && !items.nullable) value[at] = copyOf(items.default);
      applyDefaults(value[at], items);
    });
    return;
  }
  for (const [key, property] of propertiesOf(schema)) {
    if (property.default === undefined) continue;
    const isMissing = value[key] === undefined || (value[key] === null && !property.nullable);
    if (isMissing) value[key] = copyOf(property.default);
  }
  const additional = additionalOf(schema);
  for (const key of Object.keys(value)) {
    const property = schema.properties?.[key];
    if (property) applyDefaults(value[key], property);
    else if (additional) {
      if (value[key] === null && !additional.nullable) value[key] = copyOf(additional.default);
      applyDefaults(value[key], additional);
    }
  }
}

const copyOf = (value: unknown): JsonValue => clone((value ?? null) as JsonValue);

/** Whether a schema has defaults at all: most reads need not look. */
export function hasDefaults(schema: Schema | undefined): boolean {
  if (!schema) return false;
  return (
    schema.default !== undefined ||
    hasDefaults(itemsOf(schema)) ||
    hasDefaults(additionalOf(schema)) ||
    propertiesOf(schema).some(([, property]) => hasDefaults(property))
  );
}
