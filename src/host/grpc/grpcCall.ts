import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { MethodCounts } from './callCounts.ts';
import { MessageReader } from './messages.ts';

/** How a call ends; 0 is well. */
export interface GrpcStatus {
  readonly code: number;
  readonly details: string;
}

export interface CallListener {
  readonly message: (bytes: Buffer) => void;
  /** The client has said all it had to say. */
  readonly halfClosed: () => void;
  /** The client is gone, or its deadline has passed: nobody hears what is sent from now on. */
  readonly cancelled: () => void;
}

const ok: GrpcStatus = { code: 0, details: '' };
const deadlineExceeded: GrpcStatus = { code: 4, details: 'context deadline exceeded' };
/** The code of a call whose client is gone. */
const cancelled = 1;
const cutOff: GrpcStatus = { code: 13, details: 'unexpected EOF' };
const contentType = 'application/grpc';
const answerHeaders = { ':status': 200, 'content-type': contentType };
const answerOptions = { waitForTrailers: true, sendDate: false };
const okTrailers: Readonly<Record<string, string>> = { 'grpc-status': '0', 'grpc-message': '' };
/** No timer is longer. */
const maxTimerMs = 2 ** 31 - 1;

/** The server's end of one call: messages as bytes, both ways, until it ends with a status. */
export class GrpcCall {
  readonly headers: IncomingHttpHeaders;
  readonly #stream: ServerHttp2Stream;
  readonly #reader: MessageReader;
  readonly #counts: MethodCounts | undefined;
  #listener: CallListener | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #trailers = okTrailers;
  #hasAnswered = false;
  #isOver = false;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    maxMessageBytes: number,
    counts?: MethodCounts,
  ) {
    this.headers = headers;
    this.#counts = counts;
    if (counts) counts.started++;
    this.#stream = stream;
    this.#reader = new MessageReader(headers['grpc-encoding'], maxMessageBytes, {
      message: (bytes) => {
        if (!this.#isOver) this.#listener?.message(bytes);
      },
      error: (error) => this.#fail(error),
    });
    // What is wrong with it, `close` tells as well.
    stream.on('error', () => undefined);
  }

  /** Hands the call to its handler, with the deadline that its client set. */
  run(handler: (call: GrpcCall) => void): void {
    const timeout = this.headers['grpc-timeout']?.toString();
    const timeoutMs = timeout === undefined ? undefined : timeoutOf(timeout);
    if (Number.isNaN(timeoutMs)) {
      this.#isOver = true;
      refuse(this.#stream, 400, { code: 13, details: `malformed grpc-timeout: "${timeout}"` });
      return;
    }
    handler(this);
    if (this.#isOver) return;
    if (timeoutMs !== undefined && timeoutMs <= maxTimerMs)
      this.#deadline = setTimeout(() => this.#fail(deadlineExceeded), timeoutMs);
    const stream = this.#stream;
    stream.on('data', (chunk: Buffer) => {
      if (!this.#isOver) this.#reader.push(chunk);
    });
    // One that is reset also ends, and is known to be closed only a moment later.
    stream.on('end', () => setImmediate(() => this.#halfClose()));
    stream.on('close', () => this.#cancel());
  }

  listen(listener: CallListener): void {
    this.#listener = listener;
  }

  /** Sends a message that `framed` made. */
  send(message: Buffer): void {
    if (this.#isOver || this.#isGone) return;
    this.#answer();
    this.#stream.write(message);
  }

  /** The last message, and that all is well. */
  finish(message: Buffer): void {
    if (this.#isOver) return;
    this.#close(ok.code);
    if (this.#isGone) return;
    this.#answer();
    this.#stream.end(message);
  }

  end(status: GrpcStatus = ok): void {
    if (this.#isOver) return;
    this.#close(status.code);
    const stream = this.#stream;
    if (this.#isGone) return;
    if (!this.#hasAnswered) {
      stream.respond({ ...answerHeaders, ...trailersOf(status) }, { endStream: true });
      stream.resume();
      return;
    }
    this.#trailers = trailersOf(status);
    stream.end();
  }

  get #isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  #answer(): void {
    if (this.#hasAnswered) return;
    this.#hasAnswered = true;
    const stream = this.#stream;
    stream.respond(answerHeaders, answerOptions);
    stream.on('wantTrailers', () => stream.sendTrailers(this.#trailers));
  }

  #close(code: number): void {
    this.#isOver = true;
    clearTimeout(this.#deadline);
    const handled = this.#counts?.handled;
    if (handled) handled[code] = (handled[code] ?? 0) + 1;
  }

  #fail(status: GrpcStatus): void {
    if (this.#isOver) return;
    this.end(status);
    this.#listener?.cancelled();
  }

  #halfClose(): void {
    if (this.#isOver || this.#isGone) return;
    if (this.#reader.isWithinMessage) this.#fail(cutOff);
    else this.#listener?.halfClosed();
  }

  #cancel(): void {
    if (this.#isOver) return;
    this.#close(cancelled);
    this.#listener?.cancelled();
  }
}

/** Refuses what is no proper call. */
export function refuse(stream: ServerHttp2Stream, httpStatus: number, status: GrpcStatus): void {
  stream.on('error', () => undefined);
  stream.respond(
    { ':status': httpStatus, 'content-type': contentType, ...trailersOf(status) },
    { endStream: true },
  );
  stream.resume();
}

const trailersOf = ({ code, details }: GrpcStatus): Readonly<Record<string, string>> => ({
  'grpc-status': String(code),
  'grpc-message': encodeDetails(details),
});

/** All but printable ASCII is percent-encoded, as UTF-8, and so is the percent sign. */
const encodeDetails = (details: string): string =>
  details.replace(/[^ -$&-~]+/g, (text) =>
    [...Buffer.from(text)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );

const unitsMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** Milliseconds; NaN when it is none. */
function timeoutOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  return number ? Math.ceil(Number(number) * (unitsMs[unit] ?? 0)) : Number.NaN;
}
