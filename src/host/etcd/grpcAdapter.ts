import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { EtcdError, grpcCode } from '../../sim/etcd/errors.ts';
import type { GrpcCall, GrpcStatus } from '../grpc/grpcCall.ts';
import type { GrpcServer } from '../grpc/grpcServer.ts';
import { framed } from '../grpc/messages.ts';
import { inTurn, type Settled } from './disk/inTurn.ts';
import { ProtoReader } from './wire/protoReader.ts';

/** What a handler may know about the call beside its message. */
export interface Caller {
  /** The token that the client got from Authenticate, if it sends one. */
  readonly token: string | undefined;
  /** It wants no answer of a member that knows no leader. */
  readonly requiresLeader: boolean;
}

/** The server's end of a stream. Handlers set what they want to hear before they return. */
export interface Stream<Request, Response> {
  readonly caller: Caller;
  /** An object, or what gRPC sends. */
  send(response: Response | Buffer): void;
  end(error?: EtcdError): void;
  onMessage(listener: (request: Request) => void): void;
  /** The client is gone or has said all it had to say. */
  onEnd(listener: () => void): void;
}

/** Ends a stream with what went wrong; what is not etcd's own error is a bug. */
export function endWith<Request, Response>(
  stream: Stream<Request, Response>,
  error: unknown,
): void {
  if (!(error instanceof EtcdError)) throw error;
  stream.end(error);
}

type Handler<M> = M extends {
  input: infer I extends DescMessage;
  output: infer O extends DescMessage;
  methodKind: infer K;
}
  ? K extends 'unary'
    ? (
        request: MessageShape<I>,
        caller: Caller,
      ) => MessageInitShape<O> | Promise<MessageInitShape<O>>
    : K extends 'server_streaming'
      ? (
          request: MessageShape<I>,
          stream: Stream<never, MessageInitShape<O>>,
        ) => void | Promise<void>
      : (stream: Stream<MessageShape<I>, MessageInitShape<O>>) => void
  : never;

/** A function a method; methods without one answer Unimplemented. */
export type Handlers<S extends DescService> = {
  readonly [K in keyof S['method']]?: Handler<S['method'][K]> | Raw;
};

/** A unary method that reads its requests itself, and answers with what gRPC sends. */
export class Raw {
  readonly read: (reader: ProtoReader) => object;
  readonly handler: AnyHandler;

  constructor(read: (reader: ProtoReader) => object, handler: AnyHandler) {
    this.read = read;
    this.handler = handler;
  }
}

export const raw = <Request extends object>(
  read: (reader: ProtoReader) => Request,
  handler: (request: Request, caller: Caller) => Buffer | Promise<Buffer>,
): Raw => new Raw(read, handler as AnyHandler);

type AnyHandler = (...args: unknown[]) => unknown;

/** What the services of a door have in common. */
export interface Serving {
  /** Hears of what should not have happened. */
  readonly onBug: (error: unknown) => void;
  /** Moves virtual time to the present before a request is taken. */
  readonly beforeRequest?: (() => void) | undefined;
  /** Nobody is told of what is not on disk yet. */
  readonly settled?: Settled | undefined;
  /** Throws EtcdError where a call is not taken at all. */
  readonly admit?: ((method: string, caller: Caller) => void) | undefined;
  /** Whether a refusal may come of being behind others: the call is tried again when it is so no longer. */
  readonly catchUp?: ((refusal: unknown) => Promise<void> | undefined) | undefined;
}

/** Serves a generated service description. */
export function addService<S extends DescService>(
  server: GrpcServer,
  service: S,
  handlers: Handlers<S>,
  serving: Serving,
): void {
  for (const method of service.methods) {
    const handler = (handlers as Record<string, AnyHandler | Raw | undefined>)[method.localName];
    const served = new Served(method, handler ?? notSimulated(service, method), serving);
    server.addMethod(service.typeName, method.name, served.call);
  }
}

const notSimulated = (service: DescService, method: DescMethod) => () => {
  throw new EtcdError(
    grpcCode.unimplemented,
    `etcdserver: ${service.name}/${method.name} is not simulated yet`,
  );
};

/** A method, its messages as objects. */
class Served {
  readonly #method: DescMethod;
  readonly #handler: AnyHandler;
  readonly #read: Raw['read'] | undefined;
  readonly #serving: Serving;

  constructor(method: DescMethod, handler: AnyHandler | Raw, serving: Serving) {
    this.#method = method;
    this.#handler = handler instanceof Raw ? handler.handler : handler;
    this.#read = handler instanceof Raw ? handler.read : undefined;
    this.#serving = serving;
  }

