import type { JsonObject } from '../../src/api/meta.ts';
import type { ApiResponse, FrameSink, Peer, WatchFrame } from '../../src/api/wire.ts';
import { encodeUtf8 } from '../../src/base/bytes.ts';
import { millisecond } from '../../src/base/time.ts';
import { ApiServer, type ApiServerOptions } from '../../src/sim/apiserver/apiServer.ts';
import { Store } from '../../src/sim/etcd/store.ts';
import { EventLoop } from '../../src/sim/time/eventLoop.ts';
import { SeededRandom } from '../../src/sim/time/random.ts';
import type { TraceEvent } from '../../src/trace/event.ts';
import { TraceLog } from '../../src/trace/log.ts';
import { drain } from './drain.ts';
import { plainTokens } from './plainTokens.ts';

export const admin: Peer = {
  certificate: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
};
export const user = (commonName: string, ...organizations: string[]): Peer => ({
  certificate: { commonName, organizations },
});

export interface Sent {
  readonly as?: Peer;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export interface Answer {
  readonly code: number;
  readonly headers: ApiResponse['headers'];
  /** The object of the answer; its text under `text` when it is none. */
  readonly body: JsonObject;
  readonly raw: ApiResponse;
  /** Of a Status. */
  readonly message: string;
}

/** An API server over an etcd, driven in virtual time, for tests. */
export class TestApi {
  readonly loop = new EventLoop(Date.parse('2026-11-21T04:00:00Z') * millisecond, drain);
  readonly trace = new TraceLog(this.loop);
  readonly store = new Store({ trace: this.trace, clock: this.loop });
  readonly server: ApiServer;

  constructor(options: Partial<ApiServerOptions> = {}) {
    this.server = new ApiServer({
      kv: this.store,
      clock: this.loop,
      random: new SeededRandom(1),
      trace: this.trace,
      tokens: plainTokens,
      caPem: 'PEM',
      serviceCidr: '10.96.0.0/16',
      ...options,
    });
  }

  static async boot(options: Partial<ApiServerOptions> = {}): Promise<TestApi> {
    const api = new TestApi(options);
    await api.settle(api.server.boot());
    return api;
  }

  async send(method: string, url: string, body?: object, sent: Sent = {}): Promise<Answer> {
    const raw = await this.settle(this.handle(this.server, method, url, body, sent));
    const { code, headers } = raw;
    const object =
      raw.body.kind === 'object'
        ? raw.body.object
        : raw.body.kind === 'text'
          ? { text: raw.body.text }
          : {};
    const { message } = object as { message?: string };
    return { code, headers, body: object, raw, message: message ?? '' };
  }

  handle(
    server: ApiServer,
    method: string,
    url: string,
    body?: object,
    sent: Sent = {},
  ): Promise<ApiResponse> {
    return server.handle({
      method,
      url,
      headers: {
        'user-agent': 'test/1',
        'content-type': sent.contentType ?? 'application/json',
        ...sent.headers,
      },
      ...(body && { body: encodeUtf8(JSON.stringify(body)) }),
      peer: sent.as ?? admin,
    });
  }

  /** Starts a watch; its frames are appended to the list. */
  async watch(
    url: string,
    sent: Sent = {},
  ): Promise<{ frames: WatchFrame[]; ended: () => boolean }> {
    const { raw } = await this.send('GET', url, undefined, sent);
    if (raw.body.kind !== 'watch') throw new Error(`no watch but ${raw.code}`);
    const frames: WatchFrame[] = [];
    let isOver = false;
    const sink: FrameSink = { frame: (frame) => frames.push(frame), end: () => (isOver = true) };
    raw.body.start(sink);
    return { frames, ended: () => isOver };
  }

  /** The events of the newest request, itself first. */
  lastRequest(): TraceEvent[] {
    const all = this.trace.slice(this.trace.first);
    const request = all.findLast(({ type }) => type === 'request');
    return all.filter((event) => event.id === request?.id || event.cause === request?.id);
  }

  /** Runs virtual time until a promise settles. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => void (isDone = true);
    promise.then(done, done);
    await drain();
    await this.loop.runWhile(() => !isDone, Number.POSITIVE_INFINITY);
    return promise;
  }
}

export const configMap = (name: string, data: Record<string, string> = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

export const pod = (name: string, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: {
    automountServiceAccountToken: false,
    containers: [{ name: 'c', image: 'nginx:1' }],
    ...spec,
  },
});
