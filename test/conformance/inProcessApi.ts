import { defined } from '../../src/base/assert.ts';
import { millisecond } from '../../src/base/time.ts';
import type { ApiBody, ApiResponse, Peer } from '../../src/api/wire.ts';
import { ApiServer } from '../../src/sim/apiserver/apiServer.ts';
import { Store } from '../../src/sim/etcd/store.ts';
import { EventLoop } from '../../src/sim/time/eventLoop.ts';
import { SeededRandom } from '../../src/sim/time/random.ts';
import { TraceLog } from '../../src/trace/log.ts';
import { drain } from '../support/drain.ts';
import { plainTokens } from '../support/plainTokens.ts';
import type { Exchange } from './sequences/play.ts';
import type { Identity, Send } from './verdicts/replay.ts';
import type { WireResponse } from './verdicts/verdict.ts';

const peers: Readonly<Record<Identity, Peer>> = {
  admin: { certificate: { commonName: 'kubernetes-admin', organizations: ['system:masters'] } },
  alice: { certificate: { commonName: 'alice', organizations: ['developers'] } },
  anonymous: {},
};

/** An API server over an etcd in the same process, without controllers: as the verdicts were recorded. */
export class InProcessApi {
  readonly loop: EventLoop;
  readonly store: Store;
  readonly server: ApiServer;

  private constructor() {
    this.loop = new EventLoop(Date.parse('2026-11-21T04:00:00Z') * millisecond, drain);
    const trace = new TraceLog(this.loop, 10_000);
    this.store = new Store({ trace, clock: this.loop });
    this.server = new ApiServer({
      kv: this.store,
      clock: this.loop,
      random: new SeededRandom(1),
      trace,
      tokens: plainTokens,
      caPem: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
      serviceCidr: '10.96.0.0/16',
      latency: false,
    });
  }

  static async boot(): Promise<InProcessApi> {
    const api = new InProcessApi();
    await api.settle(api.server.boot());
    return api;
  }

  readonly send: Send = async (as, { method, url, headers, body }) => {
    const request = { method, url, headers, ...(body && { body }), peer: peers[as] };
    return wire(await this.settle(this.server.handle(request)));
  };

  /** As the admin; a stream is read until it is enough, at an end, or for so long in virtual time. */
  readonly exchange: Exchange = async ({ method, url, headers, body }, stream) => {
    const request = { method, url, headers, ...(body && { body }), peer: peers.admin };
    const response = await this.settle(this.server.handle(request));
    const contentType = contentTypeOf(response.body);
    const answered = {
      ...wire(response),
      headers: { ...(contentType && { 'content-type': contentType }), ...response.headers },
    };
    if (response.body.kind !== 'watch') return answered;
    let text = '';
    let isOver = false;
    const watch = response.body.start({
      frame: ({ type, object }) => (text += `${JSON.stringify({ type, object })}\n`),
      end: () => (isOver = true),
    });
    const deadline = this.loop.now() + stream.timeoutMs * millisecond;
    await this.loop.runWhile(() => !isOver && !stream.isEnough(text), deadline);
    watch.dispose();
    return { ...answered, text };
  };

  /** Lets virtual time pass: what is written next is younger. */
  async elapse(seconds: number): Promise<void> {
    await this.loop.runUntil(this.loop.now() + seconds * 1000 * millisecond);
  }

  /** Runs virtual time until a promise settles. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let result: { value: T } | { error: unknown } | undefined;
    promise.then(
      (value) => (result = { value }),
      (error: unknown) => (result = { error }),
    );
    await drain();
    // The promise is settled by callbacks that the compiler does not see.
    const settled = (): typeof result => result;
    while (!settled()) if (!(await this.loop.step())) await drain();
    const done = defined(settled(), 'settled');
    if ('error' in done) throw done.error;
    return done.value;
  }
}

function wire({ code, headers, body }: ApiResponse): WireResponse {
  const text =
    body.kind === 'object'
      ? JSON.stringify(body.object)
      : body.kind === 'text'
        ? body.text
        : body.kind === 'bytes'
          ? Buffer.from(body.bytes).toString()
          : '';
  return { code, headers, text };
}

/** As the door to the network says it. */
function contentTypeOf(body: ApiBody): string | undefined {
  if (body.kind === 'none') return undefined;
  return body.kind === 'object' || body.kind === 'watch' ? 'application/json' : body.contentType;
}
