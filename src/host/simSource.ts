import fs from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import type { EtcdSource } from '../source/etcd.ts';
import type {
  Capabilities,
  ClockControl,
  ClusterSource,
  ClusterState,
  Connection,
  DryRunRequest,
  DryRunResult,
  KeyChange,
  KeySource,
  Speed,
  TraceSource,
  VerdictDetails,
  VerdictRef,
} from '../source/port.ts';
import type { EventId } from '../trace/event.ts';
import { stateFolders } from './stateFolders.ts';
import type { AnswerMessage, CallMessage, StartOptions, WorkerCalls } from './worker/rpc.ts';

const available = { available: true } as const;

/** The simulated cluster as the extension sees it: a worker thread behind the port. */
export class SimSource extends Disposable implements ClusterSource {
  readonly kind = 'sim';
  readonly label = 'Simulated cluster';
  readonly capabilities: Capabilities = {
    etcdKeys: available,
    traces: available,
    dryRun: available,
    clock: available,
    etcd: available,
  };
  readonly keys: KeySource;
  readonly traces: TraceSource;
  readonly clock: ClockControl;
  readonly etcd: EtcdSource;

  readonly #workerFile: string;
  readonly #options: () => StartOptions;
  readonly #onProblem: (message: string) => void;
  readonly #onEtcdLog: (line: string) => void;
  readonly #onDidChangeState = this._register(new Emitter<ClusterState>());
  readonly onDidChangeState = this.#onDidChangeState.event;
  readonly #onDidChangeKeys = this._register(new Emitter<readonly KeyChange[]>());
  readonly #onDidChangeTraces = this._register(new Emitter<readonly EventId[]>());
  readonly #onDidChangeClock = this._register(new Emitter<void>());
  readonly #onDidChangeEtcd = this._register(new Emitter<void>());
  readonly #pending = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #worker: Worker | undefined;
  #nextId = 1;
  #state: ClusterState = { phase: 'stopped' };
  #revision = 0;
  #paused = false;
  #speed: Speed = 'real';

  /**
   * @param workerFile the bundled entry of the worker thread
   * @param options read at every start
   * @param onProblem an error inside the cluster, for the log
   * @param onEtcdLog a warning of etcd's own log
   */
  constructor(
    workerFile: string,
    options: () => StartOptions,
    onProblem: (message: string) => void,
    onEtcdLog: (line: string) => void,
  ) {
    super();
    this.#workerFile = workerFile;
    this.#options = options;
    this.#onProblem = onProblem;
    this.#onEtcdLog = onEtcdLog;
    const call = this.#call.bind(this);
    const self = this;
    this.keys = {
      children: (prefix, options) => call('children', prefix, options),
      read: (key, revision) => call('read', key, revision),
      history: (key, limit) => call('history', key, limit),
      changesAt: (revision) => call('changesAt', revision),
      search: (text, limit, revision) => call('search', text, limit, revision),
      get revision() {
        return self.#revision;
      },
      onDidChange: this.#onDidChangeKeys.event,
    };
    this.traces = {
      roots: (limit) => call('roots', limit),
      graph: (root, limit) => call('graph', root, limit),
      event: (id) => call('event', id),
      rootOf: (id) => call('rootOf', id),
      onDidChange: this.#onDidChangeTraces.event,
    };
    this.clock = {
      get paused() {
        return self.#paused;
      },
      get speed() {
        return self.#speed;
      },
      onDidChange: this.#onDidChangeClock.event,
      pause: () => call('pause'),
      resume: () => call('resume'),
      step: (timers) => call('step', timers),
      setSpeed: (speed) => call('setSpeed', speed),
    };
    this.etcd = {
      status: () => call('etcdStatus'),
      leases: (limit) => call('etcdLeases', limit),
      act: (action) => call('etcdAct', action),
      onDidChange: this.#onDidChangeEtcd.event,
    };
    this._register({ dispose: () => void this.#worker?.terminate() });
  }

  get state(): ClusterState {
    return this.#state;
  }

  async start(): Promise<Connection> {
    if (this.#state.phase === 'running') return this.#state.connection;
    this.#setState({ phase: 'starting' });
    try {
      this.#launch();
      const connection = await this.#call('start', {
        ...this.#options(),
        descriptionsFile: path.join(path.dirname(this.#workerFile), 'descriptions.json'),
      });
      this.#setState({ phase: 'running', connection });
      return connection;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await this.#terminate();
      this.#setState({ phase: 'failed', message });
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (!this.#worker) return;
    this.#setState({ phase: 'stopping' });
    await this.#call('stop');
    await this.#terminate();
    this.#setState({ phase: 'stopped' });
  }

  /** Stops the cluster and forgets all that was kept of it; the next start makes a new one. */
  async reset(): Promise<void> {
    await this.stop();
    const { folder } = this.#options();
    for (const name of Object.values(stateFolders))
      await fs.rm(path.join(folder, name), { recursive: true, force: true });
  }

  dryRun(request: DryRunRequest): Promise<DryRunResult> {
    return this.#call('dryRun', request);
  }

  dryRunDetails(ref: VerdictRef): Promise<VerdictDetails | undefined> {
    return this.#call('dryRunDetails', ref);
  }

  #launch(): void {
    const worker = new Worker(this.#workerFile, {
      name: 'kubernetes-internals',
      workerData: { codeCache: path.join(this.#options().folder, 'code') },
    });
    this.#worker = worker;
    worker.on('message', (message: AnswerMessage) => this.#receive(message));
    worker.on('error', (error) =>
      this.#fail(worker, error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
    worker.on('exit', (code) =>
      this.#fail(worker, `The cluster's thread ended with code ${code}.`),
    );
  }

  async #terminate(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    this.#rejectAll('The cluster was stopped.');
  }

  /** The thread is gone although nobody stopped it. */
  #fail(worker: Worker, message: string): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#onProblem(message);
    this.#rejectAll(message);
    this.#setState({ phase: 'failed', message });
  }

  #rejectAll(message: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(message));
    this.#pending.clear();
  }

  #call<K extends keyof WorkerCalls>(
    method: K,
    ...args: Parameters<WorkerCalls[K]>
  ): ReturnType<WorkerCalls[K]> {
    const worker = this.#worker;
    if (!worker)
      return Promise.reject(new Error('The cluster is not running. Start it first.')) as ReturnType<
        WorkerCalls[K]
      >;
    const id = this.#nextId++;
    const message: CallMessage = { type: 'call', id, method, args };
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage(message);
    }) as ReturnType<WorkerCalls[K]>;
  }

  #receive(message: AnswerMessage): void {
    if (message.type === 'notice') {
      this.#notice(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === 'result') pending?.resolve(message.value);
    else pending?.reject(new Error(message.message));
  }

  #notice(message: Extract<AnswerMessage, { type: 'notice' }>): void {
    switch (message.name) {
      case 'keys':
        this.#revision = message.value.revision;
        this.#onDidChangeKeys.fire(message.value.changes);
        break;
      case 'traces':
        this.#onDidChangeTraces.fire(message.value);
        break;
      case 'clock':
        this.#paused = message.value.paused;
        this.#speed = message.value.speed;
        this.#onDidChangeClock.fire();
        break;
      case 'etcd':
        this.#onDidChangeEtcd.fire();
        break;
      case 'etcdLog':
        this.#onEtcdLog(`etcd ${message.value.member}: ${message.value.line}`);
        break;
      case 'problem':
        this.#onProblem(message.value);
        break;
    }
  }

  #setState(state: ClusterState): void {
    this.#state = state;
    this.#onDidChangeState.fire(state);
  }
}
