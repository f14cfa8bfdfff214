import { assert } from '../../../base/assert.ts';
import type { Micros } from '../../../base/time.ts';
import { DiskError, type Disk, type DiskFile } from '../../../sim/etcd/disk.ts';
import { errors } from '../../../sim/etcd/errors.ts';
import { reserveName, snapshotName, snapshotNumbers, walName, walNumbers } from './files.ts';
import type { Tail } from './recover.ts';
import { frameOf, segmentHead, type Codec } from './segment.ts';

export interface StateLogOptions<Entry> {
  readonly disk: Disk;
  readonly codec: Codec<Entry>;
  readonly tail: Tail;
  readonly now: () => Micros;
  /**
   * The state at the moment of asking, with all that was recorded, for a snapshot, which takes its time; undefined when it
   * cannot be told yet.
   */
  readonly snapshot: () => Promise<Uint8Array> | undefined;
  /** Whether there may be room again after this entry. */
  readonly mayMakeRoom: (entry: Entry) => boolean;
  /** The disk is full: nothing more should be put. */
  readonly onFull: () => void;
  /** The disk failed: nothing can be acknowledged any more. */
  readonly onFailure: (error: Error) => void;
  /** A snapshot is written when the log has grown so much, or to twice the size of the last one. */
  readonly snapshotBytes?: number;
}

/** What goes to the disk in one write, and those who wait for it. */
interface Batch<Entry> {
  /** Takes the place of all that was recorded before the entries. */
  installed: Uint8Array | undefined;
  entries: Entry[];
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
export class StateLog<Entry> {
  readonly #options: StateLogOptions<Entry>;
  #file: DiskFile;
  #number: number;
  #sum: number;
  #bytes: number;
  #limit: number;
  #pending: Batch<Entry> | undefined;
  #underWay: Batch<Entry> | undefined;
  #running: Promise<void> | undefined;
  #snapshot: Promise<void> | undefined;
  #hasReserve = false;
  #failure: Error | undefined;
  #isClosed = false;
  /** What had no room: it stands in memory, and goes before what is recorded next. */
  #unwritten: readonly Entry[] = [];

  private constructor(options: StateLogOptions<Entry>, file: DiskFile) {
    this.#options = options;
    this.#file = file;
    this.#number = options.tail.number || 1;
    this.#sum = options.tail.sum;
    this.#bytes = options.tail.bytes;
    this.#limit = options.snapshotBytes ?? defaultSnapshotBytes;
  }

  /** Goes on where the log ended; cuts what a crash left unfinished. */
  static async open<Entry>(options: StateLogOptions<Entry>): Promise<StateLog<Entry>> {
    const { disk, tail } = options;
    const number = tail.number || 1;
    const file = await disk.append(walName(number));
    if (file.length > tail.end) await file.truncate(tail.end);
    const log = new StateLog<Entry>(options, file);
    if (file.length === 0) await file.write(segmentHead(number, tail.sum));
    await file.sync();
    await log.#makeReserve();
    return log;
  }

  /** @param mayWait whether it is in time to write it with what comes next */
  record(entry: Entry, mayWait = false): void {
    if (this.#isClosed) return;
    this.#pending ??= newBatch();
    this.#pending.entries.push(entry);
    if (!mayWait) this.hurry();
  }

