import type { CustomResourceDefinitionSpec } from '../../../../api/types/apiextensionsV1.ts';
import { internalSpec } from './internalSpec.ts';
import { additionalOf, itemsOf, type Schema } from './structural.ts';

const ofStrings = new Set(
  'bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13 creditcard ssn hexcolor rgbcolor byte password date duration datetime k8sshortname k8slongname'.split(
    ' ',
  ),
);

/** Formats that mean something for a type. Models apiextensions-apiserver/pkg/apiserver/validation/formats.go. */
export function isKnownFormat(type: string | undefined, format: string): boolean {
  switch (type ?? '') {
    case '':
    case 'string':
      return ofStrings.has(format.replaceAll('-', ''));
    case 'integer':
      return format === 'int32' || format === 'int64';
    case 'number':
      return format === 'float' || format === 'double';
    default:
      return false;
  }
}

/** In the order in which they are found, as often as they are. */
export function unrecognizedFormats(spec: CustomResourceDefinitionSpec): string[] {
  const { all, versions } = internalSpec(spec);
  const found: string[] = [];
  for (const { schema } of [all, ...versions])
    if (schema?.openAPIV3Schema)
      visitSchemas(schema.openAPIV3Schema, ({ type, format }) => {
        if (format && !isKnownFormat(type, format)) found.push(format);
      });
  return found;
}

/** Every schema in a schema. Models validation SchemaHas. */
export function visitSchemas(schema: Schema, visit: (schema: Schema) => void): void {
  visit(schema);
  const { not } = schema;
  const lists = Array.isArray(schema.items) ? (schema.items as unknown as Schema[]) : [];
  const dependencies = Object.values(schema.dependencies ?? {}).filter(
    (of) => of !== null && typeof of === 'object' && !Array.isArray(of),
  ) as unknown as Schema[];
  const children = [
    itemsOf(schema),
    ...lists,
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    not,
    ...Object.values(schema.properties ?? {}),
    additionalOf(schema),
    ...Object.values(schema.patternProperties ?? {}),
    ...Object.values(schema.definitions ?? {}),
    ...dependencies,
  ];
  for (const child of children) if (child) visitSchemas(child, visit);
}
