import { second, type Micros } from '../../../../base/time.ts';

/** So many at once, and so many more a second. Models golang.org/x/time/rate Limiter.Allow. */
export class TokenBucket {
  readonly #qps: number;
  readonly #burst: number;
  #tokens: number;
  #last: Micros | undefined;

  constructor(qps: number, burst: number) {
    this.#qps = qps;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes one if there is one. */
  take(now: Micros): boolean {
    const elapsed = Math.max(0, now - (this.#last ?? now));
    const tokens = Math.min(this.#burst, this.#tokens + (elapsed / second) * this.#qps);
    // What less than a nanosecond would bring is there.
    if ((1 - tokens) / this.#qps >= 1e-9) return false;
    this.#tokens = tokens - 1;
    this.#last = now;
    return true;
  }
}
