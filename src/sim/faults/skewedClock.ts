import { toDisposable, type IDisposable } from '../../base/disposable.ts';
import type { Clock, Micros, RatedClock } from '../../base/time.ts';

interface Timer {
  /** By this clock. */
  readonly due: Micros;
  readonly callback: () => void;
  underlying: IDisposable | undefined;
}

/**
 * A clock that goes right until it is told another rate: with 2 it goes twice as fast, and what is to happen in a minute
 * happens in half of one. It never jumps and never goes back, as the monotonic clock of a machine, which is the one that
 * etcd's timers and leases go by.
 */
export class SkewedClock implements RatedClock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #rate = 1;
  /** A moment of the clock below, and what this clock showed then. */
  #since: Micros;
  #shown: Micros;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = this.#shown = clock.now();
  }

  get rate(): number {
    return this.#rate;
  }

  set rate(rate: number) {
    if (rate === this.#rate) return;
    this.#shown = this.now();
    this.#since = this.#clock.now();
    this.#rate = rate;
    for (const timer of this.#timers) this.#set(timer);
  }

  now(): Micros {
    return this.#shown + Math.round((this.#clock.now() - this.#since) * this.#rate);
  }

  setTimer(delayUs: Micros, callback: () => void): IDisposable {
    const due = this.now() + Math.max(0, delayUs);
    const timer: Timer = { due, callback, underlying: undefined };
    this.#timers.add(timer);
    this.#set(timer);
    return toDisposable(() => {
      this.#timers.delete(timer);
      timer.underlying?.dispose();
    });
  }

  sleep(delayUs: Micros): Promise<void> {
    return new Promise((resolve) => this.setTimer(delayUs, resolve));
  }

  #set(timer: Timer): void {
    timer.underlying?.dispose();
    const left = Math.ceil(Math.max(0, timer.due - this.now()) / this.#rate);
    timer.underlying = this.#clock.setTimer(left, () => {
      // Rounding may leave a little.
      if (this.now() < timer.due) {
        this.#set(timer);
        return;
      }
      this.#timers.delete(timer);
      timer.callback();
    });
  }
}
