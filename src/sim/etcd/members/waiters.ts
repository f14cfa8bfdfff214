import type { IDisposable } from '../../../base/disposable.ts';
import type { Clock, Micros } from '../../../base/time.ts';
import { EtcdError } from '../errors.ts';
import type { Outcome } from './backend.ts';

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: EtcdError) => void;
  readonly timer: IDisposable;
}

/** Who waits for an outcome that comes from elsewhere, by name, and for how long at most. */
export class Waiters<Name> {
  readonly #clock: Clock;
  readonly #waiting = new Map<Name, Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** @param late what it fails with when nothing came in time */
  wait(name: Name, timeoutUs: Micros, late: () => EtcdError): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(timeoutUs, () => {
        this.#waiting.delete(name);
        reject(late());
      });
      this.#waiting.set(name, { resolve, reject, timer });
    });
  }

  settle(name: Name, outcome: Outcome): void {
    const waiter = this.#waiting.get(name);
    if (!waiter) return;
    this.#waiting.delete(name);
    waiter.timer.dispose();
    if ('error' in outcome) waiter.reject(outcome.error);
    else waiter.resolve(outcome.value);
  }

  settleAll(outcome: Outcome): void {
    for (const name of [...this.#waiting.keys()]) this.settle(name, outcome);
  }
}

/** The error if it is etcd's; any other is a bug and goes on. */
export function etcdErrorOf(error: unknown): EtcdError {
  if (error instanceof EtcdError) return error;
  throw error;
}

export const ignoreEtcdError = (error: unknown): void => {
  etcdErrorOf(error);
};
