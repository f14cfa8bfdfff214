import { CountedTree } from './countedTree.ts';
import { noEnd } from './key.ts';
import type { Key, KeyValue } from './kv.ts';

/**
 * The versions of one key, newest first. Nodes never change, so forks of the store share them. What lies between two
 * deletions is a generation: its first version is the creation.
 *
 *     put a@2, put a@5, delete a@7     (7, gone) → (5, kv) → (2, kv)
 *     compact 5                        (7, gone) → (5, kv)
 *     compact 7                        (7, gone)    a watch may still begin at 7
 *     compact 8                        the key is forgotten
 */
export interface History {
  readonly revision: number;
  /** The place of the write within its revision. */
  readonly sub: number;
  /** undefined: deleted at this revision. */
  readonly kv: KeyValue | undefined;
  readonly previous: History | undefined;
}

/**
 * All keys in byte order, with their histories. Models go.etcd.io/etcd/server/v3/storage/mvcc treeIndex and keyIndex;
 * the values hang on it directly, since there is no disk below. `clone` costs nothing.
 */
export class KeyIndex {
  readonly #tree: CountedTree<History>;

  constructor(tree?: CountedTree<History>) {
    this.#tree = tree ?? new CountedTree<History>((history) => history.kv !== undefined);
  }

  /** Keys that are known; deleted ones that are not compacted included. */
  get size(): number {
    return this.#tree.size;
  }

  clone(): KeyIndex {
    return new KeyIndex(this.#tree.clone());
  }

  get(key: Key): History | undefined {
    return this.#tree.get(key);
  }

  add(key: Key, revision: number, sub: number, kv: KeyValue | undefined): void {
    this.#tree.set(key, { revision, sub, kv, previous: this.#tree.get(key) });
  }

  /** How many keys of [key, end) are there now. */
  count(key: Key, end: Key | undefined): number {
    if (end === undefined) return this.#tree.get(key)?.kv ? 1 : 0;
    return this.#tree.count(key, end);
  }

  /** Calls back for what each key of [key, end) holds now, in order, until it returns false. */
  scan(key: Key, end: Key | undefined, visit: (kv: KeyValue) => boolean): void {
    if (end === undefined) {
      const kv = this.#tree.get(key)?.kv;
      if (kv) visit(kv);
      return;
    }
    this.#tree.scan(key, end, { liveOnly: true }, ({ kv }) => !kv || visit(kv));
  }

  /** The same for what they held at `revision`. */
  scanAt(key: Key, end: Key | undefined, revision: number, visit: (kv: KeyValue) => boolean): void {
    if (end === undefined) {
      const kv = at(this.#tree.get(key), revision);
      if (kv) visit(kv);
      return;
    }
    this.#tree.scan(key, end, { liveOnly: false }, (history) => {
      const kv = at(history, revision);
      return !kv || visit(kv);
    });
  }

  /** The versions that are kept of `revision` and before, in no particular order; `kv` is absent for deletions. */
  versionsUpTo(revision: number): ({ readonly key: Key } & Omit<History, 'previous'>)[] {
    const found: ({ readonly key: Key } & Omit<History, 'previous'>)[] = [];
    this.#tree.scan('', noEnd, { liveOnly: false }, (history, key) => {
      for (let node = nodeAt(history, revision); node; node = node.previous)
        found.push({ key, revision: node.revision, sub: node.sub, kv: node.kv });
      return true;
    });
    return found;
  }

  /** Forgets what was overwritten at or before `revision`, and what was deleted before it; tells of each version. */
  compact(revision: number, forgotten: (key: Key, kv: KeyValue | undefined) => void): void {
    const changed: [Key, History | undefined][] = [];
    this.#tree.scan('', noEnd, { liveOnly: false }, (history, key) => {
      const kept = cutAt(history, revision);
      if (kept !== history) changed.push([key, kept]);
      return true;
    });
    for (const [key, kept] of changed) {
      const oldest = oldestOf(kept)?.revision ?? Number.POSITIVE_INFINITY;
      for (let node = this.#tree.get(key); node; node = node.previous)
        if (node.revision < oldest) forgotten(key, node.kv);
      this.#set(key, kept);
    }
  }

  /** Takes back what was written to a key after `revision`. */
  rewind(key: Key, revision: number): void {
    this.#set(key, nodeAt(this.#tree.get(key), revision));
  }

  #set(key: Key, history: History | undefined): void {
    if (history) this.#tree.set(key, history);
    else this.#tree.delete(key);
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

function oldestOf(history: History | undefined): History | undefined {
  let node = history;
  while (node?.previous) node = node.previous;
  return node;
}

/** The history without what a compaction forgets; the same object when that is nothing. */
function cutAt(history: History, revision: number): History | undefined {
  const newer: History[] = [];
  let node: History | undefined = history;
  while (node && node.revision > revision) {
    newer.push(node);
    node = node.previous;
  }
  if (!node) return history;
  let kept: History | undefined;
  if (!node.kv && node.revision < revision) kept = undefined;
  else if (!node.previous) return history;
  else kept = { ...node, previous: undefined };
  for (const above of newer.reverse()) kept = { ...above, previous: kept };
  return kept;
}
