import { overload, type Overload } from '../environment.ts';
import * as t from '../types.ts';
import type { CelList } from '../values.ts';
import { equals, sizeOf, type CelValue } from '../values.ts';

// Lists as sets. Models cel-go ext/sets.go.

const T = t.param('T');
const has = (list: CelList, value: CelValue): boolean =>
  [...list].some((item) => equals(item, value));
const containsAll = (list: CelList, other: CelList): boolean =>
  [...other].every((item) => has(list, item));

const cost = ([a = null, b = null]: readonly CelValue[]): number => 1 + sizeOf(a) * sizeOf(b);

const relation = (
  name: string,
  holds: (a: CelList, b: CelList) => boolean,
  factor = 1,
): readonly Overload[] => [
  overload(
    `list_sets_${name}_list`,
    [t.list(T), t.list(T)],
    t.bool,
    (a, b) => holds(a as CelList, b as CelList),
    (args) => factor * cost(args),
  ),
];

export const sets: Readonly<Record<string, readonly Overload[]>> = {
  'sets.contains': relation('contains', containsAll),
  'sets.equivalent': relation('equivalent', (a, b) => containsAll(a, b) && containsAll(b, a), 2),
  'sets.intersects': relation('intersects', (a, b) => [...b].some((item) => has(a, item))),
};
