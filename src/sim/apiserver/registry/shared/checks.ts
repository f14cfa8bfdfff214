import { invalid, type FieldError, type FieldPath } from '../../../../api/field.ts';

/**
 * A value as it arrives: what its type demands may be missing, and closed lists of values hold any text.
 * What decoding guarantees stays: strings are strings, lists are lists.
 */
export type Loose<T> = T extends string
  ? string
  : T extends readonly (infer U)[]
    ? readonly Loose<U>[]
    : T extends object
      ? { readonly [K in keyof T]?: Loose<T[K]> | null | undefined }
      : T;

/** An error, several, or none. */
export type Found = FieldError | readonly FieldError[] | false | null | undefined | '' | 0;

/** Rules in their order: `all(!name && required(at), count < 0 && invalid(…), validateOther(…))`. */
export function all(...found: readonly Found[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const part of found) {
    if (!part) continue;
    if ('field' in part) errors.push(part);
    else errors.push(...part);
  }
  return errors;
}

/** The rules of every item of a list, in order. */
export function each<T>(
  items: readonly T[] | null | undefined,
  path: FieldPath,
  rules: (item: T, at: FieldPath, index: number) => Found,
): FieldError[] {
  return (items ?? []).flatMap((item, index) => all(rules(item, path.index(index), index)));
}

/** One `Invalid value` for each thing that is wrong with a value. */
export const allInvalid = (
  path: FieldPath,
  value: unknown,
  problems: readonly string[],
): FieldError[] => problems.map((problem) => invalid(path, value, problem));
