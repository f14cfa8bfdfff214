import { defined } from '../../base/assert.ts';
import { noEnd } from './key.ts';
import type { Key } from './kv.ts';

/**
 * A node belongs to the tree whose token it carries; a tree copies a node of another one before it writes to it.
 * `live` counts the values below that count.
 */
interface Leaf<V> {
  readonly token: object;
  readonly keys: Key[];
  readonly values: V[];
  live: number;
}

interface Branch<V> {
  readonly token: object;
  /** The smallest key that each child may have; the first one's is never looked at. */
  readonly keys: Key[];
  readonly children: Node<V>[];
  live: number;
}

type Node<V> = Leaf<V> | Branch<V>;

const maxEntries = 32;

/**
 * A B+ tree that knows how many of its values are live, in all and in any range, without looking at them:
 *
 *     [ a b | c d ]   with b not live: 3 live; count('b', 'd') = 1, from two ways down
 *
 * `clone` costs nothing: both trees go on with the same nodes, and each copies those that it writes to.
 */
export class CountedTree<V> {
  readonly #isLive: (value: V) => boolean;
  #token = {};
  #root: Node<V>;
  #size = 0;

  constructor(isLive: (value: V) => boolean) {
    this.#isLive = isLive;
    this.#root = { token: this.#token, keys: [], values: [], live: 0 };
  }

  get size(): number {
    return this.#size;
  }

  clone(): CountedTree<V> {
    const copy = new CountedTree(this.#isLive);
    copy.#root = this.#root;
    copy.#size = this.#size;
    this.#token = {};
    return copy;
  }

  get(key: Key): V | undefined {
    let node = this.#root;
    while ('children' in node) node = childAt(node, indexOfChild(node.keys, key));
    const index = lowerBound(node.keys, key);
    return node.keys[index] === key ? node.values[index] : undefined;
  }

  set(key: Key, value: V): void {
    const root = this.#own(this.#root);
    const sibling = this.#insert(root, key, value);
    this.#root = sibling
      ? {
          token: this.#token,
          keys: [firstKey(root), firstKey(sibling)],
          children: [root, sibling],
          live: root.live + sibling.live,
        }
      : root;
  }

  delete(key: Key): void {
    if (this.get(key) === undefined) return;
    let root = this.#own(this.#root);
    this.#remove(root, key);
    while ('children' in root && root.children.length === 1) root = childAt(root, 0);
    this.#root = root;
    this.#size--;
  }

  /** How many live values lie in [from, end). */
  count(from: Key, end: Key): number {
    const below = end === noEnd ? this.#root.live : this.#liveBelow(end);
    return Math.max(0, below - this.#liveBelow(from));
  }

  /** Calls back for the entries of [from, end) in order until it returns false. */
  scan(
    from: Key,
    end: Key,
    { liveOnly }: { readonly liveOnly: boolean },
    visit: (value: V, key: Key) => boolean,
  ): void {
    const walk = (node: Node<V>, isLeftmost: boolean): boolean => {
      if (liveOnly && node.live === 0) return true;
      if ('children' in node) {
        const start = isLeftmost ? indexOfChild(node.keys, from) : 0;
        for (let i = start; i < node.children.length; i++) {
          if (i > start && end !== noEnd && (node.keys[i] as Key) >= end) return false;
          if (!walk(childAt(node, i), isLeftmost && i === start)) return false;
        }
        return true;
      }
      for (let i = isLeftmost ? lowerBound(node.keys, from) : 0; i < node.keys.length; i++) {
        const key = node.keys[i] as Key;
        if (end !== noEnd && key >= end) return false;
        const value = node.values[i] as V;
        if ((!liveOnly || this.#isLive(value)) && !visit(value, key)) return false;
      }
      return true;
    };
    walk(this.#root, true);
  }

  #liveBelow(key: Key): number {
    let live = 0;
    let node = this.#root;
    while ('children' in node) {
      const index = indexOfChild(node.keys, key);
      for (let i = 0; i < index; i++) live += childAt(node, i).live;
      node = childAt(node, index);
    }
    const index = lowerBound(node.keys, key);
    for (let i = 0; i < index; i++) if (this.#isLive(node.values[i] as V)) live++;
    return live;
  }

  /** Returns the new right-hand sibling when the node had to be split. */
  #insert(node: Node<V>, key: Key, value: V): Node<V> | undefined {
    if (!('children' in node)) {
      const index = lowerBound(node.keys, key);
      if (node.keys[index] === key) {
        node.live -= Number(this.#isLive(node.values[index] as V));
        node.values[index] = value;
      } else {
        node.keys.splice(index, 0, key);
        node.values.splice(index, 0, value);
        this.#size++;
      }
      node.live += Number(this.#isLive(value));
      return node.keys.length > maxEntries ? this.#splitLeaf(node) : undefined;
    }
    const index = indexOfChild(node.keys, key);
    const child = this.#ownChild(node, index);
    const before = child.live;
    const sibling = this.#insert(child, key, value);
    node.live += child.live + (sibling?.live ?? 0) - before;
    if (!sibling) return undefined;
    node.keys.splice(index + 1, 0, firstKey(sibling));
    node.children.splice(index + 1, 0, sibling);
    return node.children.length > maxEntries ? this.#splitBranch(node) : undefined;
  }

  /** The key is there. Empty nodes go; others may stay small, which only costs space. */
  #remove(node: Node<V>, key: Key): void {
    if (!('children' in node)) {
      const index = lowerBound(node.keys, key);
      node.live -= Number(this.#isLive(node.values[index] as V));
      node.keys.splice(index, 1);
      node.values.splice(index, 1);
      return;
    }
    const index = indexOfChild(node.keys, key);
    const child = this.#ownChild(node, index);
    const before = child.live;
    this.#remove(child, key);
    node.live += child.live - before;
    if (child.keys.length > 0) return;
    node.keys.splice(index, 1);
    node.children.splice(index, 1);
  }

  #splitLeaf(node: Leaf<V>): Leaf<V> {
    const half = splitPoint(node.keys.length);
    const values = node.values.splice(half);
    const live = values.filter((value) => this.#isLive(value)).length;
    node.live -= live;
    return { token: this.#token, keys: node.keys.splice(half), values, live };
  }

  #splitBranch(node: Branch<V>): Branch<V> {
    const half = splitPoint(node.keys.length);
    const children = node.children.splice(half);
    const live = children.reduce((sum, child) => sum + child.live, 0);
    node.live -= live;
    return { token: this.#token, keys: node.keys.splice(half), children, live };
  }

  #own(node: Node<V>): Node<V> {
    if (node.token === this.#token) return node;
    const { keys, live } = node;
    return 'children' in node
      ? { token: this.#token, keys: [...keys], children: [...node.children], live }
      : { token: this.#token, keys: [...keys], values: [...node.values], live };
  }

  #ownChild(node: Branch<V>, index: number): Node<V> {
    return (node.children[index] = this.#own(childAt(node, index)));
  }
}

/** Keys mostly come in rising order: what stays behind is left fuller than half. */
const splitPoint = (length: number): number => Math.floor((length * 2) / 3);

const firstKey = (node: Node<unknown>): Key => defined(node.keys[0], 'a node without keys');

const childAt = <V>(node: Branch<V>, index: number): Node<V> => node.children[index] as Node<V>;

/** The first index whose key is not below `key`. */
function lowerBound(keys: readonly Key[], key: Key): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as Key) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The child in whose part of the order `key` lies. */
function indexOfChild(keys: readonly Key[], key: Key): number {
  let low = 1;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as Key) <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
