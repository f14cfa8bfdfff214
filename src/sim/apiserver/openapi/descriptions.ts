import type { JsonObject } from '../../../api/meta.ts';

/** What types are for, by schema name: of the type itself, and of its fields. They come from outside, and may be none. */
export type Descriptions = Readonly<
  Record<string, readonly [type: string, fields: Readonly<Record<string, string>>] | undefined>
>;

/** A schema with its descriptions in place. A field that has none is described as its type is. */
export function describe(schema: JsonObject, name: string, descriptions: Descriptions): JsonObject {
  const description = descriptions[name];
  if (!description) return schema;
  const [type, fields] = description;
  const properties = schema['properties'] as Record<string, JsonObject> | undefined;
  const described = (field: string, property: JsonObject): JsonObject => {
    const text = fields[field] ?? descriptions[typeOf(property)]?.[0];
    return text ? { description: text, ...property } : property;
  };
  return {
    ...(type && { description: type }),
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([field, property]) => [field, described(field, property)]),
      ),
    }),
  };
}

/** The name of the type that a property refers to; empty when it is a plain one. */
function typeOf({ $ref, allOf }: JsonObject): string {
  const [only] = (allOf ?? []) as JsonObject[];
  const path = $ref ?? only?.['$ref'];
  return typeof path === 'string' ? path.replace(/^.*\//, '') : '';
}
