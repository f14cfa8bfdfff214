import { FieldPath, invalid, invalidObject } from '../../../api/field.ts';
import type { GroupVersionKind, JsonObject, JsonValue, KubeObject } from '../../../api/meta.ts';
import { inOrder } from '../../../api/schema/order.ts';
import type { StatusError } from '../../../api/status.ts';

export interface PatchMade {
  readonly type: 'json' | 'merge' | 'strategic';
  readonly patch: JsonValue;
  readonly patched: KubeObject;
  readonly gvk: GroupVersionKind;
}

/**
 * 422 for a patch whose result is no object of the kind: the patched document, or for strategic patches the patch, as Go
 * prints it. Models handlers/patch.go jsonPatcher.applyPatchToCurrentObject and applyPatchToObject.
 */
export function patchRefusal(
  { type, patch, patched, gvk }: PatchMade,
  error: StatusError,
): StatusError {
  const problem = error.message.replace(/^.*? cannot be handled as an? \S+: /, '');
  const isStrategic = type === 'strategic';
  const shown = isStrategic
    ? goMap(patch)
    : JSON.stringify(sorted(ordered(patched, gvk), touched(type, patch)));
  const detail = isStrategic ? converterWords(problem) : problem;
  return invalidObject({ group: '', kind: '' }, '', [
    invalid(FieldPath.of('patch'), shown, detail),
  ]);
}

const ordered = (patched: KubeObject, gvk: GroupVersionKind): JsonValue =>
  inOrder(patched, gvk) as unknown as JsonValue;

/** The objects that a patch looked into, as JSON pointers: Go prints their keys sorted, the others as they were. */
function touched(type: 'json' | 'merge' | 'strategic', patch: JsonValue): ReadonlySet<string> {
  const paths = new Set(['']);
  if (type === 'json' && Array.isArray(patch))
    for (const operation of patch) {
      const { path } = operation as { path?: string };
      const parts = (path ?? '').split('/').slice(0, -1);
      for (let i = 1; i <= parts.length; i++) paths.add(parts.slice(0, i).join('/'));
    }
  else collect(patch, '', paths);
  return paths;
}

function collect(patch: JsonValue, path: string, paths: Set<string>): void {
  if (patch === null || typeof patch !== 'object') return;
  paths.add(path);
  for (const [key, value] of Object.entries(patch))
    if (value !== undefined) collect(value, `${path}/${key}`, paths);
}

function sorted(value: JsonValue, paths: ReadonlySet<string>, path = ''): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value))
    return value.map((item, index) => sorted(item, paths, `${path}/${index}`));
  const keys = Object.keys(value);
  if (paths.has(path)) keys.sort();
  const result: JsonObject = {};
  for (const key of keys) {
    const item = value[key];
    if (item !== undefined) result[key] = sorted(item, paths, `${path}/${key}`);
  }
  return result;
}

/** Go's %+v of decoded JSON: `map[a:1 b:[x <nil>]]`. It walks by itself: what is sent nests deeper than calls may. */
export function goMap(value: JsonValue | undefined): string {
  const written: string[] = [];
  const todo: ({ readonly text: string } | { readonly value: JsonValue | undefined })[] = [
    { value },
  ];
  for (let next = todo.pop(); next; next = todo.pop()) {
    if ('text' in next) {
      written.push(next.text);
      continue;
    }
    const { value: item } = next;
    if (item === null || typeof item !== 'object') {
      written.push(String(item ?? '<nil>'));
      continue;
    }
    const parts: typeof todo = [];
    const add = (text: string, part: JsonValue | undefined): void => {
      parts.push({ text: `${parts.length ? ' ' : ''}${text}` }, { value: part });
    };
    if (Array.isArray(item)) for (const part of item) add('', part);
    else for (const key of Object.keys(item).sort()) add(`${key}:`, item[key]);
    written.push(Array.isArray(item) ? '[' : 'map[');
    todo.push({ text: ']' }, ...parts.reverse());
  }
  return written.join('');
}

/** The decoder's problem in the words of the converter that strategic patches go through. Models runtime/converter.go fromUnstructured. */
function converterWords(problem: string): string {
  const match = /^json: cannot unmarshal (\w+) into Go struct field \S+ of type (\S+)$/.exec(
    problem,
  );
  if (!match) return problem;
  const [, found = '', type = ''] = match;
  if (type === 'string' && found === 'number') return 'cannot convert int64 to string';
  if (type.startsWith('[]')) return `cannot restore slice from ${goKind(found)}`;
  if (type.startsWith('map[')) return `cannot restore map from ${goKind(found)}`;
  if (/[.A-Z]/.test(type)) return `cannot restore struct from: ${goKind(found)}`;
  return `unrecognized type: ${type}`;
}

const goKind = (found: string): string =>
  ({ number: 'int64', object: 'map', array: 'slice' })[found] ?? found;
