import { huffmanLengths, staticTable } from './tables.ts';

export type Headers = ReadonlyMap<string, string>;

type Field = readonly [name: string, value: string];

/** What is wrong with a block of headers; the connection cannot go on. */
export class HpackError extends Error {}

/** What a field takes in the table beside its text. */
const fieldOverhead = 32;

/** Reads blocks of headers, which lean on those before them on the same connection. RFC 7541. */
export class HpackDecoder {
  readonly #maxSize: number;
  #size = 0;
  #limit: number;
  /** The newest first. */
  readonly #fields: Field[] = [];

  /** @param tableSize as SETTINGS_HEADER_TABLE_SIZE has it */
  constructor(tableSize = 4096) {
    this.#maxSize = tableSize;
    this.#limit = tableSize;
  }

  /** Of fields with the same name, the first counts. */
  decode(block: Buffer): Headers {
    const reader = new BlockReader(block);
    const headers = new Map<string, string>();
    while (!reader.isAtEnd) {
      const first = reader.peek();
      let field: Field | undefined;
      if (first & 0x80) field = this.#at(reader.number(7));
      else if (first & 0x40) this.#add((field = this.#literal(reader, 6)));
      else if (first & 0x20) this.#resize(reader.number(5));
      else field = this.#literal(reader, 4);
      if (field && !headers.has(field[0])) headers.set(field[0], field[1]);
    }
    return headers;
  }

  #literal(reader: BlockReader, prefix: number): Field {
    const index = reader.number(prefix);
    const name = index ? this.#at(index)[0] : reader.text();
    return [name, reader.text()];
  }

  #at(index: number): Field {
    const field = staticTable[index - 1] ?? this.#fields[index - 1 - staticTable.length];
    if (!field) throw new HpackError('an index of no field');
    return field;
  }

  #add(field: Field): void {
    this.#fields.unshift(field);
    this.#size += sizeOf(field);
    this.#evict();
  }

  #resize(size: number): void {
    if (size > this.#maxSize) throw new HpackError('a table larger than allowed');
    this.#limit = size;
    this.#evict();
  }

  #evict(): void {
    while (this.#size > this.#limit) {
      const field = this.#fields.pop();
      if (!field) break;
      this.#size -= sizeOf(field);
    }
  }
}

/** A block that leans on nothing before it. */
export function encodeHeaders(fields: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(fields))
    parts.push(Buffer.of(0), ...textOf(name), ...textOf(value));
  return Buffer.concat(parts);
}

function textOf(text: string): [Buffer, Buffer] {
  const bytes = Buffer.from(text, 'latin1');
  const length: number[] = [];
  if (bytes.length < 127) length.push(bytes.length);
  else {
    length.push(127);
    let rest = bytes.length - 127;
    for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
    length.push(rest);
  }
  return [Buffer.from(length), bytes];
}

const sizeOf = ([name, value]: Field): number => name.length + value.length + fieldOverhead;

class BlockReader {
  readonly #block: Buffer;
  #at = 0;

  constructor(block: Buffer) {
    this.#block = block;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#block.length;
  }

  peek(): number {
    const byte = this.#block[this.#at];
    if (byte === undefined) throw new HpackError('a block that ends within a field');
    return byte;
  }

  /** A number whose first bits are the last ones of a byte. */
  number(prefix: number): number {
    const mask = (1 << prefix) - 1;
    let value = this.#next() & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#next();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new HpackError('a number that is too large');
  }

  text(): string {
    const isHuffman = this.peek() >= 0x80;
    const start = this.number(7) + this.#at;
    const [from, to] = [this.#at, start];
    if (to > this.#block.length) throw new HpackError('a block that ends within a text');
    this.#at = to;
    return isHuffman
      ? decodeHuffman(this.#block.subarray(from, to))
      : this.#block.toString('latin1', from, to);
  }

  #next(): number {
    const byte = this.peek();
    this.#at++;
    return byte;
  }
}

/** A tree: each node has two places, for 0 and 1, with the next node, or ~byte where a code ends. */
const huffmanTree = treeOf(huffmanLengths);
/** Bits that are left over are at most this many, all 1. */
const maxPadding = 7;

function treeOf(lengths: readonly number[]): readonly number[] {
  const tree = [0, 0];
  const symbols = [...lengths.keys()].sort(
    (a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b,
  );
  let [code, length] = [0, 0];
  for (const symbol of symbols) {
    const its = lengths[symbol] ?? 0;
    code <<= its - length;
    length = its;
    let node = 0;
    for (let bit = length - 1; bit >= 0; bit--) {
      const place = node + ((code >>> bit) & 1);
      if (bit === 0) tree[place] = ~symbol;
      else if (tree[place]) node = tree[place];
      else {
        node = tree[place] = tree.length;
        tree.push(0, 0);
      }
    }
    code++;
  }
  return tree;
}

function decodeHuffman(bytes: Buffer): string {
  let text = '';
  let node = 0;
  let [padding, isOnes] = [0, true];
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit--) {
      const one = (byte >>> bit) & 1;
      const next = huffmanTree[node + one] ?? 0;
      // The code of the end of the text has no place in a text.
      if (next === 0) throw new HpackError('bits of no code');
      padding++;
      isOnes &&= one === 1;
      node = next;
      if (next > 0) continue;
      text += String.fromCharCode(~next);
      node = padding = 0;
      isOnes = true;
    }
  if (padding > maxPadding || !isOnes) throw new HpackError('a text with wrong padding');
  return text;
}
