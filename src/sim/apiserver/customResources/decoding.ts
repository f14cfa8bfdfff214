import {
  clone,
  groupVersion,
  type GroupVersionKind,
  type JsonObject,
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
  { schema }: CustomInfo,
  validation: FieldValidation,
): DecodedObject {
  const parsed = parseBody(body, contentType, expected);
  const gvk = kindOf(parsed.value, expected, parsed.source);
  const wanted = groupVersion(expected);
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
  const strict = [...parsed.strict, ...unknown.map((field) => `unknown field "${field}"`)];
  if (strict.length && validation === 'Strict')
    throw cannotHandle(gvk, expected, `strict decoding error: ${strict.join(', ')}`);
  return {
    object: object as unknown as KubeObject,
    warnings: validation === 'Warn' ? strict : [],
  };
}

function withoutEmptyTime(meta: JsonObject): JsonObject {
  if (meta['creationTimestamp'] !== null) return meta;
  const rest = { ...meta };
  delete rest['creationTimestamp'];
  return rest;
}
