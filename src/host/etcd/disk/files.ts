/**
 * The files of a member's folder:
 *
 *     wal-00000001.log  wal-00000002.log …   every change, in order
 *     snapshot-00000002.db                   all of it, as it was when wal-00000002.log began
 *     reserve                                room for what must be written when the disk is full
 */
const digits = 8;

export const walName = (number: number): string => `wal-${padded(number)}.log`;
export const snapshotName = (number: number): string => `snapshot-${padded(number)}.db`;
export const reserveName = 'reserve';

/** The numbers of the files of a kind, rising. */
export const walNumbers = (names: readonly string[]): number[] =>
  numbers(names, /^wal-(\d+)\.log$/);
export const snapshotNumbers = (names: readonly string[]): number[] =>
  numbers(names, /^snapshot-(\d+)\.db$/);

const padded = (number: number): string => String(number).padStart(digits, '0');

const numbers = (names: readonly string[], pattern: RegExp): number[] =>
  names
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
