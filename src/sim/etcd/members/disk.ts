import type { IDisposable } from '../../../base/disposable.ts';
import type { Clock, Micros } from '../../../base/time.ts';
import type { Ready } from '../raft/raft.ts';
import type { Entry, HardState, Snapshot, Stored } from '../raft/message.ts';

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
  /** The machine stops: what is not safe yet is lost, or is there although nobody waited for it. */
  crash(): void;
}

/** A disk of the world outside, which a member's is written through to. */
export interface DiskJournal<Command, State> {
  /** @param mayWait whether it is in time to write it with what comes next */
  record(write: DiskWrite<Command, State>, mayWait: boolean): void;
  /** When all that was recorded is safe; undefined: it is. Rejects when it cannot be. */
  settled(): Promise<unknown> | undefined;
}

export interface Outside<Command, State> {
  readonly journal: DiskJournal<Command, State>;
  /** A snapshot was written, and the member ended before it was told. */
  readonly install: (snapshot: Snapshot<State>) => void;
  readonly failed: (error: unknown) => void;
}

interface UnderWay<Command, State> {
  readonly write: DiskWrite<Command, State>;
  /** The time that a sync takes. */
  readonly timer: IDisposable;
}

/** The log of a cluster that begins. */
export const newLog = ({ index, term }: { readonly index: number; readonly term: number }) => ({
  hardState: { term, vote: undefined, commit: index },
  base: { index, term },
  entries: [],
});

/**
 * A disk that takes its time in virtual time. With a disk outside behind it, a member is told that it has something when
 * both are done: `late` is for whoever drives virtual time, which stands still while the disk outside takes longer. So
 * what happens is the same with a disk outside and without.
 */
export class MemberDisk<Command, State> implements RaftDisk<Command, State> {
  readonly #clock: Clock;
  readonly #outside: Outside<Command, State> | undefined;
  /** How long a sync takes: a fault makes it slow. */
  syncUs: () => Micros;
  #hardState: HardState;
  #base: Stored<Command>['base'];
  readonly #entries: Entry<Command>[];
  #underWay: UnderWay<Command, State> | undefined;
  #late: Promise<unknown> | undefined;
  /** What was under way when its member ended must be safe before the next one says that it has it. */
  #owes = false;

  constructor(
    clock: Clock,
    syncUs: () => Micros,
    stored: Stored<Command>,
    outside?: Outside<Command, State>,
  ) {
    this.#clock = clock;
    this.syncUs = syncUs;
    this.#hardState = stored.hardState;
    this.#base = stored.base;
    this.#entries = [...stored.entries];
    this.#outside = outside;
  }

  /** Settles when what the disk outside is late with is there; undefined while it is not late. */
  get late(): Promise<unknown> | undefined {
    return this.#late;
  }

  write(write: DiskWrite<Command, State>, done: () => void): void {
    const mayWait = !write.mustSync && !this.#owes;
    const safe = this.#writeThrough(write, mayWait);
    if (mayWait) {
      if (!this.#outside) this.#keep(write);
      done();
      return;
    }
    this.#owes = false;
    const finish = (): void => {
      this.#underWay = undefined;
      this.#late = undefined;
      if (!this.#outside) this.#keep(write);
      done();
    };
    let isSafe = !safe;
    let isLate = false;
    const timer = this.#clock.setTimer(this.syncUs(), () => {
      if (isSafe) {
        finish();
        return;
      }
      isLate = true;
      this.#late = safe?.catch(() => undefined);
    });
    const underWay = (this.#underWay = { write, timer });
    safe?.then(
      () => {
        isSafe = true;
        if (isLate && this.#underWay === underWay) finish();
      },
      (error: unknown) => this.#outside?.failed(error),
    );
  }

  compact({ index, term }: { readonly index: number; readonly term: number }): void {
    if (index <= this.#base.index) return;
    this.#entries.splice(0, index - this.#base.index);
    this.#base = { index, term };
  }

  load(): Stored<Command> {
    return { hardState: this.#hardState, base: this.#base, entries: this.#entries };
  }

  crash(): void {
    if (!this.#underWay) return;
    const { write, timer } = this.#underWay;
    timer.dispose();
    this.#underWay = undefined;
    this.#late = undefined;
    // A disk outside cannot be told to forget it.
    this.#owes = this.#outside !== undefined;
    if (write.snapshot) this.#outside?.install(write.snapshot);
  }

  #writeThrough(write: DiskWrite<Command, State>, mayWait: boolean): Promise<unknown> | undefined {
    if (!this.#outside) return undefined;
    const { journal } = this.#outside;
    // Before it is safe: a snapshot for the disk outside has all that was recorded.
    this.#keep(write);
    journal.record(write, mayWait);
    return mayWait ? undefined : journal.settled();
  }

  #keep({ hardState, snapshot, entries }: DiskWrite<Command, State>): void {
    this.#hardState = hardState ?? this.#hardState;
    if (snapshot) {
      this.#base = { index: snapshot.index, term: snapshot.term };
      this.#entries.length = 0;
    }
    const [first] = entries;
    if (first) this.#entries.length = first.index - this.#base.index - 1;
    for (const entry of entries) this.#entries.push(entry);
  }
}
