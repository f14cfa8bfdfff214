import type { CelType } from './types.ts';
import type { CelValue } from './values.ts';

/** One signature of a function. Strict: errors in arguments are the result before it is called. */
export interface Overload {
  readonly id: string;
  /** `x.f(y)`: the first argument is x. */
  readonly isMember: boolean;
  readonly args: readonly CelType[];
  readonly result: CelType;
  readonly call: (...args: readonly CelValue[]) => CelValue;
  /** What a call costs; 1 unless given. Models interpreter.CostTracker costCall with the library's CallCost. */
  readonly cost?: (args: readonly CelValue[], result: CelValue) => number;
}

export type Functions = ReadonlyMap<string, readonly Overload[]>;

/** Objects with declared fields: what the checker knows of `request.userInfo` or of `self` in a custom resource. */
export interface Structs {
  /** Whether there is a type of that name. */
  has(name: string): boolean;
  /** The type of a field; undefined when there is no such field. */
  field(name: string, field: string): CelType | undefined;
}

export const noStructs: Structs = { has: () => false, field: () => undefined };

/** What an expression may name. */
export interface Environment {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly structs: Structs;
  readonly functions: Functions;
}

/** Libraries as one. Overloads of the same function add up. */
export function joinFunctions(
  ...libraries: readonly Readonly<Record<string, readonly Overload[]>>[]
): Functions {
  const all = new Map<string, readonly Overload[]>();
  for (const library of libraries)
    for (const [name, overloads] of Object.entries(library))
      all.set(name, [...(all.get(name) ?? []), ...overloads]);
  return all;
}

/** `f(args)`. */
export const overload = (
  id: string,
  args: readonly CelType[],
  result: CelType,
  call: Overload['call'],
  cost?: Overload['cost'],
): Overload => ({ id, isMember: false, args, result, call, ...(cost && { cost }) });

/** `args[0].f(args[1…])`. */
export const method = (
  id: string,
  args: readonly CelType[],
  result: CelType,
  call: Overload['call'],
  cost?: Overload['cost'],
): Overload => ({ id, isMember: true, args, result, call, ...(cost && { cost }) });
