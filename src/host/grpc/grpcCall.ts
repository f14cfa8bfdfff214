import { encodeHeaders, type Headers } from '../http2/hpack.ts';
import type { Http2Stream } from '../http2/stream.ts';
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
const answerHeaders = encodeHeaders({ ':status': '200', 'content-type': contentType });
const okTrailers = encodeHeaders({ 'grpc-status': '0', 'grpc-message': '' });
/** No timer is longer. */
const maxTimerMs = 2 ** 31 - 1;

/** The server's end of one call: messages as bytes, both ways, until it ends with a status. */
export class GrpcCall {
  readonly headers: Headers;
  readonly #stream: Http2Stream;
  readonly #reader: MessageReader;
  readonly #counts: MethodCounts | undefined;
  #listener: CallListener | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #hasAnswered = false;
  #isOver = false;

  constructor(
    stream: Http2Stream,
    headers: Headers,
    maxMessageBytes: number,
    counts?: MethodCounts,
  ) {
    this.headers = headers;
    this.#counts = counts;
    if (counts) counts.started++;
    this.#stream = stream;
    this.#reader = new MessageReader(headers.get('grpc-encoding'), maxMessageBytes, {
      message: (bytes) => {
        if (!this.#isOver) this.#listener?.message(bytes);
      },
      error: (error) => this.#fail(error),
    });
  }

  /** Hands the call to its handler, with the deadline that its client set. */
  run(handler: (call: GrpcCall) => void): void {
    const timeout = this.headers.get('grpc-timeout');
    const timeoutMs = timeout === undefined ? undefined : timeoutOf(timeout);
    if (Number.isNaN(timeoutMs)) {
      this.#isOver = true;
      refuse(this.#stream, 400, { code: 13, details: `malformed grpc-timeout: "${timeout}"` });
      return;
    }
    this.#stream.listen({
      data: (bytes) => this.#reader.push(bytes),
      ended: () => this.#halfClose(),
      reset: () => this.#cancel(),
    });
    handler(this);
    if (timeoutMs !== undefined && timeoutMs <= maxTimerMs && !this.#isOver)
      this.#deadline = setTimeout(() => this.#fail(deadlineExceeded), timeoutMs);
  }

  listen(listener: CallListener): void {
    this.#listener = listener;
  }

  /** Sends a message that `framed` made. */
  send(message: Buffer): void {
    if (this.#isOver) return;
    this.#answer();
    this.#stream.write(message);
  }

  /** The last message, and that all is well. */
  finish(message: Buffer): void {
    if (this.#isOver) return;
    this.#close(ok.code);
    if (!this.#hasAnswered) {
      this.#stream.answer(answerHeaders, message, okTrailers);
      return;
    }
    this.#stream.write(message);
    this.#stream.end(okTrailers);
  }

  end(status: GrpcStatus = ok): void {
    if (this.#isOver) return;
    this.#close(status.code);
    if (this.#hasAnswered) this.#stream.end(encodeHeaders(trailersOf(status)));
    else refuse(this.#stream, 200, status);
  }

  #answer(): void {
    if (this.#hasAnswered) return;
    this.#hasAnswered = true;
    this.#stream.headers(answerHeaders, false);
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
    if (this.#isOver) return;
    if (this.#reader.isWithinMessage) this.#fail(cutOff);
    else this.#listener?.halfClosed();
  }

  #cancel(): void {
    if (this.#isOver) return;
    this.#close(cancelled);
    this.#listener?.cancelled();
  }
}

/** An answer without a message. */
export function refuse(stream: Http2Stream, httpStatus: number, status: GrpcStatus): void {
  const fields = { ':status': String(httpStatus), 'content-type': contentType };
  stream.headers(encodeHeaders({ ...fields, ...trailersOf(status) }), true);
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