  /** Begins to write what may have waited. */
  hurry(): void {
    if (this.#pending) this.#begin();
  }

  /** Takes the place of all that was recorded: there is no way from that to this. */
  install(snapshot: Uint8Array): void {
    if (this.#isClosed) return;
    this.#pending ??= newBatch();
    this.#pending.installed = snapshot;
    this.#pending.entries = [];
    this.hurry();
  }

  /** The next write begins a new file with a snapshot beside it. */
  cut(): void {
    this.#limit = 0;
  }

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
    this.hurry();
    while (this.#running) await this.#running;
    await this.#snapshot;
    await this.#file.close();
  }

  #begin(): void {
    // Not at once: what one request changes comes together.
    this.#running ??= Promise.resolve().then(() => this.#run());
  }

  async #run(): Promise<void> {
    try {
      while (this.#pending && !this.#failure) {
        const isLong = this.#bytes >= this.#limit && !this.#snapshot;
        const batch = this.#pending;
        this.#pending = undefined;
        this.#underWay = batch;
        const snapshot = isLong && !batch.installed ? this.#options.snapshot() : undefined;
        const isWritten = await this.#writeBatch(batch);
        this.#underWay = undefined;
        if (!isWritten) continue;
        if (snapshot && (await this.#nextFile()))
          this.#snapshot = this.#keep(snapshot, this.#number)
            .catch((error: unknown) => this.#fail(error))
            .finally(() => (this.#snapshot = undefined));
        if (!batch.entries.some(this.#options.mayMakeRoom)) continue;
        // What a snapshot takes the place of may be the room.
        await this.#snapshot;
        await this.#makeReserve();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = undefined;
    }
  }

  /** Returns whether there was room. */
  async #writeBatch(batch: Batch<Entry>): Promise<boolean> {
    let { entries } = batch;
    try {
      if (batch.installed) await this.#replaceBy(batch.installed);
      else entries = [...this.#unwritten, ...entries];
      if (entries.length) await this.#write(entries);
      this.#unwritten = [];
      batch.resolve();
      return true;
    } catch (error) {
      if (!isFull(error) || batch.installed) {
        batch.reject(asError(error));
        throw error;
      }
      this.#unwritten = entries;
      batch.reject(errors.noSpace());
      return false;
    }
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    const { codec, now, onFull, disk } = this.#options;
    const { bytes, sum } = frameOf(now(), codec.encode(entries), this.#sum);
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

  /** Begins the next file of the log, which a snapshot belongs to. Returns whether there was room. */
  async #nextFile(): Promise<boolean> {
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
      return false;
    }
    await this.#file.close();
    this.#file = file;
    this.#number = number;
    this.#bytes = 0;
    this.#limit = snapshotBytes ?? defaultSnapshotBytes;
    return true;
  }

  async #keep(promised: Promise<Uint8Array>, number: number): Promise<void> {
    const { disk, onFull } = this.#options;
    const snapshot = await promised;
    this.#allow(snapshot);
    try {
      await disk.replace(snapshotName(number), snapshot);
    } catch (error) {
      if (!isFull(error)) throw error;
      onFull(); // The log has it all; a later snapshot may have room.
      return;
    }
    const numbers = snapshotNumbers(await disk.list());
    // On a full disk, room is more than a second way to the same state.
    const kept = this.#hasReserve ? keptSnapshots : 1;
    // Of a first snapshot, the log from the beginning is what there was before.
    if (numbers.length >= kept) await this.#forget(numbers.at(-kept) ?? number);
  }

  /** What came before does not lead to this snapshot: it must be there before the log goes on, and stands alone. */
  async #replaceBy(snapshot: Uint8Array): Promise<void> {
    const { disk } = this.#options;
    await this.#snapshot;
    if (!(await this.#nextFile())) throw new DiskError('the disk is full', true);
    this.#allow(snapshot);
    await disk.replace(snapshotName(this.#number), snapshot);
    await this.#forget(this.#number);
  }

  /** Lets the log grow to twice the size of this snapshot, unless it is to be cut already. */
  #allow({ length }: Uint8Array): void {
    if (this.#limit && this.#options.snapshotBytes === undefined)
      this.#limit = Math.max(defaultSnapshotBytes, 2 * length);
  }

  /** Removes what is older. */
  async #forget(number: number): Promise<void> {
    const { disk } = this.#options;
    const names = await disk.list();
    for (const old of snapshotNumbers(names))
      if (old < number) await disk.remove(snapshotName(old));
    for (const old of walNumbers(names)) if (old < number) await disk.remove(walName(old));
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

function newBatch<Entry>(): Batch<Entry> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  // Nobody may be waiting for it.
  promise.catch(() => undefined);
  return {
    installed: undefined,
    entries: [],
    done: promise,
    resolve: () => resolve(undefined),
    reject,
  };
}

const isFull = (error: unknown): boolean => error instanceof DiskError && error.isFull;

function asError(error: unknown): Error {
  assert(error instanceof Error, String(error));
  return error;
}
