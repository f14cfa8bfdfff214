import sortedBtree from 'sorted-btree';
import type { Key, KeyValue } from './kv.ts';
import { noEnd } from './key.ts';

// The package is CommonJS: its class is a member of what Node imports as the default.
const Tree = sortedBtree.default;
type Tree = sortedBtree.default<Key, History>;

/**
 * The versions of one key, newest first. Nodes never change, so forks of the store share them:
 *
 *     put a@2, put a@5, delete a@7     (7, gone) → (5, kv) → (2, kv)
 *     compact 5                        (7, gone) → (5, kv)
 *     compact 7                        the key is dropped: a tombstone that is compacted leaves nothing
 */
export interface History {
  readonly revision: number;
  /** undefined: deleted at this revision. */
  readonly kv: KeyValue | undefined;
  readonly previous: History | undefined;
}

/** All keys in byte order, with their histories. `clone` costs nothing: the tree is copied as it is written to. */
export class KeyIndex {
  readonly #tree: Tree;

  constructor(tree?: Tree) {
    this.#tree = tree ?? new Tree<Key, History>(undefined, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  get size(): number {
    return this.#tree.size;
  }

  clone(): KeyIndex {
    return new KeyIndex(this.#tree.clone());
  }

  get(key: Key): History | undefined {
    return this.#tree.get(key);
  }

  add(key: Key, revision: number, kv: KeyValue | undefined): void {
    this.#tree.set(key, { revision, kv, previous: this.#tree.get(key) });
  }

  /** Calls back for what each key of [key, end) held at `revision`, in order, until it returns false. */
  scan(key: Key, end: Key | undefined, revision: number, visit: (kv: KeyValue) => boolean): void {
    if (end === undefined) {
      const kv = at(this.#tree.get(key), revision);
      if (kv) visit(kv);
      return;
    }
    for (const [found, history] of this.#tree.entries(key)) {
      if (end !== noEnd && found >= end) return;
      const kv = at(history, revision);
      if (kv && !visit(kv)) return;
    }
  }

  /** Forgets what was overwritten or deleted at or before `revision`. */
  compact(revision: number): void {
    const gone: Key[] = [];
    const cut: [Key, History][] = [];
    for (const [key, history] of this.#tree.entries()) {
      const kept = cutAt(history, revision);
      if (!kept) gone.push(key);
      else if (kept !== history) cut.push([key, kept]);
    }
    for (const key of gone) this.#tree.delete(key);
    for (const [key, history] of cut) this.#tree.set(key, history);
  }

  /** A copy without anything that came after `revision`. */
  asOf(revision: number): KeyIndex {
    const copy = new KeyIndex();
    for (const [key, history] of this.#tree.entries()) {
      const then = nodeAt(history, revision);
      if (then) copy.#tree.set(key, then);
    }
    return copy;
  }
}

/** What a key held at a revision. */
export const at = (history: History | undefined, revision: number): KeyValue | undefined =>
  nodeAt(history, revision)?.kv;

function nodeAt(history: History | undefined, revision: number): History | undefined {
  let node = history;
  while (node && node.revision > revision) node = node.previous;
  return node;
}

/** The history without what a compaction forgets; the same object when that is nothing. */
function cutAt(history: History, revision: number): History | undefined {
  if (history.revision > revision) {
    const previous = history.previous && cutAt(history.previous, revision);
    return previous === history.previous ? history : { ...history, previous };
  }
  if (!history.kv) return undefined;
  return history.previous ? { ...history, previous: undefined } : history;
}
