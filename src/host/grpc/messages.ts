import { gunzipSync, inflateSync } from 'node:zlib';
import type { GrpcStatus } from './grpcCall.ts';

/** Whether it is compressed (a byte), and its length (u32). */
export const messageHeadSize = 5;

/** A message as it goes over the wire. */
export function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(messageHeadSize + message.length);
  bytes.writeUInt8(0, 0);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, messageHeadSize);
  return bytes;
}

const decompressors: Readonly<
  Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer>
> = { gzip: gunzipSync, deflate: inflateSync };

export interface ReaderListener {
  readonly message: (bytes: Buffer) => void;
  readonly error: (status: GrpcStatus) => void;
}

/** Cuts what comes over the wire into messages. Their bytes are valid only while they are handed over. */
export class MessageReader {
  readonly #encoding: string;
  readonly #maxBytes: number;
  readonly #on: ReaderListener;
  /** What came of a message that is not whole yet. */
  #parts: Buffer[] = [];
  #length = 0;
  /** What it takes to go on: a whole head, or the whole message. */
  #needed = messageHeadSize;

  constructor(encoding: unknown, maxBytes: number, on: ReaderListener) {
    this.#encoding = typeof encoding === 'string' ? encoding : 'identity';
    this.#maxBytes = maxBytes;
    this.#on = on;
  }

  /** Whether the last message is not whole. */
  get isWithinMessage(): boolean {
    return this.#length > 0;
  }

  push(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return;
    let rest = this.#parts.length > 1 ? Buffer.concat(this.#parts) : chunk;
    this.#needed = messageHeadSize;
    while (rest.length >= messageHeadSize) {
      const length = rest.readUInt32BE(1);
      if (length > this.#maxBytes) {
        this.#on.error(
          tooLarge(`received message larger than max (${length} vs. ${this.#maxBytes})`),
        );
        return;
      }
      const end = messageHeadSize + length;
      if (rest.length < end) {
        this.#needed = end;
        break;
      }
      const isCompressed = rest[0] === 1;
      const bytes = rest.subarray(messageHeadSize, end);
      rest = rest.subarray(end);
      if (isCompressed) this.#decompress(bytes);
      else this.#on.message(bytes);
    }
    this.#parts = rest.length ? [rest] : [];
    this.#length = rest.length;
  }

  #decompress(bytes: Buffer): void {
    const encoding = this.#encoding;
    const decompress = decompressors[encoding];
    if (!decompress) {
      this.#on.error(
        encoding === 'identity'
          ? { code: 13, details: 'grpc: compressed flag set with identity or empty encoding' }
          : {
              code: 12,
              details: `grpc: Decompressor is not installed for grpc-encoding "${encoding}"`,
            },
      );
      return;
    }
    let message: Buffer;
    try {
      message = decompress(bytes, { maxOutputLength: this.#maxBytes });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.#on.error(
        code === 'ERR_BUFFER_TOO_LARGE'
          ? tooLarge(`message after decompression larger than max ${this.#maxBytes}`)
          : { code: 13, details: `grpc: failed to decompress the received message: ${message}` },
      );
      return;
    }
    this.#on.message(message);
  }
}

const tooLarge = (what: string): GrpcStatus => ({ code: 8, details: `grpc: ${what}` });
