import { Disposable, type IDisposable } from '../../base/disposable.ts';
import type { Clock, Micros } from '../../base/time.ts';
import { joinCauses } from '../../trace/cause.ts';
import type { Cause, CauseId, ComponentId, EventId } from '../../trace/event.ts';
import type { TraceSink } from '../../trace/sink.ts';
import { controllerRateLimiter, type RateLimiter } from './rateLimiter.ts';

export interface WorkQueueOptions {
  readonly name: string;
  readonly component: ComponentId;
  readonly clock: Clock;
  readonly trace: TraceSink;
  readonly rateLimiter?: RateLimiter;
}

/** A key to work on, with the event that it was taken by. */
export interface WorkItem {
  readonly key: string;
  readonly cause: EventId;
}

interface Waiting {
  readonly due: Micros;
  readonly timer: IDisposable;
  readonly causes: EventId[];
}

/**
 * Keys waiting for a worker. A key is in it once, however often it was added, and stands for all the causes it was added
 * with; a key that is being worked on waits until `done`. Models client-go util/workqueue.
 *
 *     add(a) add(b) add(a)   →  get: a (both causes), then b
 *     get: a, add(a), done(a)  →  get: a again, only now
 */
export class WorkQueue extends Disposable {
  readonly #options: WorkQueueOptions;
  readonly #limiter: RateLimiter;
  /** In order of arrival; the events that stand for the key. */
  readonly #queued = new Map<string, EventId[]>();
  /** Added while being worked on. */
  readonly #again = new Map<string, EventId[]>();
  readonly #processing = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();
  #onReady: () => void = () => undefined;

  constructor(options: WorkQueueOptions) {
    super();
    this.#options = options;
    this.#limiter = options.rateLimiter ?? controllerRateLimiter(options.clock);
    this._register({
      dispose: () => {
        for (const { timer } of this.#waiting.values()) timer.dispose();
        this.#waiting.clear();
        this.#queued.clear();
        this.#again.clear();
      },
    });
  }

  /** How many keys are ready. */
  get size(): number {
    return this.#queued.size;
  }

  /** Calls back whenever a key becomes ready. One worker loop per queue. */
  onReady(callback: () => void): void {
    this.#onReady = callback;
  }

  add(key: string, cause: Cause | CauseId): void {
    if (this._store.isDisposed) return;
    const known = this.#queued.get(key) ?? this.#again.get(key);
    if (known) {
      for (const id of idsOf(cause)) if (!known.includes(id)) known.push(id);
      return;
    }
    const added = this.#emit(cause, 'added', key);
    if (this.#processing.has(key)) {
      this.#again.set(key, [added]);
      return;
    }
    this.#queued.set(key, [added]);
    this.#onReady();
  }

  /** Adds the key when `delay` has passed. Of several delays for one key the shortest counts. */
  addAfter(key: string, delay: Micros, cause: Cause | CauseId): void {
    if (delay <= 0) this.add(key, cause);
    else this.#wait(key, delay, this.#emit(cause, 'requeued', key, { delay }));
  }

  /** Adds the key when its rate limit allows: the longer, the more often it failed. */
  addRateLimited(key: string, cause: Cause | CauseId): void {
    const delay = this.#limiter.when(key);
    const failures = this.#limiter.failures(key);
    this.#wait(key, delay, this.#emit(cause, 'requeued', key, { delay, failures }));
  }

  /** The key did well: its failures no longer count. */
  forget(key: string): void {
    this.#limiter.forget(key);
  }

  failures(key: string): number {
    return this.#limiter.failures(key);
  }

  /** Takes the key that waits longest; undefined when none is ready. */
  get(): WorkItem | undefined {
    for (const [key, causes] of this.#queued) {
      this.#queued.delete(key);
      this.#processing.add(key);
      return { key, cause: this.#emit(joinCauses(causes), 'got', key) };
    }
    return undefined;
  }

  done(key: string): void {
    this.#processing.delete(key);
    const causes = this.#again.get(key);
    if (!causes) return;
    this.#again.delete(key);
    this.#queued.set(key, causes);
    this.#onReady();
  }

  #wait(key: string, delay: Micros, cause: EventId): void {
    if (this._store.isDisposed) return;
    const due = this.#options.clock.now() + delay;
    const earlier = this.#waiting.get(key);
    if (earlier && earlier.due <= due) {
      earlier.causes.push(cause);
      return;
    }
    earlier?.timer.dispose();
    const causes = [...(earlier?.causes ?? []), cause];
    const timer = this.#options.clock.setTimer(delay, () => {
      this.#waiting.delete(key);
      this.add(key, joinCauses(causes));
    });
    this.#waiting.set(key, { due, timer, causes });
  }

  #emit(
    cause: Cause | CauseId,
    action: 'added' | 'got' | 'requeued',
    key: string,
    more: { delay?: Micros; failures?: number } = {},
  ): EventId {
    const { trace, component, name } = this.#options;
    return trace.emit(component, cause, { type: 'queue', action, queue: name, key, ...more });
  }
}

const idsOf = (cause: Cause | CauseId): readonly EventId[] =>
  typeof cause === 'number' ? [cause] : [cause.cause, ...(cause.also ?? [])];
