import { decodeUtf8 } from '../../../base/bytes.ts';
import { clone, groupVersion, type GroupVersionKind, type JsonObject, type KubeObject } from '../../../api/meta.ts';
import { badRequest } from '../../../api/status.ts';

export function decodeObject(
  body: Uint8Array | JsonObject,
  _contentType: string,
  expected: GroupVersionKind,
  _validation: 'Strict' | 'Warn' | 'Ignore',
): { object: KubeObject; warnings: string[] } {
  const value = parse(body);
  const object = { apiVersion: groupVersion(expected), kind: expected.kind, ...value } as unknown as KubeObject;
  if (typeof object.metadata !== 'object') object.metadata = {};
  return { object, warnings: [] };
}

export function decodeOptions(body: Uint8Array | JsonObject, _contentType: string): JsonObject {
  return parse(body);
}

function parse(body: Uint8Array | JsonObject): JsonObject {
  if (!(body instanceof Uint8Array)) return clone(body);
  try {
    return JSON.parse(decodeUtf8(body)) as JsonObject;
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : 'not JSON');
  }
}