  /** Takes a call. */
  readonly call = (call: GrpcCall): void => {
    switch (this.#method.methodKind) {
      case 'unary':
        this.#onRequest(call, (request) => this.#unary(call, request));
        break;
      case 'server_streaming':
        this.#onRequest(call, (request) => {
          const served = this.#handler(request, this.#stream(call));
          if (served instanceof Promise)
            served.catch((error: unknown) => call.end(this.#failure(error)));
        });
        break;
      default:
        this.#start(call, () => this.#handler(this.#stream(call)));
    }
  };

  /** Waits for the only message that the client sends. */
  #onRequest(call: GrpcCall, take: (request: object) => void): void {
    let hasRequest = false;
    call.listen({
      message: (bytes) => {
        if (hasRequest) return;
        hasRequest = true;
        this.#start(call, () => take(this.#decode(bytes)));
      },
      halfClosed: () => {
        if (!hasRequest) call.end({ code: grpcCode.unknown, details: 'EOF' });
      },
      cancelled: () => undefined,
    });
  }

  #start(call: GrpcCall, start: () => void): void {
    this.#begin(call, () => {
      this.#serving.admit?.(this.#method.name, callerOf(call));
      start();
    });
  }

  #begin(call: GrpcCall, begin: () => void): void {
    try {
      this.#serving.beforeRequest?.();
      begin();
    } catch (error) {
      call.end(this.#failure(error));
    }
  }

  #unary(call: GrpcCall, request: object): void {
    const { settled } = this.#serving;
    const fail = (error: unknown): void => call.end(this.#failure(error));
    const answer = (value: unknown): void => {
      const onDisk = settled?.();
      const tell = (): void => call.finish(this.#encode(value));
      if (onDisk) onDisk.then(tell).catch(fail);
      else tell();
    };
    const result = this.#handled(request, callerOf(call));
    if (result instanceof Promise) result.then(answer).catch(fail);
    else answer(result);
  }

  #handled(request: object, caller: Caller): unknown {
    try {
      return this.#handler(request, caller);
    } catch (refusal) {
      const wait = this.#serving.catchUp?.(refusal);
      if (!wait) throw refusal;
      return wait.then(
        () => this.#handler(request, caller),
        () => {
          throw refusal;
        },
      );
    }
  }

  #stream(call: GrpcCall): Stream<object, object> {
    let isOpen = true;
    const fail = (error: unknown): void => call.end(this.#failure(error));
    const tell = inTurn(this.#serving.settled, fail);
    let onMessage: ((request: object) => void) | undefined;
    let onEnd: (() => void) | undefined;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      onEnd?.();
    };
    if (this.#method.methodKind === 'bidi_streaming')
      call.listen({
        message: (bytes) => this.#begin(call, () => onMessage?.(this.#decode(bytes))),
        halfClosed: () => {
          close();
          tell(() => call.end());
        },
        cancelled: close,
      });
    return {
      caller: callerOf(call),
      send: (response) => {
        if (isOpen) tell(() => call.send(this.#encode(response)));
      },
      end: (error) => {
        if (!isOpen) return;
        isOpen = false;
        tell(() => call.end(error && this.#failure(error)));
      },
      onMessage: (listener) => {
        onMessage = listener;
      },
      onEnd: (listener) => {
        onEnd = listener;
      },
    };
  }

  #decode(bytes: Buffer): object {
    try {
      if (this.#read) return this.#read(new ProtoReader(bytes));
      // A copy: what is kept of it must not keep all that came with it.
      return fromBinary(this.#method.input, new Uint8Array(bytes));
    } catch (error) {
      if (error instanceof EtcdError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new EtcdError(grpcCode.internal, `grpc: error unmarshalling request: ${why}`);
    }
  }

  #encode(value: unknown): Buffer {
    if (Buffer.isBuffer(value)) return value;
    const { output } = this.#method;
    return framed(toBinary(output, create(output, value as MessageInitShape<DescMessage>)));
  }

  #failure(error: unknown): GrpcStatus {
    if (error instanceof EtcdError) return { code: error.code, details: error.message };
    this.#serving.onBug(error);
    return { code: grpcCode.internal, details: `etcdserver: ${String(error)}` };
  }
}

/** The token under either name, as rpctypes has them for gRPC and for its gateway. */
const callerOf = ({ headers }: GrpcCall): Caller => ({
  token: headers.get('token') ?? headers.get('authorization'),
  requiresLeader: headers.get('hasleader') === 'true',
});
