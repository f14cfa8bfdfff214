import type { JsonObject } from '../../src/api/meta.ts';
import { millisecond } from '../../src/base/time.ts';
import { ApiServer } from '../../src/sim/apiserver/apiServer.ts';
import { ControllerManager } from '../../src/sim/controllers/controllerManager.ts';
import { Store } from '../../src/sim/etcd/store.ts';
import { EventLoop } from '../../src/sim/time/eventLoop.ts';
import { SeededRandom } from '../../src/sim/time/random.ts';
import { TraceLog } from '../../src/trace/log.ts';
import { drain } from './drain.ts';
import { plainTokens } from './plainTokens.ts';

export interface ScenarioRequest {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly userAgent?: string;
}

export interface ScenarioServerOptions {
  readonly seed?: number;
  /** More components, started after the controllers. */
  readonly components?: readonly ((server: ScenarioServer) => { start(cause: number): void })[];
}

/**
 * A control plane in process, in virtual time, for the player of recorded scenarios (and for tests of controllers):
 * etcd, API server and all controllers. Whoever waits drives the event loop.
 */
export class ScenarioServer {
  readonly loop: EventLoop;
  readonly random: SeededRandom;
  readonly trace: TraceLog;
  readonly store: Store;
  readonly api: ApiServer;
  readonly controllers: ControllerManager;
  readonly #audit: JsonObject[] = [];
  readonly #options: ScenarioServerOptions;
  #waiting = 0;
  #isPumping = false;

  constructor(options: ScenarioServerOptions = {}) {
    this.#options = options;
    this.loop = new EventLoop(Date.parse('2026-11-21T06:00:00Z') * millisecond, drain);
    this.random = new SeededRandom(options.seed ?? 1);
    this.trace = new TraceLog(this.loop);
    this.store = new Store({ trace: this.trace, clock: this.loop, watchLatencyUs: 100 });
    this.api = new ApiServer({
      kv: this.store,
      clock: this.loop,
      random: this.random.fork('apiserver'),
      trace: this.trace,
      tokens: plainTokens,
      caPem: 'a certificate',
      serviceCidr: '10.96.0.0/16',
    });
    this.controllers = new ControllerManager({
      api: this.api,
      clock: this.loop,
      random: this.random.fork('controllers'),
      trace: this.trace,
      rootCa: 'a certificate',
    });
  }

  async start(): Promise<void> {
    this.api.onDidAudit((event) => this.#audit.push(event));
    await this.#drive(this.api.boot());
    const started = this.trace.emit('cluster', undefined, {
      type: 'lifecycle',
      action: 'started',
      summary: 'a cluster for scenarios',
    });
    this.controllers.start(started);
    for (const create of this.#options.components ?? []) create(this).start(started);
    await this.sleep(2000);
  }

  /** As the admin; the user agent says who it is to be. */
  async request(
    method: string,
    url: string,
    { body, contentType = 'application/json', userAgent = 'user' }: ScenarioRequest = {},
  ): Promise<{ code: number; body: unknown }> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await this.#drive(
      this.api.handle({
        method,
        url,
        headers: {
          accept: 'application/json',
          'user-agent': userAgent,
          ...(text !== undefined && { 'content-type': contentType }),
        },
        ...(text !== undefined && { body: new TextEncoder().encode(text) }),
        peer: {
          certificate: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
        },
      }),
    );
    const answer = response.body;
    return {
      code: response.code,
      // As it would come over a wire: nobody may change what the server has.
      body:
        answer.kind === 'object'
          ? (JSON.parse(JSON.stringify(answer.object)) as unknown)
          : answer.kind === 'text'
            ? answer.text
            : undefined,
    };
  }

  audit(): readonly JsonObject[] {
    return this.#audit;
  }

  sleep(delayMs: number): Promise<void> {
    return this.#drive(this.loop.sleep(delayMs * millisecond));
  }

  /** Does something again and again beside what is going on, like the heartbeats of nodes; nobody waits for it. */
  every(periodMs: number, task: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      await this.loop.sleep(periodMs * millisecond);
      await task();
      void run();
    };
    void run();
  }

  /** Virtual time in milliseconds. */
  now(): number {
    return this.loop.now() / millisecond;
  }

  /** Waits for something of the simulation. Several may wait at once: the loop runs as long as anybody does. */
  async #drive<T>(promise: Promise<T>): Promise<T> {
    this.#waiting++;
    void this.#pump();
    try {
      return await promise;
    } finally {
      this.#waiting--;
    }
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#waiting > 0) {
      const ran = await this.loop.step();
      if (!ran && this.#waiting > 0) throw new Error('somebody waits for what will never happen');
    }
    this.#isPumping = false;
  }
}
