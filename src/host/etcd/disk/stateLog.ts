import { assert } from '../../../base/assert.ts';
import type { Micros } from '../../../base/time.ts';
import { DiskError, type Disk, type DiskFile } from '../../../sim/etcd/disk.ts';
import { errors } from '../../../sim/etcd/errors.ts';
import type { Journal, JournalEntry } from '../../../sim/etcd/state/journal.ts';
import { reserveName, snapshotName, snapshotNumbers, walName, walNumbers } from './files.ts';
import type { Tail } from './recover.ts';
import { frameOf, segmentHead } from './segment.ts';

export interface StateLogOptions {
  readonly disk: Disk;
  readonly tail: Tail;
  readonly now: () => Micros;
  /** The state at this moment, for a snapshot; undefined when it cannot be told yet. */
  readonly snapshot: () => Uint8Array | undefined;
  /** The disk is full: nothing more should be put. */
  readonly onFull: () => void;
  /** The disk failed: nothing can be acknowledged any more. */
  readonly onFailure: (error: Error) => void;
  /** A snapshot is written when the log has grown so much, or to twice the size of the last one. */
  readonly snapshotBytes?: number;
}

/** What goes to the disk in one write, and those who wait for it. */
interface Batch {
  readonly entries: JournalEntry[];
  readonly done: Promise<undefined>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const defaultSnapshotBytes = 16 * 1024 * 1024;
/** Enough for the deletions and compactions that make room again. */
const reserveBytes = 1024 * 1024;
/** Snapshots that are kept: should the newest be damaged, the one before and the log since are as good. */
const keptSnapshots = 2;

/**
 * The write-ahead log: every change is on disk before anybody hears that it was made. While one write is under way,
 * changes gather for the next one, so that many clients share one sync. When the log has grown, a snapshot takes its
 * place. Models go.etcd.io/etcd/server/v3/storage/wal and its group commits.
 */
export class StateLog {
  readonly #options: StateLogOptions;
  #file: DiskFile;
  #number: number;
  #sum: number;
  #bytes: number;
  #limit: number;
  #pending: Batch | undefined;
  #underWay: Batch | undefined;
  #running: Promise<void> | undefined;
  #snapshot: Promise<void> | undefined;
  #hasReserve = false;
  #failure: Error | undefined;
  #isClosed = false;
  /** What had no room: it stands in memory, and goes before what is recorded next. */
  #unwritten: readonly JournalEntry[] = [];

  private constructor(options: StateLogOptions, file: DiskFile) {
    this.#options = options;
    this.#file = file;
    this.#number = options.tail.number || 1;
    this.#sum = options.tail.sum;
    this.#bytes = options.tail.bytes;
    this.#limit = options.snapshotBytes ?? defaultSnapshotBytes;
  }

  /** Goes on where the log ended; cuts what a crash left unfinished. */
  static async open(options: StateLogOptions): Promise<StateLog> {
    const { disk, tail } = options;
    const number = tail.number || 1;
    const file = await disk.append(walName(number));
    if (file.length > tail.end) await file.truncate(tail.end);
    const log = new StateLog(options, file);
    if (file.length === 0) await file.write(segmentHead(number, tail.sum));
    await file.sync();
    await log.#makeReserve();
    return log;
  }

