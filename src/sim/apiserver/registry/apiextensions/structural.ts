import {
  errorBody,
  fieldForbidden,
  invalid,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type { JSONSchemaProps } from '../../../../api/types/apiextensionsV1.ts';
import { compileRegex } from '../../../cel/regex.ts';
import { all, type Found } from '../shared/checks.ts';

// Whether a schema is structural: every field has its type outside of allOf, anyOf, oneOf and not.
// Models apiextensions-apiserver/pkg/apiserver/schema convert.go and validation.go.

export type Schema = JSONSchemaProps;

/** The schema of a list's items; undefined when there are none or several. */
export const itemsOf = ({ items }: Schema): Schema | undefined =>
  items && typeof items === 'object' && !Array.isArray(items) ? items : undefined;

/** The schema of properties without a name; undefined when it is just true or false. */
export const additionalOf = ({ additionalProperties }: Schema): Schema | undefined =>
  additionalProperties && typeof additionalProperties === 'object'
    ? (additionalProperties as unknown as Schema)
    : undefined;

export const propertiesOf = (schema: Schema): readonly (readonly [string, Schema])[] =>
  Object.entries(schema.properties ?? {});

/** Schemas within a schema that say something about the same value. */
const junctors = ['allOf', 'anyOf', 'oneOf'] as const;

const unsupported = [
  ['id', 'id'],
  ['$schema', 'schema'],
  ['$ref', '$ref'],
  ['patternProperties', 'patternProperties'],
  ['dependencies', 'dependencies'],
  ['additionalItems', 'additionalItems'],
  ['definitions', 'definitions'],
] as const;

/** Why a schema cannot even be read as a structural one. Models NewStructural. */
export function structuralProblem(schema: Schema): string | undefined {
  const found = unsupported.find(([key]) => {
    const value = schema[key];
    return key === 'additionalItems' ? value !== undefined : !isEmpty(value);
  });
  if (found) return `OpenAPIV3Schema '${found[1]}' is not supported`;
  const within = [
    ...(schema.not ? [schema.not] : []),
    ...junctors.flatMap((key) => schema[key] ?? []),
  ];
  for (const clause of within) {
    const problem = structuralProblem(clause);
    if (problem) return problem;
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  if (Array.isArray(schema.items) && schema.items.length)
    return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  const children = [
    itemsOf(schema),
    ...propertiesOf(schema).map(([, of]) => of),
    additionalOf(schema),
  ];
  for (const child of children) {
    const problem = child && structuralProblem(child);
    if (problem) return problem;
  }
  return undefined;
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && !Object.keys(value).length);

/** Models ValidateStructural: sorted by text. */
export function validateStructural(schema: Schema, path: FieldPath): FieldError[] {
  const errors = all(
    validateInvariants(schema, 'root', path),
    validateCompleteness(schema, schema, path, path),
  );
  const text = (error: FieldError): string => `${error.field}: ${errorBody(error)}`;
  return errors.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
}

type Level = 'root' | 'item' | 'field';

const needsType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function validateInvariants(schema: Schema, level: Level, path: FieldPath): Found {
  const { type = '', properties = {} } = schema;
  const typeAt = path.child('type');
  const isEmbedded = schema['x-kubernetes-embedded-resource'] ?? false;
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] ?? false;
  const isIntOrString = schema['x-kubernetes-int-or-string'] ?? false;
  const isResource = level === 'root' || isEmbedded;
  const items = itemsOf(schema);
  const additional = additionalOf(schema);
  const additionalAt = path.child('additionalProperties');
  const hasAdditional = schema.additionalProperties !== undefined;
  const propertiesAt = path.child('properties');
  const mustBeObject = 'must be object if x-kubernetes-embedded-resource is true';
  return [
    type === 'array' && !items && required(path.child('items'), 'must be specified'),
    items && validateInvariants(items, 'item', path.child('items')),
    propertiesOf(schema).map(([key, of]) => validateInvariants(of, 'field', propertiesAt.key(key))),
    hasAdditional &&
      level === 'root' &&
      fieldForbidden(additionalAt, 'must not be used at the root'),
    additional && validateInvariants(additional, 'field', additionalAt),
    isIntOrString &&
      isOpen &&
      invalid(
        path.child('x-kubernetes-preserve-unknown-fields'),
        true,
        'must be false if x-kubernetes-int-or-string is true',
      ),
    isIntOrString &&
      isEmbedded &&
      invalid(
        path.child('x-kubernetes-embedded-resource'),
        true,
        'must be false if x-kubernetes-int-or-string is true',
      ),
    validateValues(schema, isAnyOfIntOrString(schema), isFirstAllOfIntOrString(schema), path),
    isEmbedded && type !== 'object'
      ? type
        ? invalid(typeAt, type, mustBeObject)
        : required(typeAt, mustBeObject)
      : !type && !isIntOrString && !isOpen && required(typeAt, needsType[level]),
    isEmbedded &&
      hasAdditional &&
      fieldForbidden(additionalAt, 'must not be used if x-kubernetes-embedded-resource is set'),
    level === 'root' &&
      type &&
      type !== 'object' &&
      invalid(typeAt, type, 'must be object at the root'),
    isResource &&
      (['kind', 'apiVersion'] as const).map((key) => {
        const of = properties[key];
        return (
          of &&
          of.type !== 'string' &&
          invalid(propertiesAt.key(key).child('type'), of.type ?? '', 'must be string')
        );
      }),
    properties['metadata'] &&
      validateMetadata(properties['metadata'], isResource, level, propertiesAt.key('metadata')),
    isEmbedded &&
      !isOpen &&
      !Object.keys(properties).length &&
      required(
        propertiesAt,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
  ];
}

/** Metadata has a schema of its own: here only name and generateName may be said to be what they like. */
function validateMetadata(
  schema: Schema,
  isResource: boolean,
  level: Level,
  path: FieldPath,
): Found {
  const names = Object.keys(schema.properties ?? {});
  const onlyNames =
    names.length > 0 && names.every((key) => key === 'name' || key === 'generateName');
  const rest: Record<string, unknown> = { ...schema };
  for (const key of ['type', 'default', ...(onlyNames ? ['properties'] : [])]) delete rest[key];
  return [
    isResource &&
      schema.type !== 'object' &&
      invalid(path.child('type'), schema.type ?? '', 'must be object'),
    level === 'root' &&
      Object.values(rest).some((value) => !isEmpty(value) && value !== false) &&
      fieldForbidden(
        path,
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
  ];
}

const intOrString = [{ type: 'integer' }, { type: 'string' }];
const isAnyOfIntOrString = ({ anyOf }: Schema): boolean => equal(anyOf ?? null, intOrString);
const isFirstAllOfIntOrString = ({ allOf }: Schema): boolean => {
  const [first] = allOf ?? [];
  return first !== undefined && isAnyOfIntOrString(first);
};

function validateValues(
  schema: Schema,
  skipsAnyOf: boolean,
  skipsFirstAllOf: boolean,
  path: FieldPath,
): Found {
  const { pattern } = schema;
  const problem = pattern ? compileRegex(pattern) : undefined;
  return [
    !skipsAnyOf &&
      schema.anyOf?.map((clause, at) =>
        validateNested(clause, false, path.child('anyOf').index(at)),
      ),
    schema.allOf?.map((clause, at) =>
      validateNested(clause, skipsFirstAllOf && at === 0, path.child('allOf').index(at)),
    ),
    schema.oneOf?.map((clause, at) => validateNested(clause, false, path.child('oneOf').index(at))),
    schema.not && validateNested(schema.not, false, path.child('not')),
    typeof problem === 'string' &&
      invalid(
        path.child('pattern'),
        pattern,
        `must be a valid regular expression, but isn't: ${problem}`,
      ),
  ];
}

/** What may not be said within allOf, anyOf, oneOf and not. */
const forbidden = [
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
] as const;

function validateNested(schema: Schema, skipsAnyOf: boolean, path: FieldPath): Found {
  const items = itemsOf(schema);
  return [
    validateValues(schema, skipsAnyOf, false, path),
    items && validateNested(items, false, path.child('items')),
    propertiesOf(schema).map(([key, of]) =>
      validateNested(of, false, path.child('properties').key(key)),
    ),
    schema.type && fieldForbidden(path.child('type'), 'must be empty to be structural'),
    schema.additionalProperties !== undefined &&
      schema.additionalProperties !== false &&
      fieldForbidden(path.child('additionalProperties'), 'must be undefined to be structural'),
    schema.default !== undefined &&
      fieldForbidden(path.child('default'), 'must be undefined to be structural'),
    forbidden.map(
      ([key, detail]) =>
        !isEmpty(schema[key]) && schema[key] !== false && fieldForbidden(path.child(key), detail),
    ),
    schema.properties?.['metadata'] &&
      fieldForbidden(
        path.child('properties').key('metadata'),
        'must not be specified in a nested context',
      ),
  ];
}

/** What allOf and its kin name must be there outside of them, too. */
function validateCompleteness(
  schema: Schema,
  outer: Schema | undefined,
  outerAt: FieldPath,
  at: FieldPath,
): Found {
  const nested = (clause: Schema, clauseAt: FieldPath): Found =>
    validateNestedCompleteness(clause, outer, outerAt, clauseAt);
  return [
    schema.not && nested(schema.not, at.child('not')),
    junctors.map((key) =>
      schema[key]?.map((clause, index) => nested(clause, at.child(key).index(index))),
    ),
  ];
}

function validateNestedCompleteness(
  schema: Schema,
  outer: Schema | undefined,
  outerAt: FieldPath,
  at: FieldPath,
): Found {
  if (!outer) return required(outerAt, `because it is defined in ${at}`);
  const items = itemsOf(schema);
  return [
    validateCompleteness(schema, outer, outerAt, at),
    items &&
      validateNestedCompleteness(items, itemsOf(outer), outerAt.child('items'), at.child('items')),
    propertiesOf(schema).map(([key, of]) => {
      const ownAt = at.child('properties').key(key);
      const other = outer.properties?.[key];
      const otherAt = outerAt.child('properties').key(key);
      return other
        ? validateNestedCompleteness(of, other, otherAt, ownAt)
        : required(otherAt, `because it is defined in ${ownAt}`);
    }),
  ];
}
