import type { KubeObject } from '../../../api/meta.ts';
import type { Micros } from '../../../base/time.ts';
import { since } from './format.ts';

export type Cell = string | number | boolean | null;

/** An object's cells. Models kubernetes/pkg/printers/internalversion/printers.go. */
export type Print = (object: KubeObject, now: Micros) => readonly Cell[];

/** By `plural.version[.group]`, as tables.json names the columns. */
export type Printers = Readonly<Record<string, Print>>;

/** A printer whose first cell is the name; the others are given the age ready-made. Its table says what kind comes. */
export function printer<T extends KubeObject>(cells: Cells<T>): Print {
  return (object, now) => [
    object.metadata.name ?? '',
    ...cells(object as T, since(object.metadata.creationTimestamp, now), now),
  ];
}

type Cells<T> = (object: T, age: string, now: Micros) => readonly Cell[];
