import path from 'node:path';
import type { Micros } from '../../../base/time.ts';
import type { Disk } from '../../../sim/etcd/disk.ts';
import type { Contents } from '../../../sim/etcd/state/contents.ts';
import type { JournalEntry } from '../../../sim/etcd/state/journal.ts';
import { readSnapshot, SnapshotError } from '../snapshotReader.ts';
import { snapshotName, snapshotNumbers, walName, walNumbers } from './files.ts';
import { readSegment, type Damage, type Frame } from './segment.ts';

/** What is kept cannot be used; the message is a sentence with the remedy, for the owner of the cluster. */
export class StateError extends Error {}

/** What a folder holds. */
export interface Recovered {
  /** undefined: there is no snapshot, the entries begin with an empty store. */
  readonly contents: Contents | undefined;
  /** What was changed since. */
  readonly entries: readonly JournalEntry[];
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

/** Reads the newest valid snapshot and the log since. Changes nothing. */
export async function recover(disk: Disk, log: (line: string) => void): Promise<Recovered> {
  const names = await disk.list();
  const segments = walNumbers(names);
  const snapshots = snapshotNumbers(names);
  const newest = await newestValid(disk, snapshots, log);
  const first = newest?.number ?? 1;
  if (!newest && snapshots.length && segments[0] !== 1)
    throw new StateError(
      `No snapshot in ${disk.path} can be read, and the log before them is gone. ${remedy(disk)}`,
    );
  const numbers = segments.filter((number) => number >= first);
  const { frames, tail } = await readLog(disk, numbers, first, log);
  if (newest && !tail.number)
    throw new StateError(`${file(disk, walName(first))} is missing. ${remedy(disk)}`);
  return {
    contents: newest?.snapshot.contents,
    entries: [...(newest?.snapshot.entries ?? []), ...frames.flatMap(({ entries }) => entries)],
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

async function readLog(
  disk: Disk,
  numbers: readonly number[],
  first: number,
  log: (line: string) => void,
): Promise<{ readonly frames: readonly Frame[]; readonly tail: Tail }> {
  const frames: Frame[] = [];
  let tail: Tail = { number: 0, sum: 0, end: 0, bytes: 0 };
  let before: number | undefined;
  for (const [index, number] of numbers.entries()) {
    if (number !== first + index)
      throw new StateError(`${file(disk, walName(first + index))} is missing. ${remedy(disk)}`);
    const bytes = await disk.read(walName(number));
    const segment = readSegment(bytes, number, before);
    const isLast = index === numbers.length - 1;
    const { damage } = segment;
    if (damage && !(isLast && damage.isTorn)) throw damaged(disk, walName(number), damage);
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

const damaged = (disk: Disk, name: string, { offset, what }: Damage): StateError =>
  new StateError(
    `${file(disk, name)} is damaged at byte ${offset}: ${what}. Nothing was changed. ${remedy(disk)}`,
  );

const remedy = ({ path: folder }: Disk): string =>
  `Put a copy of ${folder} back, or move it away and start again: empty, or from a snapshot with --restore FILE.`;

const file = (disk: Disk, name: string): string => path.join(disk.path, name);
