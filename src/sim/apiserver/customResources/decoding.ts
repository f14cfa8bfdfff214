import {
  clone,
  groupVersion,
  type GroupVersionKind,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../../../api/meta.ts';
import { errorBody, FieldPath } from '../../../api/field.ts';
import { badRequest } from '../../../api/status.ts';
import {
  cannotHandle,
  kindOf,
  parseBody,
  type DecodedObject,
  type FieldValidation,
} from '../decode/decode.ts';
import { writtenKeys, type WithWrittenKeys } from '../decode/json.ts';
import type { CustomInfo } from '../registry/resources.ts';
import { applyDefaults } from './defaulting.ts';
import { coerceEmbedded, decodeMeta } from './metadata.ts';
import { pruneNulls, pruneUnknown } from './pruning.ts';

/**
 * A body as a custom resource: without what its schema does not know, and strict about that if told so.
 * Models apiextensions-apiserver pkg/apiserver/customresource_handler.go schemaCoercingDecoder.
 */
export function decodeCustom(
  body: Uint8Array | JsonObject,
  contentType: string,
  expected: GroupVersionKind,
  { schema, versions }: CustomInfo,
  validation: FieldValidation,
): DecodedObject {
  const parsed = parseBody(body, contentType, expected);
  const gvk = kindOf(parsed.value, expected, parsed.source);
  const wanted = groupVersion(expected);
  if (groupVersion(gvk) !== wanted && gvk.group === expected.group && gvk.kind === expected.kind)
    checkUnknownVersion(parsed.value, gvk, expected, versions, validation);
  if (groupVersion(gvk) !== wanted)
    throw badRequest(
      `the API version in the data (${groupVersion(gvk)}) does not match the expected API version (${wanted})`,
    );
  const object = { ...(clone(parsed.value ?? {}) as JsonObject) };
  object['apiVersion'] = wanted;
  object['kind'] = gvk.kind;
  const unknown: string[] = [];
  const meta = decodeMeta(object['metadata'] ?? {}, 'metadata');
  if (meta.error !== undefined) throw cannotHandle(gvk, expected, meta.error);
  unknown.push(...meta.unknown);
  if (gvk.kind === expected.kind) {
    applyDefaults(object, schema);
    unknown.push(...pruneUnknown(object, schema));
    pruneNulls(object, schema);
    const error = coerceEmbedded(object, schema, FieldPath.root, unknown);
    if (error) throw cannotHandle(gvk, expected, `${error.field}: ${errorBody(error)}`);
  }
  object['metadata'] = withoutEmptyTime(meta.meta);
  const strict = [
    ...parsed.strict,
    ...doubleFields(parsed.value, ''),
    ...unknown.map((field) => `unknown field "${field}"`),
  ];
  if (strict.length && validation === 'Strict')
    throw cannotHandle(gvk, expected, `strict decoding error: ${strict.join(', ')}`);
  return {
    object: object as unknown as KubeObject,
    warnings: validation === 'Warn' ? strict : [],
  };
}

/** Of a version that there is not, no field is known. */
function checkUnknownVersion(
  value: JsonValue,
  gvk: GroupVersionKind,
  expected: GroupVersionKind,
  versions: readonly string[],
  validation: FieldValidation,
): void {
  if (validation !== 'Strict' || versions.includes(gvk.version)) return;
  const unknown = pruneUnknown(clone(value) as JsonObject, {});
  if (!unknown.length) return;
  const fields = unknown.map((field) => `unknown field "${field}"`).join(', ');
  throw cannotHandle(gvk, expected, `strict decoding error: ${fields}`);
}

/** Keys that stood in an object twice. */
function doubleFields(value: JsonValue | undefined, path: string): string[] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value))
    return value.flatMap((item, at) => doubleFields(item, `${path}[${at}]`));
  const seen = new Set<string>();
  const found: string[] = [];
  const within = (key: string): string => (path ? `${path}.${key}` : key);
  for (const key of (value as WithWrittenKeys)[writtenKeys] ?? [])
    if (seen.has(key)) found.push(`duplicate field "${within(key)}"`);
    else seen.add(key);
  return [
    ...found,
    ...Object.entries(value).flatMap(([key, item]) => doubleFields(item, within(key))),
  ];
}

function withoutEmptyTime(meta: JsonObject): JsonObject {
  if (meta['creationTimestamp'] !== null) return meta;
  const rest = { ...meta };
  delete rest['creationTimestamp'];
  return rest;
}
