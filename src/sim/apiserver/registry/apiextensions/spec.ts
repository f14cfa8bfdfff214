import {
  duplicate,
  fieldForbidden,
  FieldPath,
  invalid,
  notSupported,
  required,
  tooMany,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceSubresources,
  SelectableField,
} from '../../../../api/types/apiextensionsV1.ts';
import {
  all,
  allInvalid,
  each,
  must,
  mustBeOneOf,
  seenBefore,
  type Found,
} from '../shared/checks.ts';
import { isDns1035Label, isDns1123Subdomain, utf8Length } from '../shared/names.ts';
import { validateClientConfig } from '../shared/webhooks.ts';
import { validateNames } from './names.ts';
import { findField } from './fieldPaths.ts';
import { visitSchemas } from './formats.ts';
import { printedVersions, type InternalSpec, type InternalVersion } from './internalSpec.ts';
import { structuralProblem, type Schema } from './structural.ts';
import { validateValidation } from './validation.ts';

const spec = FieldPath.of('spec');
const maxSelectableFields = 8;

/** Models validateCustomResourceDefinitionSpec; `old`: what an update may keep. */
export function validateSpec(own: InternalSpec, old?: InternalSpec): FieldError[] {
  const { spec: given, all: shared, versions } = own;
  const { group, names } = given;
  const versionsAt = spec.child('versions');
  const printed = (): unknown => printedVersions(own);
  return all(
    validateGroup(group),
    mustBeOneOf(given.scope, ['Cluster', 'Namespaced'], spec.child('scope')),
    !shared.schema?.openAPIV3Schema &&
      each(
        versions,
        versionsAt,
        ({ schema }, at) =>
          !schema?.openAPIV3Schema && required(at.child('schema', 'openAPIV3Schema')),
      ),
    validateDefaultsAllowed(own),
    each(versions, versionsAt, (version, at, index) => [
      joinedLabel(version.name, at.child('name')),
      validateVersion(version, own, at, old?.versions[index], keepsSchema(own, old, version.name)),
    ]),
    new Set(versions.map(({ name }) => name)).size < versions.length &&
      invalid(versionsAt, printed(), 'must contain unique version names'),
    versions.filter(({ storage }) => storage).length !== 1 &&
      invalid(versionsAt, printed(), 'must have exactly one version marked as storage version'),
    joinedLabel(versions[0]?.name ?? '', spec.child('version'), true),
    (['plural', 'singular', 'kind', 'listKind'] as const).map((key) =>
      must(names[key], spec.child('names', key)),
    ),
    validateNames(names, spec.child('names')),
    validateValidation(
      shared.schema,
      [shared, ...versions].some(({ subresources }) => subresources?.status),
      spec.child('validation'),
    ),
    validateSubresources(shared.subresources, spec.child('subresources')),
    each(shared.additionalPrinterColumns, spec.child('additionalPrinterColumns'), validateColumn),
    shared.selectableFields?.length &&
      (shared.schema
        ? validateSelectable(
            shared.selectableFields,
            shared.schema.openAPIV3Schema,
            spec.child('selectableFields'),
            old?.all.selectableFields,
          )
        : invalid(
            spec.child('selectableFields'),
            '',
            'may only be set when validations.schema is included',
          )),
    given.preserveUnknownFields &&
      given.conversion?.strategy !== 'None' &&
      invalid(
        spec.child('conversion', 'strategy'),
        given.conversion?.strategy ?? '',
        'must be None if spec.preserveUnknownFields is true',
      ),
    validateConversion(given.conversion, old?.spec.conversion),
  );
}

function validateGroup(group: string): Found {
  const at = spec.child('group');
  const problems = isDns1123Subdomain(group);
  if (!group) return required(at);
  if (problems.length) return invalid(at, group, problems.join(','));
  return !group.includes('.') && invalid(at, group, 'should be a domain with at least one dot');
}

/** Nothing is defaulted in what is not pruned. */
function validateDefaultsAllowed({ spec: given, all: shared, versions }: InternalSpec): Found {
  const defaults: unknown[] = [];
  for (const { schema } of [shared, ...versions])
    if (schema?.openAPIV3Schema)
      visitSchemas(schema.openAPIV3Schema, (one) => {
        if (one.default !== undefined) defaults.push(one.default);
      });
  return (
    defaults.length > 0 &&
    given.preserveUnknownFields &&
    invalid(
      spec.child('preserveUnknownFields'),
      true,
      'must be false in order to use defaults in the schema',
    )
  );
}

