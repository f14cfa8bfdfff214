import { shapeOfKind } from '../../../api/schema/shape.ts';
import {
  clone,
  type GroupVersionKind,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../../../api/meta.ts';
import { badRequest, failure } from '../../../api/status.ts';
import { decodeUtf8 } from '../../../base/bytes.ts';
import { JsonSyntaxError, parseJson } from '../decode/json.ts';
import { applyJsonPatch, JsonPatchError, type Operation } from './jsonPatch.ts';
import { applyMergePatch } from './mergePatch.ts';
import { applyStrategicPatch, StrategicPatchError } from './strategicMergePatch.ts';

/** The most operations of a JSON patch. Models handlers/patch.go maxJSONPatchOperations. */
const maxOperations = 10_000;

/** Applies a patch to a copy of the object. Throws 400, 413, 415 or 422 in the server's words. */
export function applyPatch(
  type: 'json' | 'merge' | 'strategic',
  current: KubeObject,
  patch: Uint8Array | JsonValue,
  gvk: GroupVersionKind,
): KubeObject {
  const value = patch instanceof Uint8Array ? parse(patch) : patch;
  const object = clone(current) as unknown as JsonObject;
  switch (type) {
    case 'json':
      return jsonPatch(object, value) as unknown as KubeObject;
    case 'merge':
      return applyMergePatch(object, requireObject(value)) as unknown as KubeObject;
    case 'strategic': {
      const shape = shapeOfKind(gvk);
      if (!shape)
        throw failure(
          415,
          'UnsupportedMediaType',
          'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
        );
      try {
        return applyStrategicPatch(object, requireObject(value), shape) as unknown as KubeObject;
      } catch (error) {
        if (error instanceof StrategicPatchError) throw failure(500, '', error.message);
        throw error;
      }
    }
  }
}

function parse(patch: Uint8Array): JsonValue {
  try {
    return parseJson(decodeUtf8(patch));
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw badRequest(`error decoding patch: ${error.message}`);
    throw error;
  }
}

function requireObject(value: JsonValue): JsonObject {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  const what = Array.isArray(value)
    ? 'array'
    : value === null
      ? 'null'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  throw badRequest(
    `error decoding patch: json: cannot unmarshal ${what} into Go value of type map[string]interface {}`,
  );
}

function jsonPatch(object: JsonObject, value: JsonValue): JsonValue {
  if (!Array.isArray(value)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  if (value.length > maxOperations)
    throw failure(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${value.length}`,
    );
  try {
    return applyJsonPatch(object, value as unknown as Operation[]);
  } catch (error) {
    if (error instanceof JsonPatchError)
      throw failure(
        422,
        'Invalid',
        `the server rejected our request due to an error in our request`,
        {},
      );
    throw error;
  }
}
