import { goTypeOfKind, type GoType } from '../../../api/schema/goTypes.ts';
import { defined } from '../../../base/assert.ts';
import type { FieldPath } from '../../../api/field.ts';
import { invalid, required, type FieldError } from '../../../api/field.ts';
import type { JsonObject, JsonValue, ObjectMeta } from '../../../api/meta.ts';
import { decodeTyped } from '../decode/typed.ts';
import { additionalOf, itemsOf, type Schema } from '../registry/apiextensions/structural.ts';
import { isDns1035Label, isPathSegment } from '../registry/shared/names.ts';
import { validateObjectMeta } from '../registry/shared/objectMeta.ts';

// Metadata of custom resources and of objects that they hold (x-kubernetes-embedded-resource).
// Models apiextensions-apiserver pkg/apiserver/schema/objectmeta.

let metaType: GoType | undefined;

function objectMetaType(): GoType {
  if (!metaType) {
    const type = goTypeOfKind({ group: '', version: 'v1', kind: 'ConfigMap' });
    const field = type?.kind === 'struct' ? type.byName.get('metadata') : undefined;
    metaType = defined(field?.type, 'a ConfigMap has metadata');
  }
  return metaType;
}

export interface DecodedMeta {
  readonly meta: JsonObject;
  readonly error: string | undefined;
  /** `metadata.colour`, below `path`. */
  readonly unknown: readonly string[];
}

/** Metadata as Go decodes and encodes them. */
export function decodeMeta(value: JsonValue, path: string): DecodedMeta {
  const { value: meta, error, strict } = decodeTyped(value, objectMetaType());
  const unknown = strict.flatMap((text) => {
    const field = /^(?:unknown|duplicate) field "(.*)"$/.exec(text)?.[1];
    return field === undefined ? [] : [`${path}.${field}`];
  });
  return { meta: (meta ?? {}) as JsonObject, error, unknown };
}

/** Brings the metadata of embedded objects into their types, in place; what is wrong or unknown about them. */
export function coerceEmbedded(
  value: JsonValue | undefined,
  schema: Schema | undefined,
  path: FieldPath,
  unknown: string[],
): FieldError | undefined {
  if (!schema || value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    for (const [at, item] of value.entries()) {
      const error = coerceEmbedded(item, items, path.index(at), unknown);
      if (error) return error;
    }
    return undefined;
  }
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    if (schema['x-kubernetes-embedded-resource']) {
      if ((key === 'apiVersion' || key === 'kind') && typeof item !== 'string')
        return invalid(path.child(key), item, 'must be a string');
      if (key === 'metadata') {
        const decoded = decodeMeta(item, path.child('metadata').toString());
        if (decoded.error !== undefined)
          return invalid(path.child('metadata'), item, decoded.error);
        unknown.push(...decoded.unknown);
        if (decoded.meta['creationTimestamp'] === null) delete decoded.meta['creationTimestamp'];
        value[key] = decoded.meta;
      }
    }
    const property = schema.properties?.[key];
    const own = property ?? additionalOf(schema);
    const at = property ? path.child(key) : path.key(key);
    const error = own && coerceEmbedded(item, own, at, unknown);
    if (error) return error;
  }
  return undefined;
}

/** Embedded objects have a kind, an apiVersion and good metadata. */
export function validateEmbedded(
  value: JsonValue | undefined,
  schema: Schema | undefined,
  path: FieldPath,
): FieldError[] {
  if (!schema || value === null || typeof value !== 'object') return [];
  if (Array.isArray(value))
    return value.flatMap((item, at) => validateEmbedded(item, itemsOf(schema), path.index(at)));
  const own = schema['x-kubernetes-embedded-resource'] ? embeddedErrors(value, path) : [];
  const additional = additionalOf(schema);
  return [
    ...own,
    ...Object.entries(value).flatMap(([key, item]) => {
      const property = schema.properties?.[key];
      if (property) return validateEmbedded(item, property, path.child(key));
      return additional ? validateEmbedded(item, additional, path.key(key)) : [];
    }),
  ];
}

function embeddedErrors(object: JsonObject, path: FieldPath): FieldError[] {
  const { apiVersion, kind, metadata } = object;
  const errors: FieldError[] = [];
  if (apiVersion === undefined) errors.push(required(path.child('apiVersion')));
  if (kind === undefined) errors.push(required(path.child('kind')));
  if (apiVersion === '')
    errors.push(invalid(path.child('apiVersion'), apiVersion, 'must not be empty'));
  else if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2)
    errors.push(
      invalid(
        path.child('apiVersion'),
        apiVersion,
        `unexpected GroupVersion string: ${apiVersion}`,
      ),
    );
  if (kind === '') errors.push(invalid(path.child('kind'), kind, 'must not be empty'));
  else if (typeof kind === 'string') {
    const problems = isDns1035Label(kind.toLowerCase());
    if (problems.length)
      errors.push(
        invalid(
          path.child('kind'),
          kind,
          `may have mixed case, but should otherwise match: ${problems.join(',')}`,
        ),
      );
  }
  if (metadata === undefined) return errors;
  const meta = { name: 'fakename', ...(metadata as unknown as ObjectMeta) };
  meta.name ||= 'fakename';
  const isNamespaced = (meta.namespace ?? '') !== '';
  return [
    ...errors,
    ...validateObjectMeta(meta, isNamespaced, isPathSegment, path.child('metadata'), false),
  ];
}
