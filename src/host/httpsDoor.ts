import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Disposable, type IDisposable } from '../base/disposable.ts';
import { decodeUtf8 } from '../base/bytes.ts';
import type { JsonObject } from '../api/meta.ts';
import type { Api, ApiBody, ApiRequest, ApiResponse, Peer } from '../api/wire.ts';
import type { CauseId } from '../trace/event.ts';
import { storageFailure } from '../sim/apiserver/apiServer.ts';
import { EtcdError } from '../sim/etcd/errors.ts';
import { inTurn, type Settled } from './etcd/disk/inTurn.ts';
import { fingerprint, type KeyPair } from './tls.ts';

/** The largest body that is read at all; the API server refuses smaller ones in its own words. */
const maxBody = 16 * 1024 * 1024;

export interface HttpsDoorOptions {
  readonly api: Api;
  readonly ca: string;
  readonly pair: KeyPair;
  /** Moves virtual time to the present before a request is taken. */
  readonly beforeRequest: () => void;
  /** The root of all requests of one connection, made when it brings the first one. */
  readonly connected: (userAgent: string) => CauseId;
  /** Nobody is told of what is not on disk yet. */
  readonly settled?: Settled;
  readonly onError: (error: unknown) => void;
}

type Request = http2.Http2ServerRequest | http.IncomingMessage;
type Response = http2.Http2ServerResponse | http.ServerResponse;

/**
 * The API server's port on 127.0.0.1: TLS, HTTP/2 and HTTP/1.1. Client certificates are asked for and, if they are the
 * cluster's, become the peer; who has none is anonymous, or brings a token.
 */
export class HttpsDoor extends Disposable {
  readonly #options: HttpsDoorOptions;
  readonly #server: http2.Http2SecureServer;
  readonly #sockets = new Set<TLSSocket>();
  readonly #roots = new WeakMap<object, CauseId>();

  constructor(options: HttpsDoorOptions) {
    super();
    this.#options = options;
    this.#server = http2.createSecureServer({
      allowHTTP1: true,
      key: options.pair.key,
      cert: options.pair.cert,
      ca: options.ca,
      requestCert: true,
      rejectUnauthorized: false,
      settings: { maxConcurrentStreams: 250 },
    });
    this.#server.on('secureConnection', (socket: TLSSocket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined); // a client that goes away is no fault of ours
    });
    this.#server.on('sessionError', () => undefined);
    this.#server.on('request', (request: Request, response: Response) => {
      this.#serve(request, response).catch((error: unknown) => {
        options.onError(error);
        if (!response.headersSent) response.statusCode = 500;
        response.end();
      });
    });
    this._register({ dispose: () => this.#close() });
  }

  /** @returns the port */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#options.onError(error));
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  #close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(request: Request, response: Response): Promise<void> {
    const body = await readBody(request);
    const socket = request.socket as TLSSocket;
    const headers = headersOf(request);
    this.#options.beforeRequest();
    const apiRequest: ApiRequest = {
      method: request.method ?? 'GET',
      url: request.url ?? '/',
      headers,
      ...(body.length && { body }),
      peer: peerOf(socket),
      cause: this.#rootOf(request, String(headers['user-agent'] ?? '')),
    };
    const answer = await this.#options.api.handle(apiRequest);
    send(response, await this.#kept(answer), this.#options);
  }

  /** What was written may not have found room on the disk: then that is the answer, as when etcd refuses it. */
  async #kept(answer: ApiResponse): Promise<ApiResponse> {
    try {
      await this.#options.settled?.();
      return answer;
    } catch (error) {
      if (error instanceof EtcdError) {
        const { status } = storageFailure(error);
        return {
          code: 500,
          headers: {},
          body: { kind: 'object', object: { ...status } as unknown as JsonObject },
        };
      }
      throw error;
    }
  }

  /** kubectl has one connection a command: all its requests are one story. */
  #rootOf(request: Request, userAgent: string): CauseId {
    const connection =
      'stream' in request ? (request.stream.session ?? request.socket) : request.socket;
    let root = this.#roots.get(connection);
    if (root === undefined)
      this.#roots.set(connection, (root = this.#options.connected(userAgent)));
    return root;
  }
}

function headersOf(request: Request): ApiRequest['headers'] {
  const headers: Record<string, string | readonly string[] | undefined> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (!name.startsWith(':')) headers[name] = value;
  return headers;
}

const peers = new WeakMap<TLSSocket, Peer>();

function peerOf(socket: TLSSocket): Peer {
  let peer = peers.get(socket);
  if (!peer) {
    const certificate = socket.authorized ? socket.getPeerCertificate() : undefined;
    const subject = certificate?.subject as { CN?: string; O?: string | string[] } | undefined;
    peer = {
      ...(certificate &&
        subject?.CN !== undefined && {
          certificate: {
            commonName: subject.CN,
            organizations: [subject.O ?? []].flat(),
            sha256: fingerprint(certificate.raw),
          },
        }),
      address: socket.remoteAddress ?? '127.0.0.1',
    };
    peers.set(socket, peer);
  }
  return peer;
}

async function readBody(request: Request): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBody) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** HTTP/2 knows no such headers. */
const connectionHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

function send(
  response: Response,
  { code, headers, body }: ApiResponse,
  options: HttpsDoorOptions,
): void {
  response.statusCode = code;
  for (const [name, value] of Object.entries(headers))
    if (!connectionHeaders.has(name)) response.setHeader(name, value);
  const type = contentType(body);
  if (type !== undefined && !('content-type' in headers)) response.setHeader('content-type', type);
  response.on('error', () => undefined);
  switch (body.kind) {
    case 'none':
      response.end();
      return;
    case 'object':
      response.end(JSON.stringify(body.object) + '\n');
      return;
    case 'text':
      response.end(body.text);
      return;
    case 'bytes':
      response.end(body.bytes);
      return;
    case 'watch':
    case 'stream':
      stream(response, body, options);
  }
}

function contentType(body: ApiBody): string | undefined {
  switch (body.kind) {
    case 'none':
      return undefined;
    case 'object':
    case 'watch':
      return 'application/json';
    default:
      return body.contentType;
  }
}

function stream(
  response: Response,
  body: Extract<ApiBody, { kind: 'watch' | 'stream' }>,
  { onError, settled }: HttpsDoorOptions,
): void {
  flush(response);
  const tell = inTurn(settled, () => response.destroy());
  const write = (text: string) =>
    tell(() => {
      if (!response.writableEnded) (response as http.ServerResponse).write(text);
    });
  const end = () =>
    tell(() => {
      if (!response.writableEnded) response.end();
    });
  let source: IDisposable | undefined;
  response.on('close', () => source?.dispose());
  try {
    source =
      body.kind === 'watch'
        ? body.start({
            frame: ({ type, object }) => write(`${JSON.stringify({ type, object })}\n`),
            end,
          })
        : body.start({ chunk: (bytes) => write(decodeUtf8(bytes)), end });
  } catch (error) {
    onError(error);
    end();
  }
}

/** A watcher waits for the headers, also when nothing happens. */
function flush(response: Response): void {
  if (response instanceof http.ServerResponse) response.flushHeaders();
  else if (!response.stream.headersSent) response.writeHead(response.statusCode);
}
