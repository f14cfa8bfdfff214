import { assert } from '../../base/assert.ts';
import { toDisposable, type IDisposable } from '../../base/disposable.ts';
import { Heap } from '../../base/heap.ts';
import type { Clock, Micros } from '../../base/time.ts';

interface Timer {
  readonly due: Micros;
  readonly sequence: number;
  callback: (() => void) | undefined;
}

/**
 * Virtual time. Timers run one by one, in order of time and then of setting; between two of them every promise that
 * can settle has settled, which is what makes async code reproducible here.
 *
 *     setTimer(5, b); setTimer(0, a); setTimer(5, c)   runs a at 0, then b, then c at 5
 *
 * Invariant: nothing in src/sim waits for anything but this loop, so when it has no timer due, nothing moves.
 */
export class EventLoop implements Clock {
  readonly #timers = new Heap<Timer>(
    (a, b) => a.due < b.due || (a.due === b.due && a.sequence < b.sequence),
  );
  readonly #drain: () => Promise<void>;
  #now: Micros;
  #sequence = 0;
  #running = false;
  /** Called when a timer is set that is due before all others: whoever sleeps until the next one sleeps too long. */
  onNearer: (() => void) | undefined;

  /**
   * @param start the time at which the simulation begins
   * @param drain resolves when all settled promises have run their continuations: a macrotask of the host (setImmediate)
   */
  constructor(start: Micros, drain: () => Promise<void>) {
    this.#now = start;
    this.#drain = drain;
  }

  now(): Micros {
    return this.#now;
  }

  setTimer(delayUs: Micros, callback: () => void): IDisposable {
    const timer: Timer = {
      due: this.#now + Math.max(0, delayUs),
      sequence: this.#sequence++,
      callback,
    };
    this.#timers.push(timer);
    if (this.#timers.peek() === timer) this.onNearer?.();
    return toDisposable(() => (timer.callback = undefined));
  }

  sleep(delayUs: Micros): Promise<void> {
    return new Promise((resolve) => this.setTimer(delayUs, resolve));
  }

  /** When the next timer is due; undefined when none is set. */
  nextDue(): Micros | undefined {
    for (let timer = this.#timers.peek(); timer; timer = this.#timers.peek()) {
      if (timer.callback) return timer.due;
      this.#timers.pop();
    }
    return undefined;
  }

  /** Runs the next timer if it is due by `until`, and lets all promises settle. Returns whether one ran. */
  async step(until: Micros = Number.POSITIVE_INFINITY): Promise<boolean> {
    assert(!this.#running, 'two callers drive one event loop');
    this.#running = true;
    try {
      await this.#drain();
      const due = this.nextDue();
      if (due === undefined || due > until) return false;
      const timer = this.#timers.pop();
      if (due > this.#now) this.#now = due;
      timer?.callback?.();
      await this.#drain();
      return true;
    } finally {
      this.#running = false;
    }
  }

  /** Runs everything that is due by `time` and leaves the clock there. */
  async runUntil(time: Micros): Promise<void> {
    while (await this.step(time));
    if (time > this.#now) this.#now = time;
  }

  /** Runs until `done` holds (checked after each timer) or `limit` is reached; returns whether it held. */
  async runWhile(more: () => boolean, limit: Micros): Promise<boolean> {
    while (more()) if (!(await this.step(limit))) return !more();
    return true;
  }

  /** Moves the clock to wall time before input from outside is taken; never backwards, never past a timer that is due. */
  catchUp(time: Micros): void {
    const due = this.nextDue();
    const to = due === undefined ? time : Math.min(time, due);
    if (to > this.#now) this.#now = to;
  }
}
