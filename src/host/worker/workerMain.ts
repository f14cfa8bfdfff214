import { parentPort, type MessagePort } from 'node:worker_threads';
import { assert, defined } from '../../base/assert.ts';
import { DisposableStore } from '../../base/disposable.ts';
import type { EtcdAction } from '../../source/etcd.ts';
import type { Connection, KeyChange, VerdictDetails, VerdictRef } from '../../source/port.ts';
import { keyOfText } from '../../sim/etcd/key.ts';
import { dryRun } from '../../sim/dryRun.ts';
import { ClusterHost } from '../clusterHost.ts';
import { drain } from '../driver.ts';
import { EtcdViews } from './etcdViews.ts';
import { childrenOf, leaseText } from './keyLevels.ts';
import { changesOf, historyOf, readKey, searchKeys, type Record } from './keyViews.ts';
import { PastStores } from './pastStores.ts';
import type { AnswerMessage, CallMessage, WorkerCalls } from './rpc.ts';
import { TraceIndex } from './traceIndex.ts';

/** Notices are gathered for so long: the views need no more. */
const noticeDelayMs = 100;
/** Of so many dry-runs the details can be asked for. */
const keptDryRuns = 20;

/** The worker thread's side: a cluster, and the views' questions about it. */
class WorkerMain implements WorkerCalls {
  readonly #port: MessagePort;
  #host: ClusterHost | undefined;
  #index: TraceIndex | undefined;
  #etcd: EtcdViews | undefined;
  #etcdMark = '';
  #subscriptions = new DisposableStore();
  #seed = 1;
  #nodes = 0;
  #changes: KeyChange[] = [];
  #roots = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  readonly #past = new PastStores();
  #dryRuns = 0;
  /** By topic; while they run. */
  readonly #newestRuns = new Map<string, number>();
  readonly #details = new Map<number, readonly VerdictDetails[]>();

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (message: CallMessage) => void this.#answer(message));
  }

  async start(...[options]: Parameters<WorkerCalls['start']>): Promise<Connection> {
    assert(!this.#host, 'a worker runs one cluster');
    const host = await ClusterHost.start({
      ...options,
      onEtcdLog: (line, member) =>
        this.#send({ type: 'notice', name: 'etcdLog', value: { member, line } }),
      onNote: (line) => this.#problem(line),
      onError: (error) => this.#problem(error),
    });
    this.#host = host;
    this.#seed = options.seed;
    this.#nodes = options.nodes;
    this.#etcd = new EtcdViews(host.cluster, host.loop, host.trace);
    this.#etcdMark = this.#etcd.mark();
    this.#index = new TraceIndex(host.trace);
    for (const event of host.trace.slice(host.trace.first)) this.#index.add(event);
    this.#subscriptions = new DisposableStore();
    this.#subscriptions.add(
      host.trace.onDidEmit((event) => {
        this.#etcd?.passed(event.time);
        for (const root of this.#index?.add(event) ?? []) this.#roots.add(root);
        if (event.type === 'etcd.put')
          this.#changes.push({
            key: event.key,
            type: 'put',
            revision: event.revision,
            version: event.version,
            lease: leaseText(this.#store.getNow(keyOfText(event.key))?.lease ?? 0n),
            writtenBy: event.id,
          });
        else if (event.type === 'etcd.delete')
          this.#changes.push({
            key: event.key,
            type: 'delete',
            revision: event.revision,
            version: 0,
            lease: '',
            writtenBy: event.id,
          });
        this.#notifySoon();
      }),
    );
    this.#subscriptions.add(
      host.driver.onDidChange(() =>
        this.#send({
          type: 'notice',
          name: 'clock',
          value: { paused: host.driver.paused, speed: host.driver.speed },
        }),
      ),
    );
    return {
      kubeconfig: host.kubeconfig,
      etcdEndpoint: host.etcdEndpoint,
      apiServer: host.apiServer,
      nodes: options.nodes,
    };
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#subscriptions.dispose();
    const host = this.#host;
    this.#host = undefined;
    await host?.close();
  }

  async children(
    prefix: string,
    options: { revision?: number } = {},
  ): ReturnType<WorkerCalls['children']> {
    await drain();
    const store = this.#storeAt(options.revision);
    return { revision: store.revision, entries: childrenOf(store, prefix) };
  }

  read(key: string, revision: number | undefined): ReturnType<WorkerCalls['read']> {
    return Promise.resolve().then(() => readKey(this.#storeAt(revision), key));
  }

  history(key: string, limit: number): ReturnType<WorkerCalls['history']> {
    return Promise.resolve().then(() => historyOf(this.#store, key, limit, this.#record));
  }

  changesAt(revision: number): ReturnType<WorkerCalls['changesAt']> {
    return Promise.resolve().then(() => changesOf(this.#store, revision, this.#record));
  }

  search(
    text: string,
    limit: number,
    revision: number | undefined,
  ): ReturnType<WorkerCalls['search']> {
    return Promise.resolve().then(() => searchKeys(this.#storeAt(revision), text, limit));
  }

  roots(limit: number): ReturnType<WorkerCalls['roots']> {
    return Promise.resolve(this.#index?.roots(limit) ?? []);
  }

  graph(root: number, limit: number): ReturnType<WorkerCalls['graph']> {
    return Promise.resolve(
      this.#index?.graph(root, limit) ?? { root, events: [], truncated: false },
    );
  }

  event(id: number): ReturnType<WorkerCalls['event']> {
    return Promise.resolve(this.#host?.trace.get(id));
  }

  rootOf(id: number): ReturnType<WorkerCalls['rootOf']> {
    return Promise.resolve(this.#index?.rootOf(id));
  }

  pause(): Promise<void> {
    this.#running.driver.pause();
    return Promise.resolve();
  }

  resume(): Promise<void> {
    this.#running.driver.resume();
    return Promise.resolve();
  }

  step(timers: number): Promise<void> {
    this.#running.driver.step(timers);
    return Promise.resolve();
  }

  setSpeed(speed: Parameters<WorkerCalls['setSpeed']>[0]): Promise<void> {
    this.#running.driver.setSpeed(speed);
    return Promise.resolve();
  }

  etcdStatus(): ReturnType<WorkerCalls['etcdStatus']> {
    return Promise.resolve().then(() => this.#etcdViews.status());
  }

  etcdLeases(limit: number): ReturnType<WorkerCalls['etcdLeases']> {
    return Promise.resolve().then(() => this.#etcdViews.leases(limit));
  }

  async etcdAct(action: EtcdAction): Promise<void> {
    const { driver } = this.#running;
    driver.catchUp();
    const acted = this.#etcdViews.act(action);
    driver.wake();
    try {
      await acted;
    } finally {
      this.#notifySoon();
    }
  }

  async dryRun(request: Parameters<WorkerCalls['dryRun']>[0]): ReturnType<WorkerCalls['dryRun']> {
    const { cluster, loop, tokens, caPem, webhooks } = this.#running;
    const run = ++this.#dryRuns;
    const { topic } = request;
    if (topic !== undefined) this.#newestRuns.set(topic, run);
    const isNewest = (): boolean => topic === undefined || this.#newestRuns.get(topic) === run;
    const result = await dryRun(
      {
        store: cluster.store,
        apiServer: cluster.apiServer,
        now: loop.now(),
        isWanted: isNewest,
        drain: async () => {
          await drain();
          while (!webhooks.isIdle) {
            await webhooks.settled();
            await drain();
          }
        },
        cluster: { seed: this.#seed, nodes: this.#nodes, caPem, tokens },
      },
      request,
    );
    if (topic !== undefined && isNewest()) this.#newestRuns.delete(topic);
    this.#details.set(run, result.documents);
    this.#details.delete(run - keptDryRuns);
    return {
      ...result,
      documents: result.documents.map((verdict, index) => {
        const light = { ...verdict, stages: [], trace: [], ref: { run, index } };
        delete light.object;
        return light;
      }),
    };
  }

  dryRunDetails({ run, index }: VerdictRef): Promise<VerdictDetails | undefined> {
    const verdict = this.#details.get(run)?.[index];
    return Promise.resolve(
      verdict && {
        stages: verdict.stages,
        trace: verdict.trace,
        ...(verdict.object && { object: verdict.object }),
      },
    );
  }

  get #running(): ClusterHost {
    return defined(this.#host, 'the cluster is not running');
  }

  get #etcdViews(): EtcdViews {
    return defined(this.#etcd, 'the cluster is not running');
  }

  get #store() {
    return this.#running.cluster.store;
  }

  #storeAt(revision: number | undefined) {
    return this.#past.at(this.#store, revision);
  }

  get #record(): Record {
    const { loop, trace } = this.#running;
    return { now: loop.now(), event: (id) => trace.get(id) };
  }

  async #answer({ id, method, args }: CallMessage): Promise<void> {
    try {
      const call = this[method].bind(this) as (...values: readonly unknown[]) => Promise<unknown>;
      this.#send({ type: 'result', id, value: await call(...args) });
    } catch (error) {
      this.#send({
        type: 'failure',
        id,
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #notifySoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const changes = this.#changes;
      const roots = [...this.#roots];
      this.#changes = [];
      this.#roots.clear();
      if (changes.length && this.#host)
        this.#send({
          type: 'notice',
          name: 'keys',
          value: { revision: this.#store.revision, changes },
        });
      const mark = this.#host && this.#etcd ? this.#etcd.mark() : this.#etcdMark;
      if (mark !== this.#etcdMark) this.#send({ type: 'notice', name: 'etcd', value: undefined });
      this.#etcdMark = mark;
      if (roots.length) this.#send({ type: 'notice', name: 'traces', value: roots });
    }, noticeDelayMs);
  }

  #problem(error: unknown): void {
    this.#send({
      type: 'notice',
      name: 'problem',
      value: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }

  #send(message: AnswerMessage): void {
    this.#port.postMessage(message);
  }
}

new WorkerMain(defined(parentPort, 'the entry of a worker thread'));
