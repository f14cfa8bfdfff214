import type { Entry } from './boltFile.ts';

const headerSize = 16;
const elementSize = 16;
const metaSize = 64;
const flag = { branch: 1, leaf: 2 } as const;
const bucketFlag = 1;
const magic = 0xed0cdaed;
const version = 2;

/** A file is not a bbolt database, or a broken one; the message is a clause about it. */
export class BoltError extends Error {}

/**
 * The buckets of a bbolt database and what they hold, in order; buckets within buckets are left out, as etcd has none.
 * What it returns lies in the file's memory. Models go.etcd.io/bbolt internal/common page, meta and bucket; who only reads
 * needs no free list.
 */
export function readBolt(file: Uint8Array): Map<string, Entry[]> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const { pageSize, root, pageCount } = newestMeta(bytes);
  const pages = new Pages(bytes, pageSize, pageCount);
  const buckets = new Map<string, Entry[]>();
  for (const { key, value, flags } of pages.elements(root)) {
    if (!(flags & bucketFlag)) continue;
    if (value.length < headerSize) throw new BoltError('a bucket has no root');
    const bucketRoot = Number(value.readBigUInt64LE());
    const entries = bucketRoot ? pages.elements(bucketRoot) : leafOf(value.subarray(headerSize));
    buckets.set(
      key.toString('latin1'),
      entries.filter((entry) => !(entry.flags & bucketFlag)),
    );
  }
  return buckets;
}

interface Element {
  readonly flags: number;
  readonly key: Buffer;
  readonly value: Buffer;
}

interface Meta {
  readonly pageSize: number;
  readonly root: number;
  readonly pageCount: number;
  readonly transaction: bigint;
}

/** There are two, written in turn; where the second one is depends on the size of pages. */
function newestMeta(bytes: Buffer): Meta {
  const first = metaAt(bytes, 0);
  const places = first ? [first.pageSize] : Array.from({ length: 7 }, (_, power) => 1024 << power);
  const second = places.map((place) => metaAt(bytes, place)).find((meta) => meta !== undefined);
  if (first && second) return second.transaction > first.transaction ? second : first;
  const meta = first ?? second;
  if (!meta) throw new BoltError('it is not a bbolt database');
  return meta;
}

function metaAt(bytes: Buffer, page: number): Meta | undefined {
  const start = page + headerSize;
  if (start + metaSize > bytes.length) return undefined;
  const meta = bytes.subarray(start, start + metaSize);
  if (meta.readUInt32LE(0) !== magic || meta.readUInt32LE(4) !== version) return undefined;
  if (meta.readBigUInt64LE(56) !== fnv1a(meta.subarray(0, 56))) return undefined;
  return {
    pageSize: meta.readUInt32LE(8),
    root: Number(meta.readBigUInt64LE(16)),
    pageCount: Number(meta.readBigUInt64LE(40)),
    transaction: meta.readBigUInt64LE(48),
  };
}

class Pages {
  readonly #bytes: Buffer;
  readonly #pageSize: number;
  readonly #pageCount: number;
  /** Every page hangs in one place: a broken file must not lead in a circle. */
  readonly #seen = new Set<number>();

  constructor(bytes: Buffer, pageSize: number, pageCount: number) {
    this.#bytes = bytes;
    this.#pageSize = pageSize;
    this.#pageCount = pageCount;
  }

  /** What the leaves below a page hold, in order. */
  elements(root: number): Element[] {
    const result: Element[] = [];
    const walk = (id: number): void => {
      const page = this.#page(id);
      if (page.readUInt16LE(8) === flag.leaf) {
        for (const element of leafOf(page)) result.push(element);
        return;
      }
      if (page.readUInt16LE(8) !== flag.branch)
        throw new BoltError(`page ${id} is neither a branch nor a leaf`);
      for (let index = 0; index < page.readUInt16LE(10); index++)
        walk(Number(readAt(page, headerSize + index * elementSize + 8, 8).readBigUInt64LE()));
    };
    walk(root);
    return result;
  }

  #page(id: number): Buffer {
    const start = id * this.#pageSize;
    if (id < 2 || id >= this.#pageCount || start + headerSize > this.#bytes.length)
      throw new BoltError(`page ${id} lies outside of it`);
    if (this.#seen.has(id)) throw new BoltError(`page ${id} is used twice`);
    this.#seen.add(id);
    const overflow = this.#bytes.readUInt32LE(start + 12);
    const end = start + (overflow + 1) * this.#pageSize;
    if (Number(this.#bytes.readBigUInt64LE(start)) !== id || end > this.#bytes.length)
      throw new BoltError(`page ${id} is damaged`);
    return this.#bytes.subarray(start, end);
  }
}

function leafOf(page: Buffer): Element[] {
  const count = readAt(page, 10, 2).readUInt16LE();
  return Array.from({ length: count }, (_, index): Element => {
    const head = headerSize + index * elementSize;
    const element = readAt(page, head, elementSize);
    const start = head + element.readUInt32LE(4);
    const keySize = element.readUInt32LE(8);
    return {
      flags: element.readUInt32LE(0),
      key: readAt(page, start, keySize),
      value: readAt(page, start + keySize, element.readUInt32LE(12)),
    };
  });
}

function readAt(page: Buffer, start: number, length: number): Buffer {
  if (start + length > page.length) throw new BoltError('an entry leads out of its page');
  return page.subarray(start, start + length);
}

function fnv1a(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
