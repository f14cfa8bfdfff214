import { type JsonObject, type JsonValue } from '../../../api/meta.ts';

/**
 * RFC 7386: null removes, objects merge, everything else replaces. Neither argument is changed. The objects of a list lose
 * their nulls, too. Models evanphx/json-patch MergePatch.
 */
export function applyMergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (patch === null || typeof patch !== 'object') return patch;
  if (Array.isArray(patch)) return patch.map((item) => applyMergePatch(undefined, item));
  const isObject =
    target !== null && target !== undefined && typeof target === 'object' && !Array.isArray(target);
  const result: JsonObject = isObject ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = applyMergePatch(result[key], value);
  }
  return result;
}
