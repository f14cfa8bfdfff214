import net from 'node:net';
import tls from 'node:tls';
import type { IDisposable } from '../../base/disposable.ts';
import { CallCounts, type MethodCounts } from './callCounts.ts';
import { Http2Connection, preface } from '../http2/connection.ts';
import { GrpcCall, refuse, type GrpcStatus } from './grpcCall.ts';

export interface GrpcServerOptions {
  /** Messages that are larger are refused. */
  readonly maxMessageBytes: number;
  /** Speaks TLS with these (PEM), and asks clients for certificates when it has a CA for them. */
  readonly tls?: {
    readonly certificate: string;
    readonly key: string;
    readonly clientCa?: string;
  };
  /**
   * Gets a connection that does not begin as HTTP/2 does, with all that it has sent, and listens to it at once; without this,
   * it is closed.
   */
  readonly onHttp1?: (socket: net.Socket) => void;
}

/** Takes a call when its headers are there; sets what it wants to hear before it returns. */
export type CallHandler = (call: GrpcCall) => void;

/** Messages of usual size come without a pause, whatever a connection's clients send at once. */
const windowBytes = 1024 * 1024;
const grpcTypes = /^application\/grpc(?:[+;]|$)/;

/**
 * gRPC over HTTP/2 for methods that take and give bytes. Each connection is HTTP/2 from its first byte on, or it goes to whoever
 * speaks HTTP/1 at this port. Models google.golang.org/grpc server.go and internal/transport http2_server.go.
 */
export class GrpcServer implements IDisposable {
  readonly #options: GrpcServerOptions;
  readonly #server: net.Server;
  readonly counts = new CallCounts();
  readonly #methods = new Map<
    string,
    { readonly handler: CallHandler; readonly counts: MethodCounts }
  >();
  readonly #services = new Set<string>();
  readonly #sockets = new Set<net.Socket>();

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    const accept = (socket: net.Socket): void => this.#accept(socket);
    this.#server = options.tls
      ? tls.createServer(secureOptions(options.tls), accept)
      : net.createServer({ noDelay: true }, accept);
    this.#server.on('connection', (socket: net.Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  addMethod(service: string, method: string, handler: CallHandler): void {
    this.#services.add(service);
    const path = `/${service}/${method}`;
    this.#methods.set(path, { handler, counts: this.counts.of(path) });
  }

  /** Returns the port; 0 asks for a free one. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as net.AddressInfo).port);
      });
    });
  }

  /** Ends all connections at once. */
  dispose(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: net.Socket): void {
    socket.on('error', () => socket.destroy());
    let begun: Buffer = Buffer.alloc(0);
    const look = (chunk: Buffer): void => {
      begun = begun.length ? Buffer.concat([begun, chunk]) : chunk;
      const length = Math.min(begun.length, preface.length);
      const isHttp2 = begun.compare(preface, 0, length, 0, length) === 0;
      if (isHttp2 && length < preface.length) return;
      socket.off('data', look);
      if (isHttp2) {
        this.#serve(socket).receive(begun);
        return;
      }
      socket.pause();
      socket.unshift(begun);
      if (this.#options.onHttp1) {
        this.#options.onHttp1(socket);
        socket.resume();
      } else socket.destroy();
    };
    socket.on('data', look);
  }

  #serve(socket: net.Socket): Http2Connection {
    return new Http2Connection(socket, {
      windowBytes,
      onStream: (stream, headers) => {
        const type = headers.get('content-type') ?? '';
        if (!grpcTypes.test(type)) {
          const details = `invalid gRPC request content-type "${type}"`;
          refuse(stream, 415, { code: 3, details });
          return;
        }
        const path = headers.get(':path') ?? '';
        const method = this.#methods.get(path);
        const call = new GrpcCall(stream, headers, this.#options.maxMessageBytes, method?.counts);
        if (method) call.run(method.handler);
        else call.end(this.#unknown(path));
      },
    });
  }

  #unknown(path: string): GrpcStatus {
    const [, service, method] = /^\/(.+)\/([^/]*)$/.exec(path) ?? [];
    const details =
      service === undefined
        ? `malformed method name: "${path}"`
        : this.#services.has(service)
          ? `unknown method ${method} for service ${service}`
          : `unknown service ${service}`;
    return { code: 12, details };
  }
}

const secureOptions = ({
  certificate,
  key,
  clientCa,
}: NonNullable<GrpcServerOptions['tls']>): tls.TlsOptions => ({
  cert: certificate,
  key,
  noDelay: true,
  ALPNProtocols: ['h2', 'http/1.1'],
  ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
});
