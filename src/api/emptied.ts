import type { JsonValue } from './meta.ts';

/** By the object that had them: lists and maps that were given empty, which Go's encoder leaves out and its messages show. */
const emptied = new WeakMap<object, Map<string, JsonValue>>();

/** Notes that a member was given, but left out because it is empty. */
export function noteEmptied(holder: object, name: string, value: JsonValue | undefined): void {
  if (value === null || typeof value !== 'object') return;
  const members = emptied.get(holder) ?? new Map<string, JsonValue>();
  emptied.set(holder, members.set(name, Array.isArray(value) ? [] : {}));
}

/** A member as messages show it: empty when it was given so, undefined when it was not given. */
export const asGiven = <T extends object>(holder: T | undefined, name: keyof T & string): unknown =>
  holder && (holder[name] ?? emptied.get(holder)?.get(name));

/** A copy of which messages show the same. */
export function cloneAsGiven<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(cloneAsGiven) as T;
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, cloneAsGiven<unknown>(member)]),
  );
  const members = emptied.get(value);
  if (members) emptied.set(copy, members);
  return copy as T;
}
