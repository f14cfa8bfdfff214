import type { IDisposable } from '../../../base/disposable.ts';
import type { Clock, Micros } from '../../../base/time.ts';
import type { Ready } from '../raft/raft.ts';
import type { Stored } from '../raft/message.ts';

export type DiskWrite<Command, State> = Pick<
  Ready<Command, State>,
  'hardState' | 'snapshot' | 'entries' | 'mustSync'
>;

/** Where a member keeps its log: it may forget nothing that it said it had. One write at a time. */
export interface RaftDisk<Command, State> {
  /** Calls back when it is safe; at once when nothing depends on it. */
  write(write: DiskWrite<Command, State>, done: () => void): void;
  /** Entries up to and with this one are in the snapshot. */
  compact(base: { readonly index: number; readonly term: number }): void;
  load(): Stored<Command>;
  /** The machine stops: what is not safe yet is lost. */
  crash(): void;
}

/** A disk in memory that takes its time in virtual time. */
export class MemoryDisk<Command, State> implements RaftDisk<Command, State> {
  readonly #clock: Clock;
  /** How long a sync takes: a fault makes it slow. */
  syncUs: () => Micros;
  #stored: Stored<Command>;
  #syncing: IDisposable | undefined;

  /** @param begun where the log of a new cluster begins */
  constructor(
    clock: Clock,
    syncUs: () => Micros,
    begun: { readonly index: number; readonly term: number },
  ) {
    const { index: commit, term } = begun;
    this.#stored = { hardState: { term, vote: undefined, commit }, base: begun, entries: [] };
    this.#clock = clock;
    this.syncUs = syncUs;
  }

  write(write: DiskWrite<Command, State>, done: () => void): void {
    const finish = (): void => {
      this.#syncing = undefined;
      this.#keep(write);
      done();
    };
    if (write.mustSync) this.#syncing = this.#clock.setTimer(this.syncUs(), finish);
    else finish();
  }

  compact({ index, term }: { readonly index: number; readonly term: number }): void {
    if (index <= this.#stored.base.index) return;
    const entries = this.#stored.entries.slice(index - this.#stored.base.index);
    this.#stored = { ...this.#stored, base: { index, term }, entries };
  }

  load(): Stored<Command> {
    return this.#stored;
  }

  crash(): void {
    this.#syncing?.dispose();
    this.#syncing = undefined;
  }

  #keep({ hardState, snapshot, entries }: DiskWrite<Command, State>): void {
    const before = this.#stored;
    const base = snapshot ?? before.base;
    const kept = snapshot ? [] : before.entries;
    const [first] = entries;
    this.#stored = {
      hardState: hardState ?? before.hardState,
      base: { index: base.index, term: base.term },
      entries: first ? [...kept.slice(0, first.index - base.index - 1), ...entries] : kept,
    };
  }
}
