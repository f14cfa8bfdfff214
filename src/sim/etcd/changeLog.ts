import type { WatchedChange } from './kv.ts';

/** The changes of one revision, in the order of the writes. */
export interface Commit {
  readonly revision: number;
  readonly changes: readonly WatchedChange[];
}

/**
 * What was written, by revision, for watchers that begin in the past and for forks. Compaction cuts its beginning off:
 * the compacted revision itself stays, for a watch may still begin there.
 */
export class ChangeLog {
  /** What the store this one was forked from had written; it may grow, but only behind `#sharedLength`. */
  #shared: readonly Commit[];
  #sharedLength: number;
  #own: Commit[] = [];
  /** Revisions follow one another without a gap: the index of a revision is its distance from the first. */
  #first: number;

  /** @param first the first revision that is in `shared`, or that will be added */
  constructor(first: number, shared: readonly Commit[] = [], sharedLength = 0) {
    this.#first = first;
    this.#shared = shared;
    this.#sharedLength = sharedLength;
  }

  add(commit: Commit): void {
    this.#own.push(commit);
  }

  /** The commits of `revision` and later. */
  from(revision: number): readonly Commit[] {
    const index = Math.max(0, revision - this.#first);
    if (index >= this.#sharedLength) return this.#own.slice(index - this.#sharedLength);
    return [...this.#shared.slice(index, this.#sharedLength), ...this.#own];
  }

  /** The commit that made `revision`; undefined when it is forgotten, or has not been yet. */
  at(revision: number): Commit | undefined {
    const index = revision - this.#first;
    return index < this.#sharedLength ? this.#shared[index] : this.#own[index - this.#sharedLength];
  }

  /** A log of its own that begins with what this one has up to and with `revision`. */
  fork(revision: number): ChangeLog {
    const length = revision + 1 - this.#first;
    if (length <= this.#sharedLength) return new ChangeLog(this.#first, this.#shared, length);
    if (this.#sharedLength) this.#join();
    return new ChangeLog(this.#first, this.#own, length);
  }

  /** Forgets everything before `revision`. */
  compact(revision: number): void {
    const count = revision - this.#first;
    if (count < 0) return;
    this.#join();
    // Arrays that were handed to forks stay as they are.
    const [at, ...after] = this.#own.slice(count);
    const withoutPrevious = at?.changes.map(({ type, kv }) => ({ type, kv }));
    this.#own = at && withoutPrevious ? [{ ...at, changes: withoutPrevious }, ...after] : after;
    this.#first = revision;
  }

  #join(): void {
    this.#own = [...this.#shared.slice(0, this.#sharedLength), ...this.#own];
    this.#shared = [];
    this.#sharedLength = 0;
  }
}
