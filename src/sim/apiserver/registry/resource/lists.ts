import { duplicate, tooMany, type FieldError, type FieldPath } from '../../../../api/field.ts';
import { all, each, type Found } from '../shared/checks.ts';

// Lists and maps of limited size. Models resource/validation validateSlice, validateSet and validateMap.

/** Too long a list is not looked into. */
export const limited = <T>(
  items: readonly T[] | null | undefined,
  limit: number,
  path: FieldPath,
  rules: (item: T, at: FieldPath) => Found,
): FieldError[] =>
  (items?.length ?? 0) > limit
    ? [tooMany(path, items?.length ?? 0, limit)]
    : each(items, path, rules);

/** The same where every item has a key of its own; duplicates are told after all else. `shown`: how a key prints. */
export function limitedSet<T>(
  items: readonly T[] | null | undefined,
  limit: number,
  path: FieldPath,
  rules: (item: T, at: FieldPath) => Found,
  keyOf: (item: T) => string,
  shown: (item: T) => unknown = keyOf,
): FieldError[] {
  if ((items?.length ?? 0) > limit) return limited(items, limit, path, rules);
  const seen = new Set<string>();
  return all(
    each(items, path, rules),
    each(
      items,
      path,
      (item, at) => seen.size === seen.add(keyOf(item)).size && duplicate(at, shown(item)),
    ),
  );
}

/** Keys are judged at the map, values at their key, of which long ones are shortened. */
export function limitedMap<T>(
  map: Readonly<Record<string, T>> | null | undefined,
  limit: number,
  keyLimit: number,
  path: FieldPath,
  keyRules: (key: string, at: FieldPath) => Found,
  rules: (value: T, at: FieldPath) => Found = () => [],
): FieldError[] {
  const entries = Object.entries(map ?? {});
  if (entries.length > limit) return [tooMany(path, entries.length, limit)];
  return all(
    entries.map(([key, value]) => [
      keyRules(key, path),
      rules(value, path.key(shortened(key, Math.max(keyLimit, 16)))),
    ]),
  );
}

function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const rest = limit - '...'.length;
  return `${text.slice(0, Math.floor((rest + 1) / 2))}...${text.slice(text.length - Math.floor(rest / 2))}`;
}
