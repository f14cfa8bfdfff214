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
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  MethodDefinition,
  Server,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { EtcdError, grpcCode } from '../../sim/etcd/errors.ts';
import { inTurn, type Settled } from './disk/inTurn.ts';

/** What a handler may know about the call beside its message. */
export interface Caller {
  /** The token that the client got from Authenticate, if it sends one. */
  readonly token: string | undefined;
}

/** The server's end of a stream. Handlers set what they want to hear before they return. */
export interface Stream<Request, Response> {
  readonly caller: Caller;
  send(response: Response): void;
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
      ? (request: MessageShape<I>, stream: Stream<never, MessageInitShape<O>>) => void
      : (stream: Stream<MessageShape<I>, MessageInitShape<O>>) => void
  : never;

/** A function a method; methods without one answer Unimplemented. */
export type Handlers<S extends DescService> = {
  readonly [K in keyof S['method']]?: Handler<S['method'][K]>;
};

type AnyHandler = (...args: unknown[]) => unknown;

/** Serves a generated service description. `onBug` hears of what should not have happened. */
export function addService<S extends DescService>(
  server: Server,
  service: S,
  handlers: Handlers<S>,
  onBug: (error: unknown) => void,
  beforeRequest?: () => void,
  settled?: Settled,
): void {
  const definition: Record<string, MethodDefinition<object, object>> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const method of service.methods) {
    definition[method.name] = definitionOf(service, method);
    const handler = (handlers as Record<string, AnyHandler | undefined>)[method.localName];
    implementation[method.name] = handlerOf(
      method,
      handler ??
        (() => {
          throw new EtcdError(
            grpcCode.unimplemented,
            `etcdserver: ${service.name}/${method.name} is not simulated yet`,
          );
        }),
      onBug,
      beforeRequest,
      settled,
    );
  }
  server.addService(definition, implementation);
}

function definitionOf(service: DescService, method: DescMethod): MethodDefinition<object, object> {
  const { input, output, methodKind } = method;
  const serialize = (schema: DescMessage) => (value: object) =>
    Buffer.from(toBinary(schema, create(schema, value as MessageInitShape<DescMessage>)));
  const deserialize = (schema: DescMessage) => (bytes: Buffer) => fromBinary(schema, bytes);
  return {
    path: `/${service.typeName}/${method.name}`,
    requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    requestSerialize: serialize(input),
    requestDeserialize: deserialize(input),
    responseSerialize: serialize(output),
    responseDeserialize: deserialize(output),
  };
}

interface Metadata {
  get(key: string): (string | Buffer)[];
}

const callerOf = (metadata: Metadata): Caller => ({
  // Under either name, as rpctypes has them for gRPC and for its gateway.
  token: (metadata.get('token')[0] ?? metadata.get('authorization')[0])?.toString(),
});

function handlerOf(
  method: DescMethod,
  handler: AnyHandler,
  onBug: (error: unknown) => void,
  beforeRequest?: () => void,
  settled?: Settled,
) {
  const failure = (error: unknown): { code: number; details: string } => {
    if (error instanceof EtcdError) return { code: error.code, details: error.message };
    onBug(error);
    return { code: grpcCode.internal, details: `etcdserver: ${String(error)}` };
  };

  const unary: handleUnaryCall<object, object> = (call, callback) => {
    const fail = (error: unknown): void => callback(failure(error));
    const answer = (value: unknown): void =>
      inTurn(settled, fail)(() => callback(null, value as object));
    try {
      beforeRequest?.();
      const result = handler(call.request, callerOf(call.metadata));
      if (!(result instanceof Promise)) answer(result);
      else result.then(answer, fail);
    } catch (error) {
      fail(error);
    }
  };
  if (method.methodKind === 'unary') return unary;

  type Call = Parameters<handleBidiStreamingCall<object, object>>[0];
  const streamOf = (call: Call): Stream<object, object> => {
    let isOpen = true;
    const tell = inTurn(settled, (error) => call.emit('error', failure(error)));
    return {
      caller: callerOf(call.metadata),
      send: (response) => {
        if (isOpen) tell(() => call.write(response));
      },
      end: (error) => {
        if (!isOpen) return;
        isOpen = false;
        tell(() => {
          if (error) call.emit('error', failure(error));
          else call.end();
        });
      },
      onMessage: (listener) => {
        call.on('data', (request: object) => {
          beforeRequest?.();
          listener(request);
        });
      },
      onEnd: (listener) => {
        const once = (): void => {
          if (!isOpen) return;
          isOpen = false;
          listener();
        };
        call.on('cancelled', once);
        call.on('error', once);
        call.on('end', () => {
          once();
          tell(() => call.end());
        });
      },
    };
  };
  const streaming: handleBidiStreamingCall<object, object> = (call) => {
    const stream = streamOf(call);
    try {
      beforeRequest?.();
      if (method.methodKind === 'server_streaming')
        handler((call as unknown as { request: object }).request, stream);
      else handler(stream);
    } catch (error) {
      call.emit('error', failure(error));
    }
  };
  return streaming as handleBidiStreamingCall<object, object> &
    handleServerStreamingCall<object, object>;
}
