/**
 * Reads the fields of a protobuf message, one after another:
 *
 *     while (reader.next()) switch (reader.field) { case 1: reader.bytes() … default: reader.skip() }
 *
 * Throws RangeError where the bytes are no message. For the messages that come by the thousand; others are read by generated code.
 */
export class ProtoReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #wireType = 0;
  #low = 0;
  #high = 0;
  /** The number of the field that `next` found. */
  field = 0;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Whether there is another field. */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    this.#varint();
    this.field = this.#low >>> 3;
    this.#wireType = this.#low & 7;
    if (this.field === 0) throw new RangeError('proto: illegal tag 0');
    return true;
  }

  /** An int64 or an enum; beyond 2⁵³ it is not exact. */
  number(): number {
    this.#expect(0);
    this.#varint();
    return (this.#high | 0) * 2 ** 32 + this.#low;
  }

  boolean(): boolean {
    return this.number() !== 0;
  }

  bigint(): bigint {
    const value = this.number();
    if (Number.isSafeInteger(value)) return value === 0 ? 0n : BigInt(value);
    return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low));
  }

  /** A copy: what is kept of a message must not keep all that came with it. */
  bytes(): Uint8Array {
    const start = this.#block();
    return new Uint8Array(this.#bytes.subarray(start, this.#at));
  }

  /** Bytes as chars from 0 to 255. */
  latin1(): string {
    const start = this.#block();
    return this.#bytes.toString('latin1', start, this.#at);
  }

  message(): ProtoReader {
    const start = this.#block();
    return new ProtoReader(this.#bytes, start, this.#at);
  }

  skip(): void {
    switch (this.#wireType) {
      case 0:
        this.#varint();
        break;
      case 1:
        this.#move(8);
        break;
      case 2:
        this.#block();
        break;
      case 5:
        this.#move(4);
        break;
      default:
        throw new RangeError(`proto: wiretype ${this.#wireType} for field ${this.field}`);
    }
  }

  /** Moves over a block; returns where it begins. */
  #block(): number {
    this.#expect(2);
    this.#varint();
    const start = this.#at;
    this.#move(this.#high * 2 ** 32 + this.#low);
    return start;
  }

  #move(count: number): void {
    if (count > this.#end - this.#at) throw new RangeError('unexpected EOF');
    this.#at += count;
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType)
      throw new RangeError(`proto: wrong wireType = ${this.#wireType} for field ${this.field}`);
  }

  /** Both halves are unsigned. */
  #varint(): void {
    let [low, high] = [0, 0];
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= this.#end) throw new RangeError('unexpected EOF');
      const byte = this.#bytes[this.#at++] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else if (shift < 70) high |= bits << (shift - 32);
      else throw new RangeError('proto: integer overflow');
      if (byte < 0x80) break;
    }
    this.#low = low >>> 0;
    this.#high = high >>> 0;
  }
}
