import { Disposable } from '../../base/disposable.ts';
import { hour, minute, type Clock, type Micros } from '../../base/time.ts';
import type { TraceSink } from '../../trace/sink.ts';
import type { Store } from './store.ts';

/** etcd's --auto-compaction-mode and --auto-compaction-retention. */
export type AutoCompactionOptions =
  | { readonly mode: 'periodic'; readonly retentionUs: Micros }
  | { readonly mode: 'revision'; readonly retention: number };

/** A store, or a cluster whose members compact theirs. */
export type Compactable = Pick<Store, 'revision' | 'compactRevision' | 'compact'>;

const revisionInterval = 5 * minute;
/** Revisions are looked at so many times in a period. */
const looks = 10;

/**
 * Forgets old revisions by itself. Periodic: what is older than the retention; every retention, and every hour at least.
 * Revision: all but the newest; every five minutes. Models go.etcd.io/etcd/server/v3/etcdserver/api/v3compactor.
 */
export class AutoCompaction extends Disposable {
  readonly #store: Compactable;
  readonly #clock: Clock;
  readonly #trace: TraceSink | undefined;
  /** The last revision it compacted at. */
  #last = 0;

  constructor(
    options: AutoCompactionOptions & {
      readonly store: Compactable;
      readonly clock: Clock;
      readonly trace?: TraceSink;
    },
  ) {
    super();
    this.#store = options.store;
    this.#clock = options.clock;
    this.#trace = options.trace;
    if (options.mode === 'periodic') this.#watchTime(options.retentionUs);
    else
      this.#every(revisionInterval, () => this.#compact(this.#store.revision - options.retention));
  }

  #watchTime(retention: Micros): void {
    const interval = Math.min(retention, hour);
    const look = interval / looks;
    const kept = Math.floor(retention / look) + 1;
    const revisions: number[] = [this.#store.revision];
    let wait = retention;
    let compactedAt = this.#clock.now();
    this.#every(look, () => {
      if (this.#clock.now() - compactedAt >= wait && this.#compact(revisions[0] ?? 0)) {
        compactedAt = this.#clock.now();
        wait = interval;
      }
      revisions.push(this.#store.revision);
      if (revisions.length > kept) revisions.shift();
    });
  }

  /** Returns whether there was something new to compact at. */
  #compact(revision: number): boolean {
    if (revision <= 0 || revision === this.#last) return false;
    this.#last = revision;
    // Somebody else may have compacted later already.
    if (revision <= this.#store.compactRevision) return true;
    const cause = this.#trace?.emit('etcd', undefined, {
      type: 'lifecycle',
      action: 'started',
      summary: `etcd compacts itself at revision ${revision}`,
    });
    this.#store.compact(revision, cause);
    return true;
  }

  #every(period: Micros, task: () => void): void {
    const timer = this.#clock.setTimer(period, () => {
      this._store.delete(timer);
      task();
      this.#every(period, task);
    });
    this._register(timer);
  }
}
