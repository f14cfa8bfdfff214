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
  /** How many keys are worked on at once; 1 unless given. */
  readonly workers?: number;
}

interface WorkerParts {
  readonly queue: WorkQueue;
  readonly component: ComponentId;
  readonly clock: Clock;
  readonly trace: TraceSink;
  readonly reconcile: Reconcile;
}

/** Takes keys out of a queue and works on them. Each turn is a timer of its own, so that it can be stepped. */
export class Worker extends Disposable {
  readonly #parts: WorkerParts;
  readonly #maxRetries: number;
  #running = false;
  readonly #workers: number;
  #busy = 0;
  /** Turns that have a timer, and will take a key. */
  #starting = 0;

  constructor(parts: WorkerParts, options: WorkerOptions = {}) {
    super();
    this.#parts = parts;
    this.#maxRetries = options.maxRetries ?? Number.POSITIVE_INFINITY;
    this.#workers = options.workers ?? 1;
    parts.queue.onReady(() => this.#wake());
  }

  start(): void {
    this.#running = true;
    this.#wake();
  }

  /** As many turns as there are keys, up to the number of workers. */
  #wake(): void {
    const { queue, clock } = this.#parts;
    if (!this.#running || this.#busy >= this.#workers || queue.size <= this.#starting) return;
    this.#busy++;
    this.#starting++;
    this._register(clock.setTimer(0, () => void this.#turn()));
    this.#wake();
  }

  async #turn(): Promise<void> {
    this.#starting--;
    const item = this._store.isDisposed ? undefined : this.#parts.queue.get();
    if (item) await this.#work(item);
    this.#busy--;
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