function joinedLabel(name: string, at: FieldPath, mayBeEmpty = false): Found {
  const problems = isDns1035Label(name);
  return !(mayBeEmpty && !name) && problems.length > 0 && invalid(at, name, problems.join(','));
}

/** Whether a version has the schema that it had before. */
function keepsSchema(now: InternalSpec, old: InternalSpec | undefined, name: string): boolean {
  const schemaOf = ({ all: shared, versions }: InternalSpec): unknown => {
    const found = versions.find((version) => version.name === name);
    return found && (found.schema ?? shared.schema ?? null);
  };
  return old !== undefined && equal(schemaOf(now), schemaOf(old));
}

function validateVersion(
  version: InternalVersion,
  { all: shared, versions }: InternalSpec,
  at: FieldPath,
  old: InternalVersion | undefined,
  isUnchanged: boolean,
): Found {
  const hasOwnSubresources = versions.some(({ subresources }) => subresources);
  const { subresources } = hasOwnSubresources ? version : shared;
  const fieldsAt = at.child('selectableFields');
  const { selectableFields: fields } = version;
  return [
    deprecationProblems(version).map((problem) =>
      invalid(at.child('deprecationWarning'), version.deprecationWarning, problem),
    ),
    validateValidation(version.schema, !!subresources?.status, at.child('schema'), isUnchanged),
    validateSubresources(version.subresources, at.child('subresources')),
    each(version.additionalPrinterColumns, at.child('additionalPrinterColumns'), validateColumn),
    fields?.length &&
      (version.schema?.openAPIV3Schema
        ? validateSelectable(
            fields,
            version.schema.openAPIV3Schema,
            fieldsAt,
            old?.selectableFields,
          )
        : invalid(
            fieldsAt,
            '',
            'may only be set when `version.schema.openAPIV3Schema` is not included',
          )),
  ];
}

function deprecationProblems({ deprecated, deprecationWarning: text }: InternalVersion): string[] {
  if (text === undefined) return [];
  if (!deprecated) return ['can only be set for deprecated versions'];
  const bad = Array.from(text).find((char) => !/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char));
  return [
    utf8Length(text) > 256 && 'must be <= 256 characters long',
    text === '' && 'must not be an empty string',
    bad !== undefined &&
      `must only contain printable UTF-8 characters; non-printable character found at index ${utf8Length(text.slice(0, text.indexOf(bad)))}`,
  ].filter((problem) => problem !== false);
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = [
  'byte',
  'date',
  'date-time',
  'double',
  'float',
  'int32',
  'int64',
  'password',
];

function validateColumn(column: CustomResourceColumnDefinition, at: FieldPath): Found {
  const { type, format, jsonPath } = column;
  const typeDetail = `must be one of ${columnTypes.join(',')}`;
  return [
    must(column.name, at.child('name')),
    !type
      ? required(at.child('type'), typeDetail)
      : !columnTypes.includes(type) && invalid(at.child('type'), type, typeDetail),
    format &&
      !columnFormats.includes(format) &&
      invalid(at.child('format'), format, `must be one of ${columnFormats.join(',')}`),
    jsonPath ? simplePath(jsonPath, at.child('JSONPath')) : required(at.child('JSONPath')),
  ];
}

const simplePath = (path: string, at: FieldPath): FieldError[] =>
  path.startsWith('.') ? [] : [invalid(at, path, 'must be a simple json path starting with .')];

