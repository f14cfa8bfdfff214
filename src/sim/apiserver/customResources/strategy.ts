import { FieldPath, invalid, type FieldError } from '../../../api/field.ts';
import {
  equal,
  groupVersion,
  type GroupVersionKind,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../../../api/meta.ts';
import { validateValue } from '../registry/apiextensions/values.ts';
import { nameRules, isQualifiedName } from '../registry/shared/names.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../registry/shared/objectMeta.ts';
import type { Strategy, StrategyContext } from '../registry/strategy.ts';
import { Correlation } from './correlation.ts';
import { applyDefaults, hasDefaults } from './defaulting.ts';
import type { Definition } from './definitions.ts';
import { validateLists } from './listTypes.ts';
import { validateEmbedded } from './metadata.ts';
import { hasRules, RuleRun } from './rules.ts';
import { specErrors, statusErrors } from './scale.ts';

const root = FieldPath.root;
const json = (object: KubeObject): JsonObject => object as unknown as JsonObject;

/**
 * The rules of custom resources: those of their schema. Models apiextensions-apiserver pkg/registry/customresource.
 */
export function customStrategy(definition: Definition): Strategy {
  const { gvk, schema, hasStatus, scale, isNamespaced, fields } = definition;
  const defaults = hasDefaults(schema);
  const statusSchema = schema.properties?.['status'];
  return {
    ...gvk,
    hasGeneration: false,
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: false,
    meta: 'own',
    metaOnUpdate: [],
    default_(object) {
      if (defaults && object.kind === gvk.kind) applyDefaults(json(object), schema);
    },
    prepareForCreate(object) {
      if (hasStatus) delete json(object)['status'];
      object.metadata.generation = 1;
    },
    validate(object, context) {
      const typeErrors = kindErrors(object, gvk);
      const errors = typeErrors.length
        ? typeErrors
        : [
            ...validateObjectMeta(
              object.metadata,
              isNamespaced,
              nameRules.subdomain,
              FieldPath.of('metadata'),
              false,
            ),
            ...validateValue(schema, json(object), root),
            ...specErrors(json(object), scale),
            ...statusErrors(json(object), scale),
          ];
      errors.push(...validateEmbedded(json(object), schema, root));
      errors.push(...validateLists(json(object), schema, root));
      errors.push(...judged(definition, errors, object, undefined, context));
      return errors.map(named);
    },
    warningsOnCreate: (object) => finalizerWarnings(object, undefined),
    prepareForUpdate(object, old) {
      if (hasStatus) takeOver(json(object), json(old), 'status');
      const { generation = 0 } = old.metadata;
      const bare = (it: KubeObject): object => ({ ...it, metadata: undefined });
      if (!equal(bare(object), bare(old))) object.metadata.generation = generation + 1;
    },
    validateUpdate(object, old, context) {
      const typeErrors = kindErrors(object, gvk);
      const correlation = new Correlation(json(object), json(old), schema);
      const errors = typeErrors.length
        ? typeErrors
        : [
            ...updateErrors(object, old),
            ...ratcheted(validateValue(schema, json(object), root), correlation),
            ...specErrors(json(object), scale),
            ...statusErrors(json(object), scale),
          ];
      errors.push(...validateEmbedded(json(object), schema, root));
      if (!validateLists(json(old), schema, root).length)
        errors.push(...validateLists(json(object), schema, root));
      errors.push(...judged(definition, errors, object, old, context));
      return errors.map(named);
    },
    warningsOnUpdate: finalizerWarnings,
    selectableFields: (object) =>
      Object.fromEntries(fields.map((path) => [path, textAt(json(object), path)])),
    subresources: {
      status: {
        metaOnUpdate: [],
        prepareForUpdate(object, old) {
          const { status } = json(object);
          const { managedFields, resourceVersion } = object.metadata;
          for (const key of Object.keys(object)) delete json(object)[key];
          const metadata = {
            ...old.metadata,
            ...(resourceVersion !== undefined && { resourceVersion }),
          };
          Object.assign(object, old, { metadata });
          if (managedFields) object.metadata.managedFields = managedFields;
          else delete object.metadata.managedFields;
          if (status === undefined) delete json(object)['status'];
          else json(object)['status'] = status;
        },
        validateUpdate(object, old, context) {
          const { status } = json(object);
          const errors = kindErrors(object, gvk);
          if (!errors.length) {
            errors.push(...updateErrors(object, old));
            if (status !== undefined && statusSchema) {
              const oldStatus = json(old)['status'];
              errors.push(
                ...ratcheted(
                  validateValue(statusSchema, status, FieldPath.of('status')),
                  new Correlation({ status }, { status: oldStatus }, schema),
                ),
              );
            }
            errors.push(...statusErrors(json(object), scale));
          }
          if (!validateLists(json(old), schema, root).length)
            errors.push(...validateLists(json(object), schema, root));
          errors.push(...judged(definition, errors, object, old, context));
          return errors.map(named);
        },
        warningsOnUpdate: finalizerWarnings,
      },
    },
  };
}

/** Go's path of no field prints as nil. */
const named = (error: FieldError): FieldError =>
  error.field === '' ? { ...error, field: '<nil>' } : error;

const updateErrors = (object: KubeObject, old: KubeObject): FieldError[] =>
  validateObjectMetaUpdate(object.metadata, old.metadata, FieldPath.of('metadata'), false);

function kindErrors({ kind, apiVersion }: KubeObject, gvk: GroupVersionKind): FieldError[] {
  const wanted = groupVersion(gvk);
  return [
    ...(kind === gvk.kind ? [] : [invalid(FieldPath.of('kind'), kind, `must be ${gvk.kind}`)]),
    ...(apiVersion === wanted
      ? []
      : [invalid(FieldPath.of('apiVersion'), apiVersion, `must be ${wanted}`)]),
  ];
}

function takeOver(object: JsonObject, old: JsonObject, key: string): void {
  const value = old[key];
  if (value === undefined) delete object[key];
  else object[key] = value;
}

/** Errors of a schema that keep the rules from being judged. */
const BLOCKING = new Set<FieldError['type']>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

function judged(
  { schema }: Definition,
  errors: readonly FieldError[],
  object: KubeObject,
  old: KubeObject | undefined,
  context: StrategyContext,
): readonly FieldError[] {
  if (!hasRules(schema)) return [];
  if (errors.some(({ type }) => BLOCKING.has(type)))
    return [
      invalid(
        root,
        null,
        'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      ),
    ];
  const run = new RuleRun();
  run.run(schema, root, new Correlation(json(object), old && json(old), schema));
  for (const warning of run.warnings) context.warn(warning);
  return run.errors;
}

/** Without the errors of what has not changed. */
const ratcheted = (errors: readonly FieldError[], correlation: Correlation): FieldError[] =>
  errors.filter(({ field }) => {
    for (const at of correlation.along(field)) if (at.isSame) return false;
    return true;
  });

const STANDARD_FINALIZERS = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** Models validateKubeFinalizerName: warnings here, for finalizers that are new. */
function finalizerWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const before = new Set(old?.metadata.finalizers ?? []);
  const added = new Set((object.metadata.finalizers ?? []).filter((name) => !before.has(name)));
  return [...added].sort().flatMap((name) => {
    const at = `metadata.finalizers: ${JSON.stringify(name)}: `;
    const warnings = isQualifiedName(name).map((problem) => at + problem);
    if (name.includes('/') || STANDARD_FINALIZERS.has(name)) return warnings;
    const form = name.includes('.') ? 'name including a path (/)' : 'name';
    return [
      ...warnings,
      `${at}prefer a domain-qualified finalizer ${form} to avoid accidental conflicts with other finalizer writers`,
    ];
  });
}

/** The value of a selectable field as text; '' when there is none. */
function textAt(object: JsonObject, path: string): string {
  let value: JsonValue | undefined = object;
  for (const key of path.split('.'))
    value =
      value !== null && typeof value === 'object' && !Array.isArray(value) ? value[key] : undefined;
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}
