import type { WatchedChange } from './kv.ts';

/** The changes of one revision. */
export interface Commit {
  readonly revision: number;
  readonly changes: readonly WatchedChange[];
}

/** What was written, by revision, for watchers that begin in the past. Compaction cuts its beginning off. */
export class ChangeLog {
  /** Revisions follow one another without a gap: the index of a revision is its distance from the first. */
  #commits: Commit[] = [];
  #first: number;

  /** @param first the first revision that will be added */
  constructor(first: number) {
    this.#first = first;
  }

  get first(): number {
    return this.#first;
  }

  add(commit: Commit): void {
    this.#commits.push(commit);
  }

  from(revision: number): readonly Commit[] {
    return this.#commits.slice(Math.max(0, revision - this.#first));
  }

  /** Forgets everything up to and with `revision`. */
  compact(revision: number): void {
    const count = revision + 1 - this.#first;
    if (count <= 0) return;
    this.#commits = this.#commits.slice(count);
    this.#first = revision + 1;
  }
}
