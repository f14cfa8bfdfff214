import { defined } from '../../base/assert.ts';

/** A bucket's entries must be in the order of their keys' bytes; they are asked for once, one after another. */
export interface Bucket {
  readonly name: string;
  readonly entries: Iterable<Entry>;
}

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

interface Element extends Entry {
  readonly flags: number;
}

interface Child {
  readonly key: Uint8Array;
  readonly page: number;
}

const pageSize = 4096;
const headerSize = 16;
const elementSize = 16;
const flag = { branch: 1, leaf: 2, meta: 4, freelist: 16 } as const;
const bucketFlag = 1;
const magic = 0xed0cdaed;
const version = 2;
/** Leaves are filled so far, as etcd's are. */
const fill = 0.9;

/**
 * A bbolt database of these buckets (in the order of their names), as one who opens it with bbolt finds it. It takes a
 * while, and rests after each page:
 *
 *     page 0, 1: meta; 2: the free list, empty; then leaves and branches of each bucket; at last the leaf of buckets
 *
 * Models go.etcd.io/bbolt internal/common page, meta and bucket.
 * @param roomBytes are left free at the end, for who wants to put something there
 */
export function* boltFile(buckets: readonly Bucket[], roomBytes = 0): Generator<undefined, Buffer> {
  const pages = new Pages();
  pages.add(flag.freelist, []);
  const roots: Element[] = [];
  for (const { name, entries } of buckets) {
    const root = yield* tree(pages, entries);
    const value = root === undefined ? emptyBucket() : reference(root);
    roots.push({ key: Buffer.from(name), value, flags: bucketFlag });
  }
  const root = pages.add(flag.leaf, roots);
  return yield* pages.join(root, roomBytes);
}

/** Pages in the order of their numbers; the two meta pages come first. */
class Pages {
  readonly #buffers: Buffer[] = [];
  #next = 2;

  /** An element's key and value lie behind all elements; its position is counted from its own beginning. */
  add(type: number, elements: readonly Element[], children: readonly Child[] = []): number {
    const id = this.#next;
    const count = elements.length || children.length;
    const data = elements.length
      ? elements.flatMap(({ key, value }) => [key, value])
      : children.map(({ key }) => key);
    const used = headerSize + count * elementSize + sum(data);
    const length = Math.max(1, Math.ceil(used / pageSize));
    const buffer = Buffer.alloc(length * pageSize);
    writeHeader(buffer, { id, type, count, overflow: length - 1 });
    let element = headerSize;
    let offset = headerSize + count * elementSize;
    for (const { flags, key, value } of elements) {
      buffer.writeUInt32LE(flags, element);
      buffer.writeUInt32LE(offset - element, element + 4);
      buffer.writeUInt32LE(key.length, element + 8);
      buffer.writeUInt32LE(value.length, element + 12);
      buffer.set(key, offset);
      buffer.set(value, offset + key.length);
      offset += key.length + value.length;
      element += elementSize;
    }
    for (const { key, page } of children) {
      buffer.writeUInt32LE(offset - element, element);
      buffer.writeUInt32LE(key.length, element + 4);
      buffer.writeBigUInt64LE(BigInt(page), element + 8);
      buffer.set(key, offset);
      offset += key.length;
      element += elementSize;
    }
    this.#buffers.push(buffer);
    this.#next += length;
    return id;
  }

  *join(root: number, roomBytes: number): Generator<undefined, Buffer> {
    const file = Buffer.allocUnsafe(this.#next * pageSize + roomBytes);
    let at = 0;
    for (const page of [meta(0, root, this.#next), meta(1, root, this.#next), ...this.#buffers]) {
      at += page.copy(file, at);
      yield;
    }
    return file;
  }
}

/** Leaves for all entries and branches above them; returns the page of the root, if there are entries. */
function* tree(pages: Pages, entries: Iterable<Entry>): Generator<undefined, number | undefined> {
  let level: Child[] = [];
  const leaves = chunks(entries, ({ key, value }) => key.length + value.length);
  for (const chunk of leaves) {
    const elements = chunk.map(({ key, value }) => ({ key, value, flags: 0 }));
    level.push({ key: firstKey(chunk), page: pages.add(flag.leaf, elements) });
    yield;
  }
  while (level.length > 1) {
    const above: Child[] = [];
    for (const children of chunks(level, ({ key }) => key.length))
      above.push({ key: firstKey(children), page: pages.add(flag.branch, [], children) });
    level = above;
  }
  return level[0]?.page;
}

/** Cuts into what fits on a page; a single large item gets more than one page. */
function* chunks<T>(items: Iterable<T>, sizeOf: (item: T) => number): Generator<T[]> {
  let current: T[] = [];
  let used = headerSize;
  for (const item of items) {
    const size = elementSize + sizeOf(item);
    // A branch of one child would lead nowhere.
    if (current.length > 1 && used + size > pageSize * fill) {
      yield current;
      current = [];
      used = headerSize;
    }
    current.push(item);
    used += size;
  }
  if (current.length) yield current;
}

const firstKey = (items: readonly { readonly key: Uint8Array }[]): Uint8Array =>
  defined(items[0], 'an empty page').key;

const sum = (parts: readonly Uint8Array[]): number =>
  parts.reduce((total, { length }) => total + length, 0);

/** A bucket by its root page and its sequence, which etcd does not use. */
function reference(root: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(BigInt(root));
  return bytes;
}

/** A bucket that lies within its reference: root 0, and the page of a leaf without elements. */
function emptyBucket(): Buffer {
  const bytes = Buffer.alloc(16 + headerSize);
  bytes.writeUInt16LE(flag.leaf, 16 + 8);
  return bytes;
}

function writeHeader(
  buffer: Buffer,
  page: { readonly id: number; type: number; count: number; overflow: number },
): void {
  buffer.writeBigUInt64LE(BigInt(page.id));
  buffer.writeUInt16LE(page.type, 8);
  buffer.writeUInt16LE(page.count, 10);
  buffer.writeUInt32LE(page.overflow, 12);
}

/** Both meta pages say the same; the one with the greater transaction counts. */
function meta(id: 0 | 1, root: number, pageCount: number): Buffer {
  const buffer = Buffer.alloc(pageSize);
  writeHeader(buffer, { id, type: flag.meta, count: 0, overflow: 0 });
  const body = buffer.subarray(headerSize);
  body.writeUInt32LE(magic, 0);
  body.writeUInt32LE(version, 4);
  body.writeUInt32LE(pageSize, 8);
  body.writeBigUInt64LE(BigInt(root), 16);
  body.writeBigUInt64LE(2n, 32);
  body.writeBigUInt64LE(BigInt(pageCount), 40);
  body.writeBigUInt64LE(BigInt(id === 0 ? 2 : 1), 48);
  body.writeBigUInt64LE(fnv1a(body.subarray(0, 56)), 56);
  return buffer;
}

function fnv1a(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
