import schemas from '../../../../api/facts/v1.36/schemas.json' with { type: 'json' };
import { FieldPath, notSupported, required, type FieldError } from '../../../../api/field.ts';
import type { GroupVersionKind, JsonObject, JsonValue, KubeObject } from '../../../../api/meta.ts';
import { schemaNameOf } from '../../../../api/schema/goTypes.ts';

// What a published schema alone says about a value: required fields and closed lists of values. Types were checked by
// decoding. The rule of kinds that have no strategy of their own.

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

const all = schemas as Readonly<Record<string, Schema>>;

export function schemaErrors(object: KubeObject, gvk: GroupVersionKind): FieldError[] {
  const name = schemaNameOf(gvk);
  const errors: FieldError[] = [];
  for (const [key, property] of Object.entries(all[name ?? '']?.properties ?? {})) {
    if (key === 'metadata' || key === 'status' || key === 'apiVersion' || key === 'kind') continue;
    const value = (object as unknown as JsonObject)[key];
    if (isMissing(value) && all[name ?? '']?.required?.includes(key))
      errors.push(required(FieldPath.of(key)));
    check(value, property, FieldPath.of(key), errors);
  }
  return errors;
}

function resolve(schema: Schema): Schema {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref;
  return ref === undefined ? schema : (all[ref.replace(/^.*\//, '')] ?? {});
}

const isMissing = (value: JsonValue | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

function check(
  value: JsonValue | undefined,
  declared: Schema,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (value === undefined || value === null) return;
  const schema = resolve(declared);
  if (schema.enum && typeof value === 'string' && value !== '' && !schema.enum.includes(value))
    errors.push(notSupported(path, value, schema.enum));
  if (Array.isArray(value)) {
    value.forEach(
      (item, index) => schema.items && check(item, schema.items, path.index(index), errors),
    );
    return;
  }
  if (typeof value !== 'object') return;
  for (const key of schema.required ?? [])
    if (isMissing(value[key]) && !Array.isArray(value[key])) errors.push(required(path.child(key)));
  for (const [key, property] of Object.entries(schema.properties ?? {}))
    check(value[key], property, path.child(key), errors);
  if (typeof schema.additionalProperties === 'object')
    for (const [key, item] of Object.entries(value))
      check(item, schema.additionalProperties, path.key(key), errors);
}