function validateSubresources(
  subresources: CustomResourceSubresources | undefined,
  at: FieldPath,
): FieldError[] {
  const { scale } = subresources ?? {};
  if (!scale) return [];
  const { labelSelectorPath: selector } = scale;
  const under = (key: 'specReplicasPath' | 'statusReplicasPath', root: string): Found => {
    const path = scale[key];
    const pathAt = at.child(`scale.${key}`);
    if (!path) return required(pathAt);
    const errors = simplePath(path, pathAt);
    if (errors.length) return errors;
    return (
      !path.startsWith(`${root}.`) && invalid(pathAt, path, `should be a json path under ${root}`)
    );
  };
  const selectorAt = at.child('scale.labelSelectorPath');
  const selectorErrors = selector ? simplePath(selector, selectorAt) : [];
  return all(
    under('specReplicasPath', '.spec'),
    under('statusReplicasPath', '.status'),
    selectorErrors,
    selector &&
      !selectorErrors.length &&
      !/^\.(?:spec|status)\./.test(selector) &&
      invalid(selectorAt, selector, 'should be a json path under either .spec or .status'),
  );
}

/** Models ValidateCustomResourceSelectableFields. */
function validateSelectable(
  fields: readonly SelectableField[],
  schema: Schema | undefined,
  path: FieldPath,
  old: readonly SelectableField[] | undefined,
): Found {
  const problem = schema && structuralProblem(schema);
  const seen = new Set<string>();
  const errors = each(fields, path, ({ jsonPath }, at) => {
    const pathAt = at.child('jsonPath');
    if (!jsonPath) return required(pathAt);
    const found = findField(jsonPath, problem ? {} : (schema ?? {}), false);
    if (typeof found === 'string') return invalid(pathAt, jsonPath, `is an invalid path: ${found}`);
    const isSeen = seen.size === seen.add(found.path).size;
    return [
      found.root === 'metadata' &&
        invalid(pathAt, jsonPath, 'must not point to fields in metadata'),
      !['string', 'boolean', 'integer'].includes(found.schema?.type ?? '') &&
        invalid(
          pathAt,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      isSeen && duplicate(pathAt, jsonPath),
    ];
  });
  const isKept = (old?.length ?? 0) > maxSelectableFields && equal(fields, old);
  return [
    problem && invalid(schemaAt(path), '', problem),
    errors,
    seen.size > maxSelectableFields && !isKept && tooMany(path, seen.size, maxSelectableFields),
  ];
}

/** Upstream names the schema beside the fields. */
const schemaAt = (fieldsAt: FieldPath): FieldPath =>
  FieldPath.of(fieldsAt.toString().replace(/selectableFields$/, 'schema.openAPIV3Schema'));

const reviewVersions = ['v1', 'v1beta1'];

/** Models validateCustomResourceConversion. */
function validateConversion(
  conversion: CustomResourceDefinitionSpec['conversion'],
  old: CustomResourceDefinitionSpec['conversion'],
): Found {
  if (!conversion) return [];
  const at = spec.child('conversion');
  const { strategy, webhook } = conversion;
  const given = (webhook?.conversionReviewVersions as string[] | null | undefined) ?? [];
  const [clientAt, versionsAt] = [
    at.child('webhookClientConfig'),
    at.child('conversionReviewVersions'),
  ];
  const strategies = ['None', 'Webhook'];
  const named = !strategy
    ? required(at.child('strategy'))
    : !strategies.includes(strategy) && notSupported(at.child('strategy'), strategy, strategies);
  if (strategy !== 'Webhook') {
    const detail = 'should not be set when strategy is not set to Webhook';
    return [
      named,
      webhook?.clientConfig && fieldForbidden(clientAt, detail),
      given.length > 0 && fieldForbidden(versionsAt, detail),
    ];
  }
  const before = old?.webhook?.conversionReviewVersions ?? [];
  const isKept = before.length > 0 && !before.some((version) => reviewVersions.includes(version));
  return [
    named,
    webhook?.clientConfig
      ? validateClientConfig(webhook.clientConfig, clientAt)
      : required(clientAt, 'required when strategy is set to Webhook'),
    validateReviewVersions(given, isKept, versionsAt),
  ];
}

function validateReviewVersions(
  versions: readonly string[],
  takesUnknown: boolean,
  path: FieldPath,
): Found {
  if (!versions.length) return required(path);
  const seen = seenBefore();
  return [
    each(versions, path, (version, at) =>
      seen(version)
        ? invalid(at, version, 'duplicate version')
        : allInvalid(at, version, isDns1035Label(version)),
    ),
    !takesUnknown &&
      !versions.some((version) => reviewVersions.includes(version)) &&
      invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`),
  ];
}
