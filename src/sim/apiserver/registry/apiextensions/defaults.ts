import { errorBody, FieldPath, invalid, type FieldError } from '../../../../api/field.ts';
import { clone, equal, type JsonObject, type JsonValue } from '../../../../api/meta.ts';
import { Correlation } from '../../customResources/correlation.ts';
import { coerceEmbedded, validateEmbedded } from '../../customResources/metadata.ts';
import { hasRules, RuleRun } from '../../customResources/rules.ts';
import { all, type Found } from '../shared/checks.ts';
import { visitSchemas } from './formats.ts';
import { additionalOf, itemsOf, propertiesOf, type Schema } from './structural.ts';
import { validateValue } from './values.ts';

/** Defaults must be good values themselves. Models apiextensions-apiserver/pkg/apiserver/schema/defaulting ValidateDefaults. */
export const validateDefaults = (schema: Schema, path: FieldPath): FieldError[] =>
  all(visit(schema, path, resourceOf(schema), true));

/** Where in an object a value is. */
interface Place {
  /** The object that is or holds it: the custom resource, or one embedded in it. */
  readonly resource: Schema;
  /** That object, when it holds nothing else. */
  readonly around: (value: JsonValue) => JsonValue;
  readonly isInMetadata: boolean;
}

const resourceOf = (schema: Schema): Place => ({
  resource: { ...schema, 'x-kubernetes-embedded-resource': true },
  around: (value) => ({
    kind: 'Validation',
    apiVersion: 'validation/v1',
    ...(value as JsonObject),
  }),
  isInMetadata: false,
});

function visit(schema: Schema, path: FieldPath, outside: Place, isRoot = false): Found {
  const isResource = isRoot || (schema['x-kubernetes-embedded-resource'] ?? false);
  const place = isResource ? resourceOf(schema) : outside;
  const { around, isInMetadata } = place;
  const items = itemsOf(schema);
  return [
    schema.default !== undefined &&
      validateDefault(schema, path.child('default'), place, isResource),
    items && visit(items, path.child('items'), { ...place, around: (value) => around([value]) }),
    propertiesOf(schema).map(([key, of]) =>
      visit(of, path.child('properties').key(key), {
        ...place,
        around: (value) => around({ [key]: value }),
        isInMetadata: isInMetadata || (isResource && metaFields.includes(key)),
      }),
    ),
  ];
}

function validateDefault(
  schema: Schema,
  path: FieldPath,
  place: Place,
  isResource: boolean,
): Found {
  const value = schema.default ?? null;
  const isUnpruned = !place.isInMetadata && !equal(pruned(value, schema), value);
  const metadata = validateMetadata(schema, value, path, place, isResource);
  const errors = metadata.length ? metadata : validateValue(plain(schema), value, path);
  return [
    isUnpruned && invalid(path, value, 'must not have unknown fields'),
    errors.length ? errors : judge(schema, value, path, isResource),
  ];
}

/** Upstream does not hold a default against the types of x-kubernetes-int-or-string, only against what the schema says. */
function plain(schema: Schema): Schema {
  const copy = clone(schema as unknown as JsonObject);
  visitSchemas(copy, (each) => {
    delete each['x-kubernetes-int-or-string'];
  });
  return copy;
}

/** Of the objects in a value, or of the object whose metadata a value is. */
function validateMetadata(
  schema: Schema,
  value: JsonValue,
  path: FieldPath,
  { resource, around, isInMetadata }: Place,
  isResource: boolean,
): FieldError[] {
  const check = (whole: JsonValue, of: Schema, at: FieldPath): readonly FieldError[] => {
    const copy = clone(whole);
    const problem = coerceEmbedded(copy, of, at, []);
    return problem ? [problem] : validateEmbedded(copy, of, at);
  };
  if (!isInMetadata) return [...check(value, isResource ? resource : schema, path)];
  const problems = check(around(value), resource, FieldPath.root).map(errorText);
  const shown = problems.length > 1 ? `[${problems.join(', ')}]` : problems[0];
  return shown === undefined
    ? []
    : [invalid(path, value, `must result in valid metadata: ${shown}`)];
}

const errorText = (error: FieldError): string => `${error.field}: ${errorBody(error)}`;

/** The rules of a schema must take its default, both where it was and where there was nothing before. */
function judge(schema: Schema, value: JsonValue, path: FieldPath, isResource: boolean): Found {
  if (!hasRules(schema)) return [];
  for (const old of [value, undefined]) {
    const run = new RuleRun();
    run.run(schema, path, new Correlation(value, old, schema, false), isResource);
    if (run.errors.length) return run.errors;
  }
  return [];
}

/** Without the fields that a schema does not know. Models apiserver/schema/pruning. */
export function pruned(value: JsonValue, schema: Schema | undefined): JsonValue {
  const copy = clone(value);
  prune(copy, schema, false);
  return copy;
}

const metaFields = ['apiVersion', 'kind', 'metadata'];

function prune(value: JsonValue | undefined, schema: Schema | undefined, isOpen: boolean): void {
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    for (const item of value) prune(item, schema && itemsOf(schema), isOpen && !schema);
    return;
  }
  const keeps = isOpen || (schema?.['x-kubernetes-preserve-unknown-fields'] ?? false);
  const isEmbedded = schema?.['x-kubernetes-embedded-resource'] ?? false;
  const additional = schema && additionalOf(schema);
  for (const key of Object.keys(value)) {
    if (isEmbedded && metaFields.includes(key)) continue;
    const of = schema?.properties?.[key];
    if (of) prune(value[key], of, false);
    else if (additional) prune(value[key], additional, false);
    else if (schema?.additionalProperties === true || keeps) prune(value[key], undefined, keeps);
    else delete value[key];
  }
}
