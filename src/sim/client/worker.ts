import { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../../base/time.ts';
import { StatusError } from '../../api/status.ts';
import type { Cause, ComponentId } from '../../trace/event.ts';
import type { TraceSink } from '../../trace/sink.ts';
import type { WorkItem, WorkQueue } from './workQueue.ts';

/** An expected failure that is no answer of the API server: the key is tried again. */
export class RetryError extends Error {
  override readonly name = 'RetryError';
}

/** Works on one key; the answer says in plain words what was decided. */
export type Reconcile = (key: string, cause: Cause) => Promise<string>;

export interface WorkerOptions {
  /** How often a key that fails is tried again; without a number: until it works. */
  readonly maxRetries?: number;
}

interface WorkerParts {
  readonly queue: WorkQueue;
  readonly component: ComponentId;
  readonly clock: Clock;
  readonly trace: TraceSink;
  readonly reconcile: Reconcile;
}

/** Takes keys out of a queue, one at a time. Each turn is a timer of its own, so that it can be stepped. */
export class Worker extends Disposable {
  readonly #parts: WorkerParts;
  readonly #maxRetries: number;
  #running = false;
  #busy = false;

  constructor(parts: WorkerParts, options: WorkerOptions = {}) {
    super();
    this.#parts = parts;
    this.#maxRetries = options.maxRetries ?? Number.POSITIVE_INFINITY;
    parts.queue.onReady(() => this.#wake());
  }

  start(): void {
    this.#running = true;
    this.#wake();
  }

  #wake(): void {
    if (!this.#running || this.#busy || this.#parts.queue.size === 0) return;
    this.#busy = true;
    this._register(this.#parts.clock.setTimer(0, () => void this.#turn()));
  }

  async #turn(): Promise<void> {
    const item = this._store.isDisposed ? undefined : this.#parts.queue.get();
    if (item) await this.#work(item);
    this.#busy = false;
    if (!this._store.isDisposed) this.#wake();
  }

  async #work(item: WorkItem): Promise<void> {
    const { queue, component, trace, reconcile } = this.#parts;
    const { key } = item;
    const started = trace.emit(component, item.cause, {
      type: 'reconcile',
      phase: 'started',
      key,
      summary: '',
    });
    const finish = (summary: string, error?: string): number =>
      trace.emit(component, started, {
        type: 'reconcile',
        phase: 'finished',
        key,
        summary,
        ...(error !== undefined && { error }),
      });
    try {
      const summary = await reconcile(key, { cause: started });
      finish(summary);
      queue.forget(key);
    } catch (error) {
      if (!(error instanceof StatusError) && !(error instanceof RetryError)) throw error;
      const gaveUp = queue.failures(key) >= this.#maxRetries;
      const finished = finish(
        gaveUp ? 'failed too often: given up' : 'failed: tried again later',
        error.message,
      );
      if (gaveUp) queue.forget(key);
      else queue.addRateLimited(key, finished);
    }
    queue.done(key);
  }
}
