import { invalid, type FieldError, type FieldPath } from '../../../../api/field.ts';
import { clone, equal, type JsonValue } from '../../../../api/meta.ts';
import { Correlation } from '../../customResources/correlation.ts';
import { hasRules, RuleRun } from '../../customResources/rules.ts';
import { all, type Found } from '../shared/checks.ts';
import { additionalOf, itemsOf, propertiesOf, type Schema } from './structural.ts';
import { validateValue } from './values.ts';

/** Defaults must be good values themselves. Models apiextensions-apiserver/pkg/apiserver/schema/defaulting ValidateDefaults. */
export function validateDefaults(schema: Schema, path: FieldPath): FieldError[] {
  return all(visit(schema, path, true, false));
}

function visit(schema: Schema, path: FieldPath, isRoot: boolean, isInMetadata: boolean): Found {
  const isResource = isRoot || (schema['x-kubernetes-embedded-resource'] ?? false);
  const inMetadata = isInMetadata && !isResource;
  const items = itemsOf(schema);
  return [
    schema.default !== undefined &&
      validateDefault(schema, path.child('default'), inMetadata, isResource),
    items && visit(items, path.child('items'), false, inMetadata),
    propertiesOf(schema).map(([key, of]) =>
      visit(
        of,
        path.child('properties').key(key),
        false,
        inMetadata || (isResource && ['metadata', 'apiVersion', 'kind'].includes(key)),
      ),
    ),
  ];
}

function validateDefault(
  schema: Schema,
  path: FieldPath,
  isInMetadata: boolean,
  isResource: boolean,
): Found {
  const value = schema.default ?? null;
  const isUnpruned = !isInMetadata && !equal(pruned(value, schema), value);
  const errors = validateValue(schema, value, path);
  return [
    isUnpruned && invalid(path, value, 'must not have unknown fields'),
    errors.length ? errors : judge(schema, value, path, isResource),
  ];
}

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
