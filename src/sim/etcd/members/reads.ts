import type { IDisposable } from '../../../base/disposable.ts';
import { millisecond, second, type Clock } from '../../../base/time.ts';
import type { EventId } from '../../../trace/event.ts';
import type { EtcdError } from '../errors.ts';

/** etcd's time for a request: five seconds, and two election timeouts. */
export const requestTimeoutUs = 7 * second;
const retryUs = 500 * millisecond;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: EtcdError) => void;
}

export interface ReadsPort {
  readonly clock: Clock;
  /** Asks the leader; may be lost. */
  readonly ask: (request: number, cause: EventId) => void;
  readonly applied: () => number;
  readonly timeoutError: (since: number) => EtcdError;
}

/**
 * Reads that must see everything that was acknowledged before they began. All that come while one round is under way share
 * the next. Models go.etcd.io/etcd/server/v3/etcdserver linearizableReadLoop.
 */
export class Reads {
  readonly #port: ReadsPort;
  #next: { readonly waiters: Waiter[]; cause: EventId } = { waiters: [], cause: 0 };
  #round: { readonly request: number; readonly waiters: readonly Waiter[] } | undefined;
  /** Confirmed, and waiting for this member to apply what they have to see. */
  #confirmed: { readonly index: number; readonly waiters: readonly Waiter[] }[] = [];
  #lastRequest: number;
  #timers: IDisposable[] = [];

  /** @param first no member that had this one's place before used such numbers */
  constructor(port: ReadsPort, first: number) {
    this.#port = port;
    this.#lastRequest = first;
  }

  /** Resolves when this member has applied all that was committed at the moment of the call. */
  barrier(cause: EventId): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#next.waiters.push({ resolve, reject });
      this.#next.cause ||= cause;
      if (!this.#round) this.#begin();
    });
  }

  confirmed(request: number, index: number): void {
    if (this.#round?.request !== request) return;
    this.#confirmed.push({ index, waiters: this.#round.waiters });
    this.#end();
    this.applied();
  }

  /** More is applied. */
  applied(): void {
    const applied = this.#port.applied();
    const ready = this.#confirmed.filter(({ index }) => index <= applied);
    if (!ready.length) return;
    this.#confirmed = this.#confirmed.filter(({ index }) => index > applied);
    for (const { waiters } of ready) for (const { resolve } of waiters) resolve();
  }

  /** Fails those of the present round, all others too when `everyone` is set. */
  fail(error: EtcdError, everyone = false): void {
    const failed = [...(this.#round?.waiters ?? [])];
    if (everyone) {
      failed.push(...this.#next.waiters, ...this.#confirmed.flatMap(({ waiters }) => waiters));
      this.#next = { waiters: [], cause: 0 };
      this.#confirmed = [];
    }
    this.#end();
    for (const { reject } of failed) reject(error);
  }

  #begin(): void {
    const { waiters, cause } = this.#next;
    this.#next = { waiters: [], cause: 0 };
    const request = ++this.#lastRequest;
    this.#round = { request, waiters };
    const { clock } = this.#port;
    const since = clock.now();
    const ask = (): void => {
      // Set first: the answer may come at once.
      this.#timers[1] = clock.setTimer(retryUs, ask);
      this.#port.ask(request, cause);
    };
    this.#timers = [
      clock.setTimer(requestTimeoutUs, () => this.fail(this.#port.timeoutError(since))),
    ];
    ask();
  }

  #end(): void {
    for (const timer of this.#timers) timer.dispose();
    this.#timers = [];
    this.#round = undefined;
    if (this.#next.waiters.length) this.#begin();
  }
}
