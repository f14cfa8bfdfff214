import { errors } from '../../sim/etcd/errors.ts';
import type { Store } from '../../sim/etcd/store.ts';

/** How many are kept: the next question is mostly about one of the last. */
const kept = 4;

/**
 * A store as it was at its revisions. Each is a fork, so that counting and looking in it is as quick as in the present;
 * it is made from the nearest later one, so that a step back costs a step.
 */
export class PastStores {
  #of: Store | undefined;
  readonly #stores = new Map<number, Store>();

  /** Throws as etcd does for a revision that is compacted or has not been yet. */
  at(store: Store, revision: number | undefined): Store {
    if (revision === undefined || revision === store.revision) return store;
    if (revision > store.revision) throw errors.futureRevision();
    if (store !== this.#of) this.#stores.clear();
    this.#of = store;
    for (const then of this.#stores.keys())
      if (then < store.compactRevision) this.#stores.delete(then);
    if (revision < store.compactRevision) throw errors.compacted();
    const past = this.#stores.get(revision) ?? this.#nearest(store, revision).fork(revision);
    // The one that was asked for last goes last.
    this.#stores.delete(revision);
    this.#stores.set(revision, past);
    const [oldest] = this.#stores.keys();
    if (this.#stores.size > kept && oldest !== undefined) this.#stores.delete(oldest);
    return past;
  }

  #nearest(store: Store, revision: number): Store {
    const later = [...this.#stores.keys()].filter((then) => then > revision);
    return (later.length && this.#stores.get(Math.min(...later))) || store;
  }
}
