import { millisecond, second, type Clock, type Micros } from '../../base/time.ts';

/** How long a key that failed has to wait. Models client-go util/workqueue TypedRateLimiter. */
export interface RateLimiter {
  when(key: string): Micros;
  forget(key: string): void;
  failures(key: string): number;
}

/** 5 ms, 10 ms, 20 ms … for each failure of a key, at most 1000 s. */
export class ExponentialRateLimiter implements RateLimiter {
  readonly #base: Micros;
  readonly #max: Micros;
  readonly #failures = new Map<string, number>();

  constructor(base: Micros = 5 * millisecond, max: Micros = 1000 * second) {
    this.#base = base;
    this.#max = max;
  }

  when(key: string): Micros {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.min(this.#base * 2 ** failures, this.#max);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }
}

/** A bucket of tokens that all keys share; a key reserves the next one and waits for it. Models golang.org/x/time/rate. */
export class BucketRateLimiter implements RateLimiter {
  readonly #clock: Clock;
  readonly #interval: Micros;
  readonly #burst: number;
  #tokens: number;
  #last: Micros;

  constructor(clock: Clock, perSecond = 10, burst = 100) {
    this.#clock = clock;
    this.#interval = second / perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#last = clock.now();
  }

  when(): Micros {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#last) / this.#interval) - 1;
    this.#last = now;
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens * this.#interval);
  }

  forget(): void {
    // a token once taken is gone
  }

  failures(): number {
    return 0;
  }
}

/** The longest wait that any of several limiters asks for. */
export class MaxRateLimiter implements RateLimiter {
  readonly #limiters: readonly RateLimiter[];

  constructor(limiters: readonly RateLimiter[]) {
    this.#limiters = limiters;
  }

  when(key: string): Micros {
    return Math.max(...this.#limiters.map((limiter) => limiter.when(key)));
  }

  forget(key: string): void {
    for (const limiter of this.#limiters) limiter.forget(key);
  }

  failures(key: string): number {
    return Math.max(...this.#limiters.map((limiter) => limiter.failures(key)));
  }
}

/** Models workqueue.DefaultTypedControllerRateLimiter. */
export const controllerRateLimiter = (clock: Clock): RateLimiter =>
  new MaxRateLimiter([new ExponentialRateLimiter(), new BucketRateLimiter(clock)]);
