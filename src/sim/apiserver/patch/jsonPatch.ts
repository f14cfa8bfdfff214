import { clone, equal, type JsonObject, type JsonValue } from '../../../api/meta.ts';

/** A JSON patch that cannot be applied; the message is that of github.com/evanphx/json-patch. */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError';
}

export interface Operation {
  readonly op?: string;
  readonly path?: string;
  readonly from?: string;
  readonly value?: JsonValue;
}

/** Applies RFC 6902 operations to a copy. */
export function applyJsonPatch(document: JsonValue, operations: readonly Operation[]): JsonValue {
  const holder: JsonObject = { root: clone(document) };
  for (const operation of operations) apply(holder, operation);
  return holder['root'] ?? null;
}

function apply(holder: JsonObject, { op, path, from, value }: Operation): void {
  if (path === undefined || ((op === 'move' || op === 'copy') && from === undefined))
    throw new JsonPatchError(`${op ?? ''} operation failed to decode path: missing value`);
  const at = locate(holder, path, op ?? '');
  switch (op) {
    case 'add':
      add(at, clone(value ?? null));
      return;
    case 'remove':
      remove(at);
      return;
    case 'replace':
      // A member that there is not is set all the same; an element is not.
      if (Array.isArray(at.parent) && read(at) === undefined)
        throw new JsonPatchError(
          `replace operation does not apply: doc is missing key: ${path}: missing value`,
        );
      set(at, clone(value ?? null));
      return;
    case 'move':
    case 'copy': {
      const source = locate(holder, from ?? '', op);
      const moved = read(source);
      if (moved === undefined && (op === 'move' || Array.isArray(source.parent)))
        throw new JsonPatchError(
          `${op} operation does not apply: doc is missing from path: ${from ?? ''}: missing value`,
        );
      if (op === 'move') remove(source);
      add(locate(holder, path, op), clone(moved ?? null));
      return;
    }
    case 'test': {
      const found = read(at);
      if (!equal(found ?? null, value ?? null))
        throw new JsonPatchError(`testing value ${path} failed: test failed`);
      return;
    }
    default:
      throw new JsonPatchError(`Unexpected kind: ${op ?? 'unknown'}`);
  }
}

interface Place {
  readonly parent: JsonObject | JsonValue[];
  readonly key: string;
  readonly path: string;
  readonly op: string;
}

/** The container of a pointer's target. */
function locate(holder: JsonObject, path: string, op: string): Place {
  const parts = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  let parent: JsonValue | undefined = holder;
  const keys = ['root', ...parts.slice(1)];
  for (const key of keys.slice(0, -1)) {
    parent = Array.isArray(parent) ? parent[Number(key)] : (parent[key] ?? undefined);
    if (parent === null || typeof parent !== 'object')
      throw new JsonPatchError(
        `${op} operation does not apply: doc is missing path: "${path}": missing value`,
      );
  }
  return { parent, key: keys.at(-1) ?? '', path, op };
}

function read({ parent, key }: Place): JsonValue | undefined {
  return Array.isArray(parent) ? parent[Number(key)] : parent[key];
}

function set({ parent, key }: Place, value: JsonValue): void {
  if (Array.isArray(parent)) parent[Number(key)] = value;
  else parent[key] = value;
}

function add({ parent, key, path }: Place, value: JsonValue): void {
  if (!Array.isArray(parent)) {
    parent[key] = value;
    return;
  }
  if (key === '-') {
    parent.push(value);
    return;
  }
  const index = Number(key);
  if (!Number.isInteger(index))
    throw new JsonPatchError(
      `error in add for path: '${path}': strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`,
    );
  const position = index < 0 ? parent.length + 1 + index : index;
  if (position < 0 || position > parent.length)
    throw new JsonPatchError(
      `error in add for path: '${path}': Unable to access invalid index: ${index}: invalid index referenced`,
    );
  parent.splice(position, 0, value);
}

function remove({ parent, key, path }: Place): void {
  if (!Array.isArray(parent)) {
    if (!(key in parent))
      throw new JsonPatchError(
        `error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`,
      );
    delete parent[key];
    return;
  }
  const index = Number(key);
  if (!Number.isInteger(index) || index >= parent.length || index < -parent.length)
    throw new JsonPatchError(
      `error in remove for path: '${path}': Unable to access invalid index: ${index}: invalid index referenced`,
    );
  parent.splice(index, 1);
}
