import { escapeName, withTypeAndMeta } from '../../customResources/celSchema.ts';
import { utf8Length } from '../shared/names.ts';
import { additionalOf, itemsOf, propertiesOf, type Schema } from './structural.ts';

// How large values of a schema may be. Models apiserver/pkg/cel/common SchemaDeclType and apiserver/pkg/cel/limits.go.

/** Bytes of a request. */
export const MAX_REQUEST = 3 * 1024 * 1024;
/** A text with its quotes. */
const MAX_TEXT = MAX_REQUEST - 2;

/** Bytes of texts with a format. */
const formats: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  duration: { min: 3, max: 32 },
  date: { min: 12, max: 12 },
  'date-time': { min: 21, max: 32 },
};

const isObject = ({ type }: Schema): boolean => type === 'object';
export const isEither = (schema: Schema): boolean => schema['x-kubernetes-int-or-string'] ?? false;

/** Whether expressions can look at it. */
export function isExposed(schema: Schema): boolean {
  if (isEither(schema)) return true;
  const of = schema.type === 'array' ? itemsOf(schema) : additionalOf(schema);
  if (schema.type === 'array') return !!of && isExposed(of);
  if (isObject(schema)) return !of || isExposed(of);
  return ['string', 'boolean', 'number', 'integer'].includes(schema.type ?? '');
}

/** Bytes as JSON, at least. */
export function minSize(schema: Schema): number {
  if (isEither(schema)) return 1;
  switch (schema.type) {
    case 'boolean':
      return 4;
    case 'number':
    case 'integer':
      return 1;
    case 'string':
      return formats[schema.format ?? '']?.min ?? 2;
    case 'object':
      if (additionalOf(schema)) return 2;
      return propertiesOf(schema)
        .filter(([name, of]) => isCounted(name, of, schema))
        .reduce((sum, [name, of]) => sum + utf8Length(name) + minSize(of) + 4, 2);
    default:
      return 2;
  }
}

/** What is always given. */
const isCounted = (name: string, of: Schema, { required }: Schema): boolean =>
  isExposed(of) && of.default === undefined && (required?.includes(name) ?? false);

/** Characters, items or entries, at most; 0 for what has none. */
function maxElements(schema: Schema): number {
  const { maxItems, maxProperties, maxLength, format = '', enum: values } = schema;
  if (isEither(schema)) return maxLength === undefined ? MAX_TEXT : bounded(maxLength) * 4;
  const additional = additionalOf(schema);
  const items = itemsOf(schema);
  switch (schema.type) {
    case 'array':
      return items ? bounded(maxItems ?? Math.floor(MAX_TEXT / (minSize(items) + 1))) : 0;
    case 'object':
      return additional
        ? bounded(maxProperties ?? Math.floor(MAX_TEXT / (minSize(additional) + 6)))
        : 0;
    case 'string':
      if (formats[format]) return formats[format].max;
      if (maxLength !== undefined) return bounded(maxLength) * (format === 'byte' ? 1 : 4);
      return values?.length && format !== 'byte' ? longest(values) : MAX_TEXT;
    default:
      return 0;
  }
}

const bounded = (count: number): number => Math.max(0, count);
const longest = (values: readonly unknown[]): number =>
  Math.max(0, ...values.map((value) => (typeof value === 'string' ? utf8Length(value) : 0)));

/** How many elements there are at most at a path from a value of the schema; undefined when there is no such place. */
export function elementsAt(schema: Schema, path: readonly string[]): number | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return maxElements(schema);
  if (step === '@keys')
    return isObject(schema) && additionalOf(schema) && !rest.length ? 0 : undefined;
  const next = child(schema, step);
  return next && elementsAt(rooted(next), rest);
}

export const rooted = (schema: Schema): Schema =>
  schema['x-kubernetes-embedded-resource'] ? withTypeAndMeta(schema) : schema;

function child(schema: Schema, step: string): Schema | undefined {
  if (isEither(schema)) return undefined;
  if (step === '@items' || step === '@values')
    return schema.type === 'array' ? itemsOf(schema) : additionalOf(schema);
  const found = propertiesOf(schema).find(([name]) => escapeName(name) === step)?.[1];
  return found && isExposed(found) ? found : undefined;
}
