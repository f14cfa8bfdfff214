import http from 'node:http';
import type { Socket } from 'node:net';
import type { DescService } from '@bufbuild/protobuf';
import type { Micros } from '../../../base/time.ts';
import type { CallCounts } from '../../grpc/callCounts.ts';
import { EtcdError } from '../../../sim/etcd/errors.ts';
import { etcdVersion, storageVersion } from '../member.ts';
import type { Etcd } from '../services.ts';
import { etcdFamilies, grpcFamilies, processFamilies } from './etcdMetrics.ts';
import { errorAnswer, Health, type HttpAnswer } from './health.ts';
import { textOf } from './prometheus.ts';

export interface EtcdHttpOptions {
  readonly etcd: Etcd;
  readonly services: readonly DescService[];
  readonly calls: CallCounts;
  readonly now: () => Micros;
  /** Moves virtual time to the present before a request is taken. */
  readonly beforeRequest?: (() => void) | undefined;
  readonly onBug: (error: unknown) => void;
}

/** What etcd tells every origin. */
const everyAnswer = {
  'Access-Control-Allow-Headers': 'accept, content-type, authorization',
  'Access-Control-Allow-Methods': 'POST, GET, OPTIONS, PUT, DELETE',
  'Access-Control-Allow-Origin': '*',
};
const metricsType = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

/**
 * What etcd serves over HTTP/1 at its clients' port: health, version and metrics, to everyone, as the real one does; no data.
 * Models go.etcd.io/etcd/server/v3/etcdserver/api/etcdhttp.
 */
export class EtcdHttp {
  readonly #options: EtcdHttpOptions;
  readonly #health: Health;
  readonly #server: http.Server;

  constructor(options: EtcdHttpOptions) {
    this.#options = options;
    this.#health = new Health(options.etcd);
    this.#server = http.createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.destroy();
        options.onBug(error);
      });
    });
  }

  /** Serves a connection. One to a member that does not run is cut off. */
  take(socket: Socket): void {
    try {
      this.#options.etcd.server();
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      socket.destroy();
      return;
    }
    this.#server.emit('connection', socket);
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { beforeRequest } = this.#options;
    beforeRequest?.();
    request.resume();
    for (const [name, value] of Object.entries(everyAnswer)) response.setHeader(name, value);
    const url = URL.parse(request.url ?? '/', 'http://etcd') ?? new URL('http://etcd/');
    if (request.method === 'OPTIONS') response.end();
    else if (url.pathname === '/metrics') {
      response.setHeader('Content-Type', metricsType);
      response.end(this.#metrics());
    } else {
      const { code, type, body } = await this.#page(request.method ?? '', url);
      response.statusCode = code;
      if (type) response.setHeader('Content-Type', type);
      if (code >= 400 || /^\/(?:livez|readyz)/.test(url.pathname))
        response.setHeader('X-Content-Type-Options', 'nosniff');
      if (code === 405) response.setHeader('Allow', 'GET');
      response.setHeader('Content-Length', Buffer.byteLength(body));
      response.end(body);
    }
  }

  async #page(method: string, url: URL): Promise<HttpAnswer> {
    const known = /^\/(?:health|version|livez|readyz)(?:\/|$)/.test(url.pathname);
    if (known && method !== 'GET') return errorAnswer(405, 'Method Not Allowed');
    if (url.pathname === '/version') return version();
    return (await this.#health.answer(url)) ?? errorAnswer(404, '404 page not found');
  }

  #metrics(): string {
    const { etcd, services, calls, now } = this.#options;
    return textOf([
      ...etcdFamilies(etcd, now()),
      ...grpcFamilies(services, calls),
      ...this.#health.families(),
      ...processFamilies(),
    ]);
  }
}

const version = (): HttpAnswer => ({
  code: 200,
  type: 'application/json',
  body: JSON.stringify({
    etcdserver: etcdVersion,
    etcdcluster: storageVersion,
    storage: storageVersion,
  }),
});
