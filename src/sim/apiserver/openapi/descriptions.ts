import type { JsonObject } from '../../../api/meta.ts';

/** What types are for, by schema name: of the type itself, and of its fields. They come from outside, and may be none. */
export type Descriptions = Readonly<
  Record<string, readonly [type: string, fields: Readonly<Record<string, string>>] | undefined>
>;

/** A schema with its descriptions in place. */
export function describe(schema: JsonObject, description: Descriptions[string]): JsonObject {
  if (!description) return schema;
  const [type, fields] = description;
  const properties = schema['properties'] as Record<string, JsonObject> | undefined;
  return {
    ...(type && { description: type }),
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [
          name,
          fields[name] ? { description: fields[name], ...property } : property,
        ]),
      ),
    }),
  };
}
