import type { Socket } from 'node:net';
import { frameFlag, frameHeadSize, frameType, writeFrameHead } from './frames.ts';
import { HpackDecoder, HpackError, type Headers } from './hpack.ts';
import { Http2Stream, type Link } from './stream.ts';

export interface ConnectionOptions {
  /** What the client may send of one stream, and of all together, before it waits. */
  readonly windowBytes: number;
  readonly onStream: (stream: Http2Stream, headers: Headers) => void;
}

const errorCode = {
  protocol: 1,
  flowControl: 3,
  frameSize: 6,
  compression: 9,
  enhanceYourCalm: 11,
} as const;

const setting = { initialWindowSize: 4, maxFrameSize: 5, maxHeaderListSize: 6 } as const;
/** How a client begins. */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const defaultWindow = 65_535;
const maxWindow = 2 ** 31 - 1;
/** The default of SETTINGS_MAX_FRAME_SIZE, which we leave as it is. */
const maxFrameSize = 16_384;
const maxHeaderBytes = 64 * 1024;
/** More than this goes out piece by piece rather than in one copy. */
const joinedBytes = 64 * 1024;

/** Ends the connection with the code that tells why. */
class ConnectionError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The server's end of an HTTP/2 connection, as gRPC needs it: frames, streams, flow control. What is sent in one turn of the
 * event loop goes out in one write, which is what makes it quicker than node:http2. RFC 9113.
 */
