import { frameFlag, frameHeadSize, frameType, writeFrameHead } from './frames.ts';

/** What a stream needs of its connection. */
export interface Link {
  sendWindow: number;
  readonly maxFrameSize: number;
  send(bytes: Buffer): void;
  /** The stream is over on both sides. */
  forget(id: number): void;
}

export interface StreamListener {
  readonly data: (bytes: Buffer) => void;
  /** The client has said all it had to say. */
  readonly ended: () => void;
  /** The client has given it up, or its connection is gone. */
  readonly reset: () => void;
}

/** The server's end of one stream. What does not fit through its window waits. */
export class Http2Stream {
  readonly id: number;
  readonly #link: Link;
  #listener: StreamListener | undefined;
  #window: number;
  #waiting: Buffer[] = [];
  #trailers: Buffer | undefined;
  #hasEnded = false;
  #isOver = false;
  /** What came and is not granted again. */
  received = 0;

  constructor(id: number, link: Link, window: number) {
    this.id = id;
    this.#link = link;
    this.#window = window;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  listen(listener: StreamListener): void {
    this.#listener = listener;
  }

  /** @param block of headers; the last one ends the stream */
  headers(block: Buffer, isLast: boolean): void {
    if (this.#isOver) return;
    const flags = frameFlag.endHeaders | (isLast ? frameFlag.endStream : 0);
    const bytes = Buffer.allocUnsafe(frameHeadSize + block.length);
    writeFrameHead(bytes, 0, block.length, frameType.headers, flags, this.id);
    block.copy(bytes, frameHeadSize);
    this.#link.send(bytes);
    if (isLast) this.#end();
  }

  write(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#waiting.push(bytes);
    this.pump();
  }

  /** Ends the stream after what was written. */
  end(trailers: Buffer): void {
    if (this.#isOver) return;
    this.#trailers = trailers;
    this.pump();
  }

  /** All of an answer at once, in one piece where it fits. */
  answer(headers: Buffer, bytes: Buffer, trailers: Buffer): void {
    if (this.#isOver) return;
    const link = this.#link;
    if (bytes.length > Math.min(link.maxFrameSize, link.sendWindow, this.#window)) {
      this.headers(headers, false);
      this.write(bytes);
      this.end(trailers);
      return;
    }
    link.sendWindow -= bytes.length;
    const { length } = headers;
    const data = frameHeadSize + length;
    const last = data + frameHeadSize + bytes.length;
    const all = Buffer.allocUnsafe(last + frameHeadSize + trailers.length);
    writeFrameHead(all, 0, length, frameType.headers, frameFlag.endHeaders, this.id);
    all.set(headers, frameHeadSize);
    writeFrameHead(all, data, bytes.length, frameType.data, 0, this.id);
    all.set(bytes, data + frameHeadSize);
    const flags = frameFlag.endHeaders | frameFlag.endStream;
    writeFrameHead(all, last, trailers.length, frameType.headers, flags, this.id);
    all.set(trailers, last + frameHeadSize);
    link.send(all);
    this.#end();
  }

  /** Sends what fits. */
  pump(): void {
    const link = this.#link;
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const size = Math.min(first.length, link.maxFrameSize, link.sendWindow, this.#window);
      if (size <= 0 && first.length > 0) return;
      const bytes = Buffer.allocUnsafe(frameHeadSize + size);
      writeFrameHead(bytes, 0, size, frameType.data, 0, this.id);
      first.copy(bytes, frameHeadSize, 0, size);
      link.sendWindow -= size;
      this.#window -= size;
      link.send(bytes);
      if (size === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(size);
    }
    if (this.#trailers) this.headers(this.#trailers, true);
  }

  widen(bytes: number): void {
    this.#window += bytes;
    this.pump();
  }

  /** The connection has something for it; when all is said here, it is not wanted. */
  take(bytes: Buffer, isLast: boolean): void {
    this.#hasEnded ||= isLast;
    if (bytes.length && !this.#isOver) this.#listener?.data(bytes);
    if (!isLast) return;
    if (this.#isOver) this.#link.forget(this.id);
    else this.#listener?.ended();
  }

  wasReset(): void {
    this.#link.forget(this.id);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener?.reset();
  }

  #end(): void {
    this.#isOver = true;
    if (this.#hasEnded) this.#link.forget(this.id);
  }
}
