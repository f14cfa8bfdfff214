import {
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import { inclusiveRange } from './names.ts';

/**
 * A value as it arrives: what its type demands may be missing, and closed lists of values hold any text.
 * What decoding guarantees stays: strings are strings, lists are lists.
 */
export type Loose<T> = T extends string
  ? string
  : T extends readonly (infer U)[]
    ? readonly Loose<U>[]
    : T extends object
      ? string extends keyof T
        ? Readonly<Record<string, Loose<T[keyof T]>>>
        : { readonly [K in keyof T]?: Loose<T[K]> | null | undefined }
      : T;

/**
 * What a rule finds: an error, several, or nothing. So that a rule is a line:
 *
 *     all(
 *       must(container.image, path.child('image')),
 *       each(container.ports, path.child('ports'), validatePort),
 *       isTooMany && tooMany(path, count, 20),
 *     )
 */
export type Found = FieldError | readonly Found[] | boolean | '' | 0 | null | undefined;

/** All that was found, in order. */
export function all(...found: readonly Found[]): FieldError[] {
  const errors: FieldError[] = [];
  collect(found, errors);
  return errors;
}

function collect(found: readonly Found[], errors: FieldError[]): void {
  for (const one of found) {
    if (!one || one === true) continue;
    if ('field' in one) errors.push(one);
    else collect(one, errors);
  }
}

/** The rules of every item of a list, in order. */
export function each<T>(
  items: readonly T[] | null | undefined,
  path: FieldPath,
  rules: (item: T, at: FieldPath, index: number) => Found,
): FieldError[] {
  return (items ?? []).flatMap((item, index) => all(rules(item, path.index(index), index)));
}

/** The rules of every entry of a map; its path has the key in brackets. */
export const eachEntry = <T>(
  map: Readonly<Record<string, T>> | null | undefined,
  path: FieldPath,
  rules: (key: string, value: T, at: FieldPath) => Found,
): FieldError[] =>
  Object.entries(map ?? {}).flatMap(([key, value]) => all(rules(key, value, path.key(key))));

/** One `Invalid value` for each thing that is wrong with a value. */
export const allInvalid = (
  path: FieldPath,
  value: unknown,
  problems: readonly string[],
): FieldError[] => problems.map((problem) => invalid(path, value, problem));

/** Something must be there: a text, a number but 0, an object, a list that is not empty. */
export const must = (value: unknown, path: FieldPath, detail = ''): Found =>
  (!value || (Array.isArray(value) && !value.length)) && required(path, detail);

type Text = string | null | undefined;
type Rule = (value: string) => readonly string[];

/** A name that follows a rule where there is one. */
export const mayBe = (rule: Rule, value: Text, path: FieldPath): Found =>
  value && allInvalid(path, value, rule(value));

/** A name that must be there and follow a rule. */
export const mustBe = (rule: Rule, value: Text, path: FieldPath): Found =>
  value ? allInvalid(path, value, rule(value)) : required(path);

/** A value of a closed list, which the message prints as given; nothing is none of them. */
export const oneOf = (value: Text, valid: readonly string[], path: FieldPath): Found =>
  !valid.includes(value ?? '') && notSupported(path, value ?? '', valid);

/** The same where leaving it out is fine. */
export const mayBeOneOf = (value: Text, valid: readonly string[], path: FieldPath): Found =>
  value !== undefined && value !== null && oneOf(value, valid, path);

/** The same where leaving it out is an error of its own. */
export const mustBeOneOf = (value: Text, valid: readonly string[], path: FieldPath): Found =>
  value ? oneOf(value, valid, path) : required(path);

/** Of a field that may be given as '', and is wrong then. */
export const mustBeGivenAsOneOf = (
  value: Text,
  valid: readonly string[],
  path: FieldPath,
): Found => (value === undefined || value === null ? required(path) : oneOf(value, valid, path));

type Quantum = number | null | undefined;

export const atLeastZero = (value: Quantum, path: FieldPath): Found =>
  (value ?? 0) < 0 && invalid(path, value, 'must be greater than or equal to 0');

export const aboveZero = (value: Quantum, path: FieldPath): Found =>
  (value ?? 0) <= 0 && invalid(path, value ?? 0, 'must be greater than zero');

export const within = (value: Quantum, low: number, high: number, path: FieldPath): Found =>
  ((value ?? low) < low || (value ?? low) > high) &&
  invalid(path, value, inclusiveRange(low, high));

/** User and group ids. */
export const unixId = (value: Quantum, path: FieldPath): Found =>
  within(value, 0, 2147483647, path);

/** Says of each value whether it came before. */
export function seenBefore(): (value: string) => boolean {
  const seen = new Set<string>();
  return (value) => seen.size === seen.add(value).size;
}

/**
 * One of several members may be given; only the first is looked into. `what` names them: `volume type`. A second one may be
 * called otherwise in its error; '' is taken beside others. What holds for the first and for others comes last.
 */
export function exactlyOne<T extends object>(
  value: T,
  what: string,
  path: FieldPath,
  rules: readonly (readonly [
    key: keyof T & string,
    rule: () => Found,
    otherwise?: string,
    always?: Found,
  ])[],
): FieldError[] {
  const given = rules.filter(([key]) => value[key] !== undefined && value[key] !== null);
  if (!given.length) return [required(path, `must specify a ${what}`)];
  return given.flatMap(([key, rule, otherwise, always], index) =>
    all(
      index && otherwise !== ''
        ? fieldForbidden(path.child(otherwise ?? key), `may not specify more than 1 ${what}`)
        : rule(),
      always,
    ),
  );
}
