import { toDisposable, type IDisposable } from '../../base/disposable.ts';
import type { Clock, Micros } from '../../base/time.ts';
import type { ChangeLog } from './changeLog.ts';
import { noEnd } from './key.ts';
import type { Key, WatchListener, WatchRequest, WatchedChange } from './kv.ts';

interface Watcher {
  readonly request: WatchRequest;
  readonly listener: WatchListener;
  /** The next revision it has to hear of. */
  next: number;
  /** Whether it has heard of everything that was there when it came; before, it gets all of that at once. */
  isSynced: boolean;
}

/**
 * Hands commits on to watchers: in order, each revision once and whole, without a gap. Who begins in the past is served
 * from the log first. Models go.etcd.io/etcd/server/v3/storage/mvcc watchableStore.
 */
export class Watchers {
  readonly #watchers = new Set<Watcher>();
  #log: ChangeLog;
  readonly #clock: Clock | undefined;
  readonly #latencyUs: Micros;
  #revision: number;
  #compactRevision: number;
  #isDue = false;
  #isDelivering = false;

  constructor(
    log: ChangeLog,
    from: { readonly revision: number; readonly compactRevision: number },
    clock: Clock | undefined,
    latencyUs: Micros,
  ) {
    this.#log = log;
    this.#revision = from.revision;
    this.#compactRevision = from.compactRevision;
    this.#clock = clock;
    this.#latencyUs = latencyUs;
  }

  get size(): number {
    return this.#watchers.size;
  }

  add(request: WatchRequest, listener: WatchListener): IDisposable {
    const next = request.startRevision || this.#revision + 1;
    const watcher = { request, listener, next, isSynced: next > this.#revision };
    this.#watchers.add(watcher);
    if (!watcher.isSynced) this.#deliverSoon();
    return toDisposable(() => this.#watchers.delete(watcher));
  }

  /** The store has reached `revision`. */
  notify(revision: number): void {
    this.#revision = revision;
    if (this.#watchers.size) this.#deliverSoon();
  }

  compact(revision: number): void {
    this.#compactRevision = revision;
  }

  /** The store was replaced by one that is further on. */
  restore(log: ChangeLog, revision: number, compactRevision: number): void {
    this.#log = log;
    this.#compactRevision = compactRevision;
    for (const watcher of this.#watchers) if (watcher.next <= revision) watcher.isSynced = false;
    this.notify(revision);
  }

  /** Calls back when everything up to now is delivered. */
  afterDelivery(callback: () => void): void {
    if (this.#isDue) this.#clock?.setTimer(this.#latencyUs, callback);
    else callback();
  }

  #deliverSoon(): void {
    if (this.#isDue) return;
    if (!this.#clock) {
      this.#deliverNow();
      return;
    }
    this.#isDue = true;
    this.#clock.setTimer(this.#latencyUs, () => {
      this.#isDue = false;
      this.#deliver();
    });
  }

  /** A listener that writes gets what it wrote after all have got what came before. */
  #deliverNow(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      while (this.#deliver());
    } finally {
      this.#isDelivering = false;
    }
  }

  /** Returns whether there may be more to deliver. */
  #deliver(): boolean {
    const revision = this.#revision;
    for (const watcher of [...this.#watchers])
      if (watcher.next <= revision) this.#serve(watcher, revision);
    return this.#revision > revision;
  }

  #serve(watcher: Watcher, revision: number): void {
    if (watcher.next < this.#compactRevision) {
      if (this.#watchers.delete(watcher)) watcher.listener.compacted(this.#compactRevision);
      return;
    }
    const commits = this.#log.from(watcher.next);
    watcher.next = revision + 1;
    const past: WatchedChange[] = [];
    for (const commit of commits) {
      if (commit.revision > revision) break;
      const changes = commit.changes.filter(({ kv }) =>
        inRange(kv.key, watcher.request.key, watcher.request.rangeEnd),
      );
      if (!watcher.isSynced) past.push(...changes);
      else if (changes.length) this.#tell(watcher, changes, commit.revision);
    }
    watcher.isSynced = true;
    if (past.length) this.#tell(watcher, past, revision);
  }

  #tell(watcher: Watcher, changes: readonly WatchedChange[], revision: number): void {
    if (this.#watchers.has(watcher)) watcher.listener.changes(changes, revision);
  }
}

export const inRange = (key: Key, from: Key, end: Key | undefined): boolean =>
  end === undefined ? key === from : key >= from && (end === noEnd || key < end);
