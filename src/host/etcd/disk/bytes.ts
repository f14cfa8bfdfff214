/** Collects numbers, texts and bytes in a buffer that grows. */
export class BytesWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #length = 0;

  /** What was written so far; valid until more is. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** A whole number from 0 to 2⁵³ − 1: seven bits a byte, the low ones first. */
  number(value: number): this {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
    return this;
  }

  int64(value: bigint): this {
    this.#reserve(8);
    this.#length = this.#buffer.writeBigInt64LE(value, this.#length);
    return this;
  }

  float(value: number): this {
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
    return this;
  }

  /** Chars from 0 to 255, one byte each, as keys are. */
  latin1(text: string): this {
    this.number(text.length).#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
    return this;
  }

  block(bytes: Uint8Array): this {
    this.number(bytes.length).#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** Reads what BytesWriter wrote; throws RangeError where it ends too early. */
export class BytesReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#buffer.length;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#buffer.readUInt8(this.#offset++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  int64(): bigint {
    const value = this.#buffer.readBigInt64LE(this.#offset);
    this.#offset += 8;
    return value;
  }

  float(): number {
    const value = this.#buffer.readDoubleLE(this.#offset);
    this.#offset += 8;
    return value;
  }

  latin1(): string {
    return this.#take(this.number()).toString('latin1');
  }

  /** A copy: what is kept of a file must not keep the file. */
  block(): Uint8Array {
    return new Uint8Array(this.#take(this.number()));
  }

  #take(count: number): Buffer {
    if (this.#offset + count > this.#buffer.length) throw new RangeError('the bytes end too early');
    this.#offset += count;
    return this.#buffer.subarray(this.#offset - count, this.#offset);
  }
}
