import { toDisposable, type IDisposable } from '../../base/disposable.ts';
import type { Clock, Micros } from '../../base/time.ts';
import type { ChangeLog, Commit } from './changeLog.ts';
import { noEnd } from './key.ts';
import type { Key, WatchListener, WatchRequest, WatchedChange } from './kv.ts';

interface Watcher {
  readonly request: WatchRequest;
  readonly listener: WatchListener;
  /** The next revision it has to hear of. A watcher is synced when that lies in the future. */
  next: number;
}

/**
 * Hands commits on to watchers: in order, each revision once and whole, without a gap. Who begins in the past is served
 * from the log first. Models go.etcd.io/etcd/server/v3/storage/mvcc watchableStore (synced and unsynced watchers); here
 * one pass serves both, because a watcher only ever needs to know its next revision.
 */
export class Watchers {
  readonly #watchers = new Set<Watcher>();
  readonly #log: ChangeLog;
  readonly #clock: Clock | undefined;
  readonly #latency: Micros;
  #revision: number;
  #isDue = false;

  constructor(log: ChangeLog, revision: number, clock: Clock | undefined, latency: Micros) {
    this.#log = log;
    this.#revision = revision;
    this.#clock = clock;
    this.#latency = latency;
  }

  get size(): number {
    return this.#watchers.size;
  }

  add(request: WatchRequest, listener: WatchListener): IDisposable {
    const watcher = { request, listener, next: request.startRevision || this.#revision + 1 };
    this.#watchers.add(watcher);
    if (watcher.next <= this.#revision) this.#deliverSoon();
    return toDisposable(() => this.#watchers.delete(watcher));
  }

  /** The store has reached `revision`. */
  notify(revision: number): void {
    this.#revision = revision;
    if (this.#watchers.size) this.#deliverSoon();
  }

  #deliverSoon(): void {
    if (this.#isDue) return;
    if (!this.#clock) {
      this.#deliver();
      return;
    }
    this.#isDue = true;
    this.#clock.setTimer(this.#latency, () => {
      this.#isDue = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const revision = this.#revision;
    for (const watcher of [...this.#watchers]) {
      if (watcher.next > revision || !this.#watchers.has(watcher)) continue;
      if (watcher.next < this.#log.first) {
        this.#watchers.delete(watcher);
        watcher.listener.compacted(this.#log.first - 1);
        continue;
      }
      const commits = this.#log.from(watcher.next);
      watcher.next = revision + 1;
      for (const commit of commits) this.#tell(watcher, commit, revision);
    }
  }

  #tell(watcher: Watcher, commit: Commit, revision: number): void {
    if (commit.revision > revision || !this.#watchers.has(watcher)) return;
    const changes = commit.changes.filter((change) => concerns(watcher.request, change));
    if (changes.length) watcher.listener.changes(changes, commit.revision);
  }
}

function concerns({ key, rangeEnd }: WatchRequest, { kv }: WatchedChange): boolean {
  return inRange(kv.key, key, rangeEnd);
}

export const inRange = (key: Key, from: Key, end: Key | undefined): boolean =>
  end === undefined ? key === from : key >= from && (end === noEnd || key < end);
