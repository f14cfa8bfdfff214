import { noEnd } from '../key.ts';
import type { Key } from '../kv.ts';

/** A key, or the keys from `key` to before `rangeEnd` ('\0': to the last one). */
export interface KeyRange {
  readonly key: Key;
  readonly rangeEnd?: Key;
}

/** Whether a permission may be given for it: an end must lie behind its beginning. */
export const isValidRange = ({ key, rangeEnd }: KeyRange): boolean =>
  key !== '' && (rangeEnd === undefined || rangeEnd === noEnd || key < rangeEnd);

/**
 * Whether the ranges together hold all of `wanted`:
 *
 *     [a, c) and [b, e) cover [a, d);   [a, b) and [c, d) do not
 *
 * Models go.etcd.io/etcd/server/v3/auth range_perm_cache: single keys that were granted add nothing to a range.
 */
export function covers(ranges: readonly KeyRange[], wanted: KeyRange): boolean {
  if (wanted.rangeEnd === undefined)
    return ranges.some(({ key, rangeEnd }) =>
      rangeEnd === undefined
        ? key === wanted.key
        : wanted.key >= key && (rangeEnd === noEnd || wanted.key < rangeEnd),
    );
  let from = wanted.key;
  const sorted = ranges
    .filter(({ rangeEnd }) => rangeEnd !== undefined)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { key, rangeEnd } of sorted) {
    if (key > from) return false;
    if (rangeEnd === noEnd) return true;
    if (rangeEnd !== undefined && rangeEnd > from) from = rangeEnd;
    if (wanted.rangeEnd !== noEnd && from >= wanted.rangeEnd) return true;
  }
  return false;
}
