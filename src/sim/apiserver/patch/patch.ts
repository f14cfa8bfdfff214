import { decodeUtf8 } from '../../../base/bytes.ts';
import { clone, type GroupVersionKind, type JsonObject, type JsonValue, type KubeObject } from '../../../api/meta.ts';

export function applyPatch(
  _type: 'json' | 'merge' | 'strategic',
  current: KubeObject,
  patch: Uint8Array | JsonValue,
  _gvk: GroupVersionKind,
): KubeObject {
  const value = patch instanceof Uint8Array ? (JSON.parse(decodeUtf8(patch)) as JsonValue) : patch;
  return merge(current as unknown as JsonValue, value) as unknown as KubeObject;
}

function merge(target: JsonValue, patch: JsonValue): JsonValue {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return clone(patch);
  const base = target !== null && typeof target === 'object' && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete base[key];
    else if (value !== undefined) base[key] = merge(base[key] ?? null, value);
  return base as JsonObject;
}
