import { Disposable, type IDisposable } from '../../base/disposable.ts';
import type { Clock, Micros } from '../../base/time.ts';
import type { Random } from '../../base/random.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { Resource } from '../../api/resource.ts';
import type { Cause, CauseId, EventId } from '../../trace/event.ts';
import type { TraceSink } from '../../trace/sink.ts';
import type { Client } from './client.ts';
import { Informer, type InformerHandler } from './informer.ts';
import type { RateLimiter } from './rateLimiter.ts';
import { Worker, type Reconcile, type WorkerOptions } from './worker.ts';
import { WorkQueue } from './workQueue.ts';

/** What every component gets: the API server as it may see it, time, chance, and where to write what it does. */
export interface ControllerOptions {
  readonly client: Client;
  /** For informers, when others may read more than the component itself; otherwise `client`. */
  readonly informerClient?: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: TraceSink;
}

export interface QueueOptions extends WorkerOptions {
  readonly rateLimiter?: RateLimiter;
}

/**
 * A loop that makes what is there like what is wanted: informers fill a queue of keys, one worker takes them out and
 * reconciles. A subclass makes its informers and handlers in its constructor.
 */
export abstract class Controller extends Disposable {
  protected readonly client: Client;
  protected readonly clock: Clock;
  protected readonly random: Random;
  protected readonly trace: TraceSink;
  /** The main queue, whose keys go to `reconcile`. */
  protected readonly queue: WorkQueue;
  readonly #informerClient: Client;
  readonly #workers: Worker[] = [];
  readonly #informers: Informer<KubeObject>[] = [];
  #started: EventId = 0;

  protected constructor(options: ControllerOptions, queueName: string, worker?: QueueOptions) {
    super();
    ({ client: this.client, clock: this.clock, random: this.random, trace: this.trace } = options);
    this.#informerClient = options.informerClient ?? options.client;
    this.queue = this.addQueue(queueName, (key, cause) => this.reconcile(key, cause), worker);
  }

  /** The event of the start: the cause of what has no other. */
  get started(): EventId {
    return this.#started;
  }

  /** Lists and watches; once all is known, begins to work. */
  start(cause: Cause | CauseId): void {
    this.#started = this.trace.emit(this.client.component, cause, {
      type: 'lifecycle',
      action: 'started',
      summary: `${this.client.component} starts`,
    });
    for (const informer of this.#informers) informer.start(this.#started);
    void this.#run();
  }

  /** Brings the object of the key in line; returns in plain words what it decided. StatusError and RetryError: again later. */
  protected abstract reconcile(key: string, cause: Cause): Promise<string>;

  /** Called at the start, for what must be known before the informers are complete. Informers made here start at once. */
  protected prepare(): Promise<void> {
    return Promise.resolve();
  }

  /** Called when all informers know their objects, before the first key is worked on. */
  protected synced(): void {
    // nothing more unless a subclass has
  }

  protected informer<T extends KubeObject>(
    resource: Resource<T>,
    handler?: InformerHandler<T>,
    selection: { namespace?: string; labelSelector?: string; fieldSelector?: string } = {},
  ): Informer<T> {
    const { clock, random, trace } = this;
    const informer = this._register(
      new Informer(resource, {
        client: this.#informerClient,
        clock,
        random: random.fork(`informer/${resource.resource}`),
        trace,
        ...selection,
      }),
    );
    if (handler) informer.addHandler(handler);
    this.#informers.push(informer as unknown as Informer<KubeObject>);
    if (this.#started) informer.start(this.#started);
    return informer;
  }

  /** Another queue with a worker of its own. */
  protected addQueue(name: string, reconcile: Reconcile, options: QueueOptions = {}): WorkQueue {
    const { client, clock, trace } = this;
    const queue = this._register(
      new WorkQueue({
        name,
        component: client.component,
        clock,
        trace,
        ...(options.rateLimiter && { rateLimiter: options.rateLimiter }),
      }),
    );
    this.#workers.push(
      this._register(
        new Worker({ queue, component: client.component, clock, trace, reconcile }, options),
      ),
    );
    return queue;
  }

  /**
   * Does something again and again, the next time `period` after it was done. Its cause is a `timer` event, which is
   * emitted when it is first asked for: looking around without finding anything leaves no trace.
   */
  protected every(period: Micros, what: string, task: (cause: () => Cause) => Promise<void>): void {
    const run = async (): Promise<void> => {
      let cause: Cause | undefined;
      await task(() => (cause ??= { cause: this.timer(this.#started, what) }));
      if (!this._store.isDisposed) this.after(period, run);
    };
    void run();
  }

  /** Calls back once, after `delay`, unless the controller is disposed of by then. */
  protected after(delay: Micros, task: () => void | Promise<void>): IDisposable {
    const timer = this.clock.setTimer(delay, () => {
      this._store.delete(timer);
      void task();
    });
    return this._register(timer);
  }

  protected timer(cause: CauseId, summary: string): EventId {
    return this.trace.emit(this.client.component, cause, { type: 'timer', summary });
  }

  async #run(): Promise<void> {
    await this.prepare();
    await Promise.all(this.#informers.map((informer) => informer.whenSynced()));
    if (this._store.isDisposed) return;
    this.synced();
    for (const worker of this.#workers) worker.start();
  }
}
