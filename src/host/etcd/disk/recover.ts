import path from 'node:path';
import type { Micros } from '../../../base/time.ts';
import type { Disk } from '../../../sim/etcd/disk.ts';
import { readSnapshot, SnapshotError, type ReadSnapshot } from '../snapshotReader.ts';
import { snapshotName, snapshotNumbers, walName, walNumbers } from './files.ts';
import { readSegment, type Codec, type Damage, type Frame } from './segment.ts';

/** What is kept cannot be used; the message is a sentence with the remedy, for the owner of the cluster. */
export class StateError extends Error {}

/** What a folder holds. */
export interface Recovered<Entry> {
  /** undefined: there is none, the entries begin with an empty store. */
  readonly snapshot: ReadSnapshot | undefined;
  /** What was logged since. */
  readonly entries: readonly Entry[];
  /** The virtual time of the last change; undefined in a new folder. */
  readonly time: Micros | undefined;
  /** Where the log goes on. */
  readonly tail: Tail;
}

export interface Tail {
  /** The number of the last file of the log; 0: there is none. */
  readonly number: number;
  readonly sum: number;
  /** Where the next frame belongs: what lies behind it is to be cut. */
  readonly end: number;
  /** How many bytes the log has since the snapshot. */
  readonly bytes: number;
}

export interface RecoverOptions<Entry> {
  readonly codec: Codec<Entry>;
  /** Hears, in sentences, of what was passed over or cut. */
  readonly log: (line: string) => void;
  /** What the owner can do when it cannot be read, as sentences. */
  readonly remedy: string;
}

/** Where the log of a new folder begins. */
export const newTail: Tail = { number: 0, sum: 0, end: 0, bytes: 0 };

/** Reads the newest valid snapshot and the log since. Changes nothing. */
export async function recover<Entry>(
  disk: Disk,
  options: RecoverOptions<Entry>,
): Promise<Recovered<Entry>> {
  const { remedy } = options;
  const names = await disk.list();
  const segments = walNumbers(names);
  const snapshots = snapshotNumbers(names);
  const newest = await newestValid(disk, snapshots, options.log);
  const first = newest?.number ?? 1;
  if (!newest && snapshots.length && segments[0] !== 1)
    throw new StateError(
      `No snapshot in ${disk.path} can be read, and the log before them is gone. ${remedy}`,
    );
  const numbers = segments.filter((number) => number >= first);
  const { frames, tail } = await readLog(disk, numbers, first, options);
  if (newest && !tail.number)
    throw new StateError(`${file(disk, walName(first))} is missing. ${remedy}`);
  return {
    snapshot: newest?.snapshot,
    entries: frames.flatMap(({ entries }) => entries),
    time: frames.at(-1)?.time ?? newest?.snapshot.time,
    tail,
  };
}

async function newestValid(disk: Disk, numbers: readonly number[], log: (line: string) => void) {
  for (const number of numbers.toReversed())
    try {
      return { number, snapshot: readSnapshot(await disk.read(snapshotName(number))) };
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      log(
        `etcd: ${file(disk, snapshotName(number))} is passed over: ${error.message}. What was before it is used.`,
      );
    }
  return undefined;
}

async function readLog<Entry>(
  disk: Disk,
  numbers: readonly number[],
  first: number,
  { codec, log, remedy }: RecoverOptions<Entry>,
): Promise<{ readonly frames: readonly Frame<Entry>[]; readonly tail: Tail }> {
  const frames: Frame<Entry>[] = [];
  let tail = newTail;
  let before: number | undefined;
  for (const [index, number] of numbers.entries()) {
    if (number !== first + index)
      throw new StateError(`${file(disk, walName(first + index))} is missing. ${remedy}`);
    const bytes = await disk.read(walName(number));
    const segment = readSegment(bytes, number, before, codec);
    const isLast = index === numbers.length - 1;
    const { damage } = segment;
    if (damage && !(isLast && damage.isTorn)) throw damaged(disk, walName(number), damage, remedy);
    if (damage)
      log(
        `etcd: ${file(disk, walName(number))} ends in the middle of a write: the last ${bytes.length - segment.end} bytes, from ${segment.end}, are cut. Nothing of them was acknowledged.`,
      );
    for (const frame of segment.frames) frames.push(frame);
    before = segment.sum;
    tail = { number, sum: segment.sum, end: segment.end, bytes: tail.bytes + segment.end };
  }
  return { frames, tail };
}

const damaged = (disk: Disk, name: string, { offset, what }: Damage, remedy: string): StateError =>
  new StateError(
    `${file(disk, name)} is damaged at byte ${offset}: ${what}. Nothing was changed. ${remedy}`,
  );

const file = (disk: Disk, name: string): string => path.join(disk.path, name);