  readonly record: Journal = (entry) => {
    if (this.#isClosed) return;
    this.#pending ??= newBatch();
    this.#pending.entries.push(entry);
    // Not at once: what one request changes comes together.
    this.#running ??= Promise.resolve().then(() => this.#run());
  };

  /**
   * Resolves when all that was recorded so far is on disk; undefined when it is already. Rejects with etcd's error when
   * there is no room.
   */
  settled(): Promise<undefined> | undefined {
    if (this.#failure) return Promise.reject(this.#failure);
    return (this.#pending ?? this.#underWay)?.done;
  }

  /** Writes what is left; nothing is recorded any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#running) await this.#running;
    await this.#snapshot;
    await this.#file.close();
  }

  async #run(): Promise<void> {
    try {
      while (this.#pending && !this.#failure) {
        const isLong = this.#bytes >= this.#limit && !this.#snapshot;
        const batch = this.#pending;
        this.#pending = undefined;
        this.#underWay = batch;
        const snapshot = isLong ? this.#options.snapshot() : undefined;
        const isWritten = await this.#writeBatch(batch);
        this.#underWay = undefined;
        if (!isWritten) continue;
        if (snapshot) await this.#begin(snapshot);
        if (batch.entries.some(({ type }) => type === 'alarm')) await this.#makeReserve();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = undefined;
    }
  }

  /** Returns whether there was room. */
  async #writeBatch(batch: Batch): Promise<boolean> {
    const entries = [...this.#unwritten, ...batch.entries];
    try {
      await this.#write(entries);
      this.#unwritten = [];
      batch.resolve();
      return true;
    } catch (error) {
      if (!isFull(error)) {
        batch.reject(asError(error));
        throw error;
      }
      this.#unwritten = entries;
      batch.reject(errors.noSpace());
      return false;
    }
  }

  async #write(entries: readonly JournalEntry[]): Promise<void> {
    const { now, onFull, disk } = this.#options;
    const { bytes, sum } = frameOf(now(), entries, this.#sum);
    try {
      await this.#append(bytes);
    } catch (error) {
      if (!isFull(error)) throw error;
      onFull();
      if (!this.#hasReserve) throw error;
      await disk.remove(reserveName);
      this.#hasReserve = false;
      await this.#append(bytes);
    }
    this.#sum = sum;
    this.#bytes += bytes.length;
  }

  /** All of it, or nothing. */
  async #append(bytes: Uint8Array): Promise<void> {
    const { length } = this.#file;
    try {
      await this.#file.write(bytes);
      await this.#file.sync();
    } catch (error) {
      if (isFull(error)) await this.#file.truncate(length);
      throw error;
    }
  }

  /** The next file of the log, and beside it the snapshot of what came before. */
  async #begin(snapshot: Uint8Array): Promise<void> {
    const { disk, snapshotBytes, onFull } = this.#options;
    const number = this.#number + 1;
    let file: DiskFile | undefined;
    try {
      file = await disk.append(walName(number));
      await file.write(segmentHead(number, this.#sum));
      await file.sync();
    } catch (error) {
      if (!isFull(error)) throw error;
      await file?.close();
      await disk.remove(walName(number));
      onFull();
      return;
    }
    await this.#file.close();
    this.#file = file;
    this.#number = number;
    this.#bytes = 0;
    this.#limit = snapshotBytes ?? Math.max(defaultSnapshotBytes, 2 * snapshot.length);
    this.#snapshot = this.#keep(snapshot, number)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => (this.#snapshot = undefined));
  }

  async #keep(snapshot: Uint8Array, number: number): Promise<void> {
    const { disk, onFull } = this.#options;
    try {
      await disk.replace(snapshotName(number), snapshot);
    } catch (error) {
      if (!isFull(error)) throw error;
      onFull(); // The log has it all; a later snapshot may have room.
      return;
    }
    const names = await disk.list();
    const [oldest = number] = snapshotNumbers(names).slice(-keptSnapshots);
    for (const old of snapshotNumbers(names))
      if (old < oldest) await disk.remove(snapshotName(old));
    // Of a first snapshot, the log from the beginning is what there was before.
    if (snapshotNumbers(names).length < keptSnapshots) return;
    for (const old of walNumbers(names)) if (old < oldest) await disk.remove(walName(old));
  }

  async #makeReserve(): Promise<void> {
    if (this.#hasReserve) return;
    try {
      await this.#options.disk.replace(reserveName, new Uint8Array(reserveBytes));
      this.#hasReserve = true;
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#options.onFull();
    }
  }

  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = asError(error);
    this.#underWay?.reject(this.#failure);
    this.#pending?.reject(this.#failure);
    this.#options.onFailure(this.#failure);
  }
}

function newBatch(): Batch {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  // Nobody may be waiting for it.
  promise.catch(() => undefined);
  return { entries: [], done: promise, resolve: () => resolve(undefined), reject };
}

const isFull = (error: unknown): boolean => error instanceof DiskError && error.isFull;

function asError(error: unknown): Error {
  assert(error instanceof Error, String(error));
  return error;
}
