import { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import { millisecond, type Micros } from '../base/time.ts';
import type { Speed } from '../source/port.ts';
import type { EventLoop } from '../sim/time/eventLoop.ts';

/** How long the loop runs before it lets sockets and messages have their turn. */
const sliceMs = 6;

/** What is due within this time counts as due: timers of the host are no finer. */
const grain: Micros = millisecond;

/** The longest sleep: the machine's clock may be set, and laptops are closed. */
const maxSleepMs = 1000;

/** Lets promises settle and gives way to the host: what the event loop of a simulation needs. */
export const drain = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Runs virtual time against the wall: as real time, scaled, as fast as it can, or step by step. It is the only caller of
 * the event loop, so that two never drive it at once.
 */
export class Driver extends Disposable {
  readonly #loop: EventLoop;
  readonly #onError: (error: unknown) => void;
  readonly #onDidChange = this._register(new Emitter<undefined>());
  readonly onDidChange = this.#onDidChange.event;
  #speed: Speed;
  #isPaused = false;
  #stepsLeft = 0;
  #anchorWall = performance.now();
  #anchorTime: Micros;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  #wakeAgain = false;

  constructor(loop: EventLoop, speed: Speed, onError: (error: unknown) => void) {
    super();
    this.#loop = loop;
    this.#speed = speed;
    this.#onError = onError;
    this.#anchorTime = loop.now();
    loop.onNearer = () => {
      if (!this.#isRunning) this.#sleepUntilDue();
    };
    this._register({
      dispose: () => {
        loop.onNearer = undefined;
        clearTimeout(this.#timer);
      },
    });
  }

  get paused(): boolean {
    return this.#isPaused;
  }

  get speed(): Speed {
    return this.#speed;
  }

  /** Begins, or looks again: something from outside has set a timer. */
  wake(): void {
    if (this._store.isDisposed) return;
    if (this.#isRunning) {
      this.#wakeAgain = true;
      return;
    }
    clearTimeout(this.#timer);
    void this.#run().catch(this.#onError);
  }

  /** Before a request is taken: its time is the present. */
  catchUp(): void {
    if (!this.#isPaused && this.#speed !== 'max') this.#loop.catchUp(this.#present());
    this.wake();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#onDidChange.fire(undefined);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#anchor();
    this.#onDidChange.fire(undefined);
    this.wake();
  }

  setSpeed(speed: Speed): void {
    this.#anchor();
    this.#speed = speed;
    this.#onDidChange.fire(undefined);
    this.wake();
  }

  /** Runs timers of a paused cluster. */
  step(timers: number): void {
    this.#stepsLeft += timers;
    this.wake();
  }

  #anchor(): void {
    this.#anchorWall = performance.now();
    this.#anchorTime = this.#loop.now();
  }

  #present(): Micros {
    const elapsed = (performance.now() - this.#anchorWall) * millisecond;
    return this.#speed === 'max'
      ? Number.POSITIVE_INFINITY
      : this.#anchorTime + Math.floor(elapsed * (this.#speed === 'real' ? 1 : this.#speed));
  }

  /** The time until which timers may run now. */
  #horizon(): Micros {
    if (this.#isPaused)
      return this.#stepsLeft > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    return this.#present() + grain;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    let sliceEnd = performance.now() + sliceMs;
    try {
      do {
        this.#wakeAgain = false;
        while (!this._store.isDisposed && (await this.#loop.step(this.#horizon()))) {
          if (this.#isPaused) this.#stepsLeft = Math.max(0, this.#stepsLeft - 1);
          if (performance.now() < sliceEnd) continue;
          await new Promise((resolve) => setTimeout(resolve, 0));
          sliceEnd = performance.now() + sliceMs;
        }
      } while (this.#isWokenAgain());
    } finally {
      this.#isRunning = false;
    }
    this.#sleepUntilDue();
  }

  #isWokenAgain(): boolean {
    return this.#wakeAgain;
  }

  #sleepUntilDue(): void {
    clearTimeout(this.#timer);
    const due = this.#loop.nextDue();
    if (due === undefined || this.#isPaused || this._store.isDisposed) return;
    const delayMs = this.#speed === 'max' ? 0 : this.#wallMsUntil(due, this.#speed);
    this.#timer = setTimeout(() => this.wake(), Math.min(maxSleepMs, Math.max(1, delayMs)));
  }

  #wallMsUntil(due: Micros, speed: number | 'real'): number {
    return (due - this.#present()) / millisecond / (speed === 'real' ? 1 : speed);
  }
}
