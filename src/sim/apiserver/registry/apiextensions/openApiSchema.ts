import { asGiven } from '../../../../api/emptied.ts';
import {
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type { ValidationRule } from '../../../../api/types/apiextensionsV1.ts';
import { all, each, mayBeOneOf, must, oneOf, type Found } from '../shared/checks.ts';
import { findField } from './fieldPaths.ts';
import type { RuleContext } from './ruleContext.ts';
import {
  additionalOf,
  itemsOf,
  propertiesOf,
  structuralProblem,
  type Schema,
} from './structural.ts';

export interface SchemaErrors {
  readonly schema: FieldError[];
  /** Of expressions: told after all others. */
  readonly expressions: FieldError[];
}

/** What holds on the way down. */
interface Scope {
  /** Why there may be no default here. */
  readonly noDefaults?: string;
  readonly isInMetadata: boolean;
  /** Where the way to the value's old self was lost. */
  readonly lostAt?: FieldPath;
  readonly isRoot: boolean;
  /** Undefined where expressions are not looked at. */
  readonly rules: RuleContext | undefined;
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const metaFields = ['metadata', 'kind', 'apiVersion'];

/** Models apiextensions/validation ValidateCustomResourceDefinitionOpenAPISchema. */
export function validateOpenApiSchema(
  schema: Schema,
  path: FieldPath,
  rules: RuleContext | undefined,
): FieldError[] {
  const errors: SchemaErrors = { schema: [], expressions: [] };
  visit(schema, path, { isInMetadata: false, isRoot: true, rules }, errors);
  return [...errors.schema, ...errors.expressions];
}

function visit(schema: Schema, path: FieldPath, scope: Scope, errors: SchemaErrors): void {
  const own: SchemaErrors = { schema: [], expressions: [] };
  const { isRoot, ...given } = scope;
  const inner: Scope = { ...given, isRoot: false };
  const nested: Scope = { ...inner, rules: undefined };
  const child = (of: Schema | undefined, at: FieldPath, within: Scope): void => {
    if (of) visit(of, at, within, own);
  };
  own.schema.push(...all(validateStandard(schema, path, scope), validateAdditional(schema, path)));
  const additional = additionalOf(schema);
  child(additional, path.child('additionalProperties'), {
    ...inner,
    ...(scope.isInMetadata && {
      noDefaults: 'inside additionalProperties applying to object metadata',
    }),
    rules: additional && scope.rules?.additional(additional),
  });
  const isAtomic = (schema['x-kubernetes-map-type'] ?? 'granular') !== 'granular';
  for (const [name, of] of propertiesOf(schema)) {
    const isMeta =
      (isRoot || schema['x-kubernetes-embedded-resource']) && metaFields.includes(name);
    child(of, path.child('properties').key(name), {
      ...inner,
      ...(isAtomic && !scope.lostAt && { lostAt: path }),
      ...(isMeta && { isInMetadata: true }),
      ...(isMeta && isRoot && { noDefaults: `in top-level ${name}` }),
      rules: scope.rules?.property(name, of),
    });
  }
  child(schema.not, path.child('not'), nested);
  for (const key of ['allOf', 'oneOf', 'anyOf'] as const)
    schema[key]?.forEach((clause, index) => child(clause, path.child(key).index(index), nested));
  for (const [name, of] of Object.entries(schema.definitions ?? {}))
    child(of, path.child('definitions').key(name), nested);
  const items = itemsOf(schema);
  const isList = schema['x-kubernetes-list-type'] !== 'map';
  const itemScope = { ...inner, ...(isList && !scope.lostAt && { lostAt: path }) };
  child(items, path.child('items'), { ...itemScope, rules: items && scope.rules?.items(items) });
  if (Array.isArray(schema.items))
    (schema.items as unknown as Schema[]).forEach((item, index) =>
      child(item, path.child('items').index(index), {
        ...itemScope,
        rules: scope.rules?.items(item),
      }),
    );
  for (const [name, of] of Object.entries(schema.dependencies ?? {}))
    if (of && typeof of === 'object' && !Array.isArray(of))
      child(of, path.child('dependencies').key(name), nested);
  own.schema.push(
    ...all(
      validateExtensions(schema, path),
      validateListMap(schema, path),
      validateKeys(schema, path),
      each(schema['x-kubernetes-validations'], path.child('x-kubernetes-validations'), (rule, at) =>
        validateRule(rule, schema, at),
      ),
    ),
  );
  const { 'x-kubernetes-validations': rules = [] } = schema;
  if (rules.length && !own.schema.length)
    own.expressions.push(...(scope.rules?.errors(rules, path, scope.lostAt) ?? []));
  errors.schema.push(...own.schema);
  errors.expressions.push(...own.expressions);
}

/** Models specStandardValidatorV3.validate, and uniqueItems. */
function validateStandard(schema: Schema, path: FieldPath, scope: Scope): Found {
  const { type } = schema;
  const notSupportedHere = (key: keyof Schema, isGiven: unknown): Found =>
    !!isGiven && fieldForbidden(path.child(key), `${key} is not supported`);
  const count = (value: object | undefined): number => Object.keys(value ?? {}).length;
  return [
    type && !types.includes(type) && notSupported(path.child('type'), type, types),
    schema.default !== undefined &&
      scope.noDefaults !== undefined &&
      fieldForbidden(path.child('default'), `must not be set ${scope.noDefaults}`),
    notSupportedHere('id', schema.id),
    notSupportedHere('additionalItems', schema.additionalItems !== undefined),
    notSupportedHere('patternProperties', count(schema.patternProperties)),
    notSupportedHere('definitions', count(schema.definitions)),
    notSupportedHere('dependencies', asGiven(schema, 'dependencies')),
    notSupportedHere('$ref', schema.$ref !== undefined),
    type === 'null' &&
      fieldForbidden(
        path.child('type'),
        'type cannot be set to null, use nullable as an alternative',
      ),
    Array.isArray(schema.items) &&
      schema.items.length > 0 &&
      fieldForbidden(path.child('items'), 'items must be a schema object and not an array'),
    scope.isInMetadata &&
      schema['x-kubernetes-embedded-resource'] &&
      fieldForbidden(
        path.child('x-kubernetes-embedded-resource'),
        'must not be used inside of resource meta',
      ),
    schema.uniqueItems &&
      fieldForbidden(
        path.child('uniqueItems'),
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
  ];
}

const validateAdditional = (schema: Schema, path: FieldPath): Found =>
  schema.additionalProperties !== undefined &&
  propertiesOf(schema).length > 0 &&
  schema.additionalProperties !== true &&
  fieldForbidden(
    path.child('additionalProperties'),
    'additionalProperties and properties are mutual exclusive',
  );

/** The types of maps and lists, and of the items of sets. */
function validateExtensions(schema: Schema, path: FieldPath): Found {
  const { type = '' } = schema;
  const mapType = schema['x-kubernetes-map-type'];
  const listType = schema['x-kubernetes-list-type'];
  const needs = (wanted: string, key: string): Found => {
    const detail = `must be ${wanted} if ${key} is specified`;
    if (type === wanted) return [];
    return type ? invalid(path.child('type'), type, detail) : required(path.child('type'), detail);
  };
  const items = itemsOf(schema);
  return [
    schema['x-kubernetes-preserve-unknown-fields'] === false &&
      invalid(
        path.child('x-kubernetes-preserve-unknown-fields'),
        false,
        'must be true or undefined',
      ),
    mapType !== undefined && needs('object', 'x-kubernetes-map-type'),
    mayBeOneOf(mapType, ['atomic', 'granular'], path.child('x-kubernetes-map-type')),
    listType !== undefined && needs('array', 'x-kubernetes-list-type'),
    listType === 'set' && type === 'array' && items && validateSetItems(items, path.child('items')),
    mayBeOneOf(listType, ['atomic', 'set', 'map'], path.child('x-kubernetes-list-type')),
  ];
}

/** What is compared as a whole must be one piece. */
function validateSetItems(items: Schema, path: FieldPath): Found {
  const listType = items['x-kubernetes-list-type'];
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  switch (items.type) {
    case 'array':
      return (
        listType !== undefined &&
        listType !== 'atomic' &&
        invalid(path.child('x-kubernetes-list-type'), listType, detail)
      );
    case 'object':
      // Upstream prints the type of the list here.
      return (
        items['x-kubernetes-map-type'] !== 'atomic' &&
        invalid(path.child('x-kubernetes-map-type'), listType ?? null, detail)
      );
    default:
      return [];
  }
}

function validateListMap(schema: Schema, path: FieldPath): Found {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const [typeAt, keysAt, itemsAt] = [
    path.child('x-kubernetes-list-type'),
    path.child('x-kubernetes-list-map-keys'),
    path.child('items'),
  ];
  const mustBeMap = 'must be map if x-kubernetes-list-map-keys is non-empty';
  const items = itemsOf(schema);
  return [
    keys.length > 0 && listType === undefined && required(typeAt, mustBeMap),
    keys.length > 0 &&
      listType !== undefined &&
      listType !== 'map' &&
      invalid(typeAt, listType, mustBeMap),
    listType === 'map' && [
      must(keys, keysAt, 'must not be empty if x-kubernetes-list-type is map'),
      schema.items === undefined &&
        required(itemsAt, 'must have a schema if x-kubernetes-list-type is map'),
      schema.items !== undefined &&
        !items &&
        invalid(
          itemsAt,
          internalForm('*apiextensions.JSONSchemaPropsOrArray', schema.items),
          'must only have a single schema if x-kubernetes-list-type is map',
        ),
      items &&
        items.type !== 'object' &&
        invalid(
          itemsAt.child('type'),
          items.type ?? '',
          "must be object if parent array's x-kubernetes-list-type is map",
        ),
      items?.type === 'object' &&
        keys.map((key, index) => {
          const of = items.properties?.[key];
          return [
            of
              ? (of.type === 'array' || of.type === 'object') &&
                invalid(
                  itemsAt.child('properties').key(key).child('type'),
                  items.type,
                  "must be a scalar type if parent array's x-kubernetes-list-type is map",
                )
              : invalid(keysAt, keys, 'entries must all be names of item properties'),
            keys.indexOf(key) < index &&
              invalid(keysAt, keys, 'must not contain duplicate entries'),
          ];
        }),
    ],
  ];
}

/** What tells items apart is always there. Models validateMapListKeysMapSet. */
function validateKeys(schema: Schema, path: FieldPath): Found {
  const listType = schema['x-kubernetes-list-type'];
  const items = itemsOf(schema);
  if (!items || (listType !== 'set' && listType !== 'map')) return [];
  const itemsAt = path.child('items');
  const keys = listType === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : [];
  return [
    items.nullable &&
      fieldForbidden(
        itemsAt.child('nullable'),
        `cannot be nullable when x-kubernetes-list-type is ${listType}`,
      ),
    keys.map((key) => {
      const of = items.properties?.[key];
      const at = itemsAt.child('properties').key(key);
      return (
        of && [
          !items.required?.includes(key) &&
            of.default === undefined &&
            required(
              at.child('default'),
              'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
            ),
          of.nullable &&
            fieldForbidden(
              at.child('nullable'),
              'this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
            ),
        ]
      );
    }),
  ];
}

const reasons = [
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
];
const hasNewlines = (text: string): boolean => /[\n\r]/.test(text);

/** A rule's texts; its expression is looked at afterwards. */
function validateRule(rule: ValidationRule, schema: Schema, at: FieldPath): Found {
  const { message = '', messageExpression = '', fieldPath = '' } = rule;
  const trimmed = rule.rule.trim();
  const trimmedMessage = message.trim();
  const [messageAt, pathAt] = [at.child('message'), at.child('fieldPath')];
  const text = (): Found => {
    if (!trimmed) return required(at.child('rule'), 'rule is not specified');
    if (message && !trimmedMessage)
      return invalid(messageAt, message, 'must be non-empty if specified');
    if (hasNewlines(trimmedMessage))
      return invalid(messageAt, message, 'must not contain line breaks');
    return (
      hasNewlines(trimmed) &&
      !trimmedMessage &&
      required(messageAt, 'message must be specified if rule contains line breaks')
    );
  };
  const isReadable = structuralProblem(schema) === undefined;
  return [
    text(),
    messageExpression &&
      !messageExpression.trim() &&
      required(at.child('messageExpression'), 'messageExpression must be non-empty if specified'),
    rule.reason !== undefined && oneOf(rule.reason, reasons, at.child('reason')),
    fieldPath && !fieldPath.trim() && invalid(pathAt, fieldPath, 'must be non-empty if specified'),
    hasNewlines(fieldPath) && invalid(pathAt, fieldPath, 'must not contain line breaks'),
    fieldPath &&
      isReadable &&
      typeof findField(fieldPath, schema, true) === 'string' &&
      invalid(pathAt, fieldPath, 'must be a valid path'),
  ];
}
