import { messageHeadSize } from '../../grpc/messages.ts';

const usualBytes = 64 * 1024;
const keptBytes = 1024 * 1024;

/**
 * Writes a protobuf message from its end to its beginning, so that the length of a part is known when its head is due:
 *
 *     writer.begin();
 *     writer.number(4, count);                      the last field first
 *     const end = writer.position; …; writer.close(2, end)    a message within
 *     writer.framed()
 *
 * Fields with their default value are left out. One writer serves all: it is never in use across a wait.
 */
export class ProtoWriter {
  #buffer = Buffer.allocUnsafeSlow(usualBytes);
  #at = this.#buffer.length;

  begin(): void {
    // One large answer is no reason to keep room for the next.
    if (this.#buffer.length > keptBytes) this.#buffer = Buffer.allocUnsafeSlow(usualBytes);
    this.#at = this.#buffer.length;
  }

  /** How much is written so far. */
  get position(): number {
    return this.#buffer.length - this.#at;
  }

  /** An int64, an enum, or a whole number up to 2⁵³. */
  number(field: number, value: number): void {
    if (value === 0) return;
    if (value > 0) this.#varint(value);
    else this.#varint64(BigInt(value));
    this.#varint(field * 8);
  }

  boolean(field: number, value: boolean): void {
    if (value) this.number(field, 1);
  }

  /** An int64 or a uint64. */
  bigint(field: number, value: bigint): void {
    if (value === 0n) return;
    this.#varint64(value);
    this.#varint(field * 8);
  }

  bytes(field: number, value: Uint8Array): void {
    if (!value.length) return;
    this.#reserve(value.length);
    this.#at -= value.length;
    this.#buffer.set(value, this.#at);
    this.#head(field, value.length);
  }

  /** Fields that are written already. */
  raw(fields: Uint8Array): void {
    this.#reserve(fields.length);
    this.#at -= fields.length;
    this.#buffer.set(fields, this.#at);
  }

  /** Chars from 0 to 255, one byte each. */
  latin1(field: number, value: string): void {
    if (!value.length) return;
    this.#reserve(value.length);
    this.#at -= value.length;
    this.#buffer.write(value, this.#at, 'latin1');
    this.#head(field, value.length);
  }

  /** What was written since is a message, and the value of this field. */
  close(field: number, end: number): void {
    this.#head(field, this.position - end);
  }

  /** The message as it is. */
  message(): Buffer {
    return Buffer.from(this.#buffer.subarray(this.#at));
  }

  /** The message with the head that gRPC has. */
  framed(): Buffer {
    const length = this.position;
    this.#reserve(messageHeadSize);
    this.#at -= messageHeadSize;
    this.#buffer[this.#at] = 0;
    this.#buffer.writeUInt32BE(length, this.#at + 1);
    return this.message();
  }

  #head(field: number, length: number): void {
    this.#varint(length);
    this.#varint(field * 8 + 2);
  }

  #varint(value: number): void {
    this.#reserve(8);
    let size = 1;
    for (let limit = 0x80; size < 8 && value >= limit; limit *= 0x80) size++;
    let at = (this.#at -= size);
    let rest = value;
    for (; rest >= 2 ** 31; rest = Math.floor(rest / 0x80))
      this.#buffer[at++] = (rest % 0x80) | 0x80;
    for (; rest >= 0x80; rest >>>= 7) this.#buffer[at++] = (rest & 0x7f) | 0x80;
    this.#buffer[at] = rest;
  }

  #varint64(value: bigint): void {
    this.#reserve(10);
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    this.#at -= bytes.length;
    this.#buffer.set(bytes, this.#at);
  }

  #reserve(count: number): void {
    if (count <= this.#at) return;
    const used = this.position;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, used + count));
    this.#buffer.copy(larger, larger.length - used, this.#at);
    this.#buffer = larger;
    this.#at = larger.length - used;
  }
}
