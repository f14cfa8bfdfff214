import { assert } from '../../../base/assert.ts';
import type { Entry } from './message.ts';

/**
 * The log of a member: entries without a gap behind a place that stands for all that a snapshot holds.
 *
 *     base 4 | 5 6 7 8 9       stable 8: on disk up to here; committed 7: never changes again; applied 6: in the store
 *
 * Invariant: applied <= committed <= last, and applied <= stable. Models go.etcd.io/raft/v3 raftLog and unstable.
 */
export class RaftLog<Command> {
  #base: { readonly index: number; readonly term: number };
  #entries: Entry<Command>[];
  stable: number;
  committed: number;
  applied: number;

  constructor(
    base: { readonly index: number; readonly term: number },
    entries: readonly Entry<Command>[],
    committed: number,
  ) {
    this.#base = base;
    this.#entries = [...entries];
    this.stable = this.lastIndex;
    this.committed = Math.max(committed, base.index);
    this.applied = base.index;
    assert(this.committed <= this.lastIndex, 'more is committed than the log has');
  }

  /** The last place that a snapshot stands for. */
  get baseIndex(): number {
    return this.#base.index;
  }

  get lastIndex(): number {
    return this.#base.index + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#base.term;
  }

  /** undefined: forgotten, or not there yet. */
  termAt(index: number): number | undefined {
    if (index === this.#base.index) return this.#base.term;
    return this.#entries[index - this.#base.index - 1]?.term;
  }

  at(index: number): Entry<Command> | undefined {
    return this.#entries[index - this.#base.index - 1];
  }

  /** The entries of `from` up to and with `to`. */
  slice(from: number, to: number = this.lastIndex): readonly Entry<Command>[] {
    assert(from > this.#base.index, 'a forgotten part of the log');
    return this.#entries.slice(from - this.#base.index - 1, to - this.#base.index);
  }

  /** Whether a log that ends so has all that this one has: what a candidate must show. */
  isUpToDate(lastIndex: number, lastTerm: number): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex);
  }

  /** Puts an entry at the end. */
  add(entry: Entry<Command>): void {
    assert(entry.index === this.lastIndex + 1, 'a gap in the log');
    this.#entries.push(entry);
  }

  /** Takes a leader's entries, which follow on a place that agrees; what contradicts them goes. */
  merge(entries: readonly Entry<Command>[]): void {
    const first = entries.find((entry) => this.termAt(entry.index) !== entry.term);
    if (!first) return;
    assert(first.index > this.committed, 'a committed entry is contradicted');
    this.#entries.length = first.index - this.#base.index - 1;
    this.stable = Math.min(this.stable, first.index - 1);
    for (const entry of entries) if (entry.index >= first.index) this.add(entry);
  }

  /** The last place at or before `index` whose term is not newer than `term`: no later one can agree. */
  findConflict(index: number, term: number): { readonly index: number; readonly term: number } {
    let at = Math.min(index, this.lastIndex);
    for (; at > this.#base.index; at--) {
      const own = this.termAt(at);
      if (own !== undefined && own <= term) return { index: at, term: own };
    }
    return { index: at, term: this.termAt(at) ?? 0 };
  }

  /** Returns whether it grew. */
  commitTo(index: number): boolean {
    if (index <= this.committed) return false;
    assert(index <= this.lastIndex, 'more is committed than the log has');
    this.committed = index;
    return true;
  }

  /** The disk has everything up to this place, if it is still the same place. */
  stableTo(index: number, term: number): void {
    if (index > this.stable && this.termAt(index) === term) this.stable = index;
  }

  /** Committed, on disk, and not applied yet. */
  toApply(): readonly Entry<Command>[] {
    const to = Math.min(this.committed, this.stable);
    return to > this.applied ? this.slice(this.applied + 1, to) : [];
  }

  /** Forgets what is applied, up to and with `index`. */
  compact(index: number): void {
    assert(index <= this.applied, 'what is not applied cannot be forgotten');
    const term = this.termAt(index);
    if (index <= this.#base.index || term === undefined) return;
    this.#entries = this.#entries.slice(index - this.#base.index);
    this.#base = { index, term };
  }

  /** A snapshot takes the place of everything. */
  restore(index: number, term: number): void {
    this.#base = { index, term };
    this.#entries = [];
    this.stable = index;
    this.committed = index;
    this.applied = index;
  }
}
