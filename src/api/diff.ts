import type { Change } from '../trace/event.ts';

export type { Change } from '../trace/event.ts';

/**
 * What changed between two JSON values, as a list of leaves and whole sub-trees that came or went.
 *
 *     changes({ a: 1, b: [1] }, { a: 2, b: [1, 2] })
 *       → [{ path: '/a', before: 1, after: 2 }, { path: '/b/1', after: 2 }]
 *
 * Lists are compared by position. An undefined member counts as absent.
 */
export function changes(before: unknown, after: unknown): Change[] {
  const found: Change[] = [];
  walk(before, after, '', found);
  return found;
}

function walk(before: unknown, after: unknown, path: string, found: Change[]): void {
  if (before === after) return;
  if (before === undefined) found.push({ path, after });
  else if (after === undefined) found.push({ path, before });
  else if (isBranch(before) && isBranch(after) && Array.isArray(before) === Array.isArray(after)) {
    const left = before as Record<string, unknown>;
    const right = after as Record<string, unknown>;
    // Most members are the same: their paths are not written.
    for (const key of Object.keys(left))
      if (left[key] !== right[key]) walk(left[key], right[key], `${path}/${escape(key)}`, found);
    for (const key of Object.keys(right))
      if (left[key] === undefined && right[key] !== undefined)
        walk(undefined, right[key], `${path}/${escape(key)}`, found);
  } else found.push({ path, before, after });
}

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Models RFC 6901. */
const escape = (key: string): string =>
  key.includes('/') || key.includes('~') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