export class Http2Connection implements Link {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #decoder = new HpackDecoder();
  readonly #streams = new Map<number, Http2Stream>();
  #lastId = 0;
  #rest: Buffer = Buffer.alloc(0);
  #hasPreface = false;
  #out: Buffer[] = [];
  #outBytes = 0;
  #isReading = false;
  #isFlushDue = false;
  /** A block of headers that goes on in the next frame. */
  #block:
    | { readonly id: number; readonly endStream: boolean; parts: Buffer[]; bytes: number }
    | undefined;
  /** What we may send, on all streams together. */
  sendWindow = defaultWindow;
  #initialWindow = defaultWindow;
  maxFrameSize = maxFrameSize;
  /** What came and is not granted again. */
  #received = 0;
  #isOver = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('close', () => this.#close());
    const { windowBytes } = options;
    const settings = Buffer.alloc(12);
    settings.writeUInt16BE(setting.initialWindowSize, 0);
    settings.writeUInt32BE(windowBytes, 2);
    settings.writeUInt16BE(setting.maxHeaderListSize, 6);
    settings.writeUInt32BE(maxHeaderBytes, 8);
    this.#frame(frameType.settings, 0, 0, settings);
    this.#grant(0, windowBytes - defaultWindow);
  }

  receive(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#isReading = true;
    try {
      this.#read(this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#fail(error.code, error.message);
    } finally {
      this.#isReading = false;
    }
    this.#flush();
  }

  /** Takes frames that are whole; they go out soon. */
  send(bytes: Buffer): void {
    this.#out.push(bytes);
    this.#outBytes += bytes.length;
    if (this.#isReading || this.#isFlushDue) return;
    this.#isFlushDue = true;
    process.nextTick(() => this.#flush());
  }

  forget(id: number): void {
    this.#streams.delete(id);
  }

  #flush(): void {
    this.#isFlushDue = false;
    if (!this.#out.length) return;
    const [out, bytes] = [this.#out, this.#outBytes];
    this.#out = [];
    this.#outBytes = 0;
    if (this.#socket.destroyed) return;
    const [first] = out;
    if (out.length === 1 && first) this.#socket.write(first);
    else if (bytes <= joinedBytes) this.#socket.write(Buffer.concat(out, bytes));
    else {
      this.#socket.cork();
      for (const part of out) this.#socket.write(part);
      this.#socket.uncork();
    }
  }

  #read(bytes: Buffer): void {
    let at = 0;
    if (!this.#hasPreface) {
      if (bytes.length < preface.length) {
        this.#rest = bytes;
        return;
      }
      if (bytes.compare(preface, 0, preface.length, 0, preface.length) !== 0)
        throw new ConnectionError(errorCode.protocol, 'no preface');
      this.#hasPreface = true;
      at = preface.length;
    }
    while (bytes.length - at >= frameHeadSize && !this.#isOver) {
      const length = bytes.readUIntBE(at, 3);
      if (length > maxFrameSize)
        throw new ConnectionError(errorCode.frameSize, 'a frame too large');
      const end = at + frameHeadSize + length;
      if (end > bytes.length) break;
      const [type = 0, flags = 0] = [bytes[at + 3], bytes[at + 4]];
      const id = bytes.readUInt32BE(at + 5) & maxWindow;
      this.#take(type, flags, id, bytes.subarray(at + frameHeadSize, end));
      at = end;
    }
    this.#rest = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
  }

  #take(type: number, flags: number, id: number, payload: Buffer): void {
    if (this.#block && (type !== frameType.continuation || id !== this.#block.id))
      throw new ConnectionError(errorCode.protocol, 'headers that are not continued');
    switch (type) {
      case frameType.data:
        this.#takeData(flags, id, payload);
        break;
      case frameType.headers: {
        const bytes = unpadded(flags, payload).subarray(flags & frameFlag.priority ? 5 : 0);
        const endStream = (flags & frameFlag.endStream) !== 0;
        this.#block = { id, endStream, parts: [], bytes: 0 };
        this.#takeHeaders(flags, bytes);
        break;
      }
      case frameType.continuation:
        this.#takeHeaders(flags, payload);
        break;
      case frameType.rstStream:
        sized(payload, 4);
        this.#streams.get(id)?.wasReset();
        break;
      case frameType.settings:
        this.#takeSettings(flags, payload);
        break;
      case frameType.ping:
        sized(payload, 8);
        if (!(flags & frameFlag.ack)) this.#frame(frameType.ping, frameFlag.ack, 0, payload);
        break;
      case frameType.windowUpdate:
        sized(payload, 4);
        this.#takeWindow(id, payload.readUInt32BE() & maxWindow);
        break;
      case frameType.pushPromise:
        throw new ConnectionError(errorCode.protocol, 'a client that pushes');
      default: // Priorities, farewells and what nobody knows change nothing.
    }
  }

  #takeData(flags: number, id: number, payload: Buffer): void {
    this.#received += payload.length;
    const { windowBytes } = this.#options;
    if (this.#received >= windowBytes / 2) {
      this.#grant(0, this.#received);
      this.#received = 0;
    }
    const stream = this.#streams.get(id);
    if (!stream) {
      if (id === 0 || id > this.#lastId)
        throw new ConnectionError(errorCode.protocol, 'data of no stream');
      return;
    }
    const isLast = (flags & frameFlag.endStream) !== 0;
    stream.received += payload.length;
    if (!isLast && stream.received >= windowBytes / 2) {
      this.#grant(id, stream.received);
      stream.received = 0;
    }
    stream.take(unpadded(flags, payload), isLast);
  }

  #takeHeaders(flags: number, bytes: Buffer): void {
    const block = this.#block;
    if (!block) throw new ConnectionError(errorCode.protocol, 'a continuation of nothing');
    block.parts.push(bytes);
    block.bytes += bytes.length;
    if (block.bytes > maxHeaderBytes)
      throw new ConnectionError(errorCode.enhanceYourCalm, 'too many headers');
    if (!(flags & frameFlag.endHeaders)) return;
    this.#block = undefined;
    const { id, endStream, parts } = block;
    const headers = this.#decode(parts.length === 1 ? bytes : Buffer.concat(parts));
    const known = this.#streams.get(id);
    if (known) {
      // Trailers, which say nothing to us.
      known.take(Buffer.alloc(0), true);
      return;
    }
    if (id % 2 === 0)
      throw new ConnectionError(errorCode.protocol, 'a stream that is not a client’s');
    // Of a stream that is over on our side.
    if (id <= this.#lastId) return;
    this.#lastId = id;
    const stream = new Http2Stream(id, this, this.#initialWindow);
    this.#streams.set(id, stream);
    this.#options.onStream(stream, headers);
    if (endStream) stream.take(Buffer.alloc(0), true);
  }

  #decode(block: Buffer): Headers {
    try {
      return this.#decoder.decode(block);
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
      throw new ConnectionError(errorCode.compression, error.message);
    }
  }

  #takeSettings(flags: number, payload: Buffer): void {
    if (flags & frameFlag.ack) return;
    if (payload.length % 6) throw new ConnectionError(errorCode.frameSize, 'a cut setting');
    for (let at = 0; at < payload.length; at += 6) {
      const value = payload.readUInt32BE(at + 2);
      switch (payload.readUInt16BE(at)) {
        case setting.initialWindowSize: {
          if (value > maxWindow)
            throw new ConnectionError(errorCode.flowControl, 'a window too large');
          const difference = value - this.#initialWindow;
          this.#initialWindow = value;
          for (const stream of [...this.#streams.values()]) stream.widen(difference);
          break;
        }
        case setting.maxFrameSize:
          this.maxFrameSize = Math.max(maxFrameSize, Math.min(value, joinedBytes));
          break;
        default: // Our headers use no table, and we push nothing.
      }
    }
    this.#frame(frameType.settings, frameFlag.ack, 0, Buffer.alloc(0));
  }

  #takeWindow(id: number, bytes: number): void {
    if (id !== 0) {
      this.#streams.get(id)?.widen(bytes);
      return;
    }
    this.sendWindow += bytes;
    if (this.sendWindow > maxWindow)
      throw new ConnectionError(errorCode.flowControl, 'a window too large');
    for (const stream of [...this.#streams.values()]) {
      if (this.sendWindow <= 0) break;
      stream.pump();
    }
  }

  #grant(id: number, bytes: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(bytes);
    this.#frame(frameType.windowUpdate, 0, id, payload);
  }

  #frame(type: number, flags: number, id: number, payload: Buffer): void {
    const bytes = Buffer.allocUnsafe(frameHeadSize + payload.length);
    writeFrameHead(bytes, 0, payload.length, type, flags, id);
    payload.copy(bytes, frameHeadSize);
    this.send(bytes);
  }

  #fail(code: number, message: string): void {
    const text = Buffer.from(message);
    const payload = Buffer.alloc(8 + text.length);
    payload.writeUInt32BE(this.#lastId, 0);
    payload.writeUInt32BE(code, 4);
    text.copy(payload, 8);
    this.#frame(frameType.goAway, 0, 0, payload);
    this.#flush();
    this.#socket.end();
    this.#close();
  }

  #close(): void {
    this.#isOver = true;
    for (const stream of [...this.#streams.values()]) stream.wasReset();
  }
}

function sized(payload: Buffer, size: number): void {
  if (payload.length !== size)
    throw new ConnectionError(errorCode.frameSize, 'a frame of wrong size');
}

function unpadded(flags: number, payload: Buffer): Buffer {
  if (!(flags & frameFlag.padded)) return payload;
  const padding = payload[0] ?? 0;
  if (padding >= payload.length)
    throw new ConnectionError(errorCode.protocol, 'padding without end');
  return payload.subarray(1, payload.length - padding);
}
