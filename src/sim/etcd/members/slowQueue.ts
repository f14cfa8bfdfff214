import type { IDisposable } from '../../../base/disposable.ts';
import type { Clock, Micros } from '../../../base/time.ts';
import type { CauseId } from '../../../trace/event.ts';
import { errors } from '../errors.ts';
import type { DiskTimes, Sync } from './diskTimes.ts';
import { requestTimeoutUs } from './reads.ts';
import type { Warnings } from './warnings.ts';

interface Pending {
  readonly sync: Sync;
  /** @param since when it could have been applied */
  readonly apply: (since: Micros) => void;
}

/** etcd's maxGapBetweenApplyAndCommitIndex. */
const maxGap = 5000;

/**
 * What waits for the slow disk of a member that is alone: writes for the sync that makes them safe, and what is safe, like
 * reads, for the backend while that is committed. Everything is applied in the order in which it came.
 */
export class SlowQueue {
  readonly #clock: Clock;
  readonly #disk: DiskTimes;
  readonly #warnings: Warnings;
  #lastSync: Sync | undefined;
  #timedOut = 0;
  #writes: Pending[] = [];
  #reads: (() => void)[] = [];
  #timer: { readonly due: Micros; readonly handle: IDisposable } | undefined;

  constructor(clock: Clock, disk: DiskTimes, warnings: Warnings) {
    this.#clock = clock;
    this.#disk = disk;
    this.#warnings = warnings;
  }

  get timedOut(): number {
    return this.#timedOut;
  }

  get length(): number {
    return this.#writes.length;
  }

  /** How many of them are safe, and not applied. */
  get durable(): number {
    const now = this.#clock.now();
    return this.#writes.filter(({ sync }) => sync.end <= now).length;
  }

  /** Rejects when it takes longer than etcd waits; it is done all the same. */
  write<T>(apply: (since: Micros) => T, cause: CauseId | undefined): Promise<T> {
    if (this.durable > maxGap) return Promise.reject(errors.tooManyRequests());
    const sync = this.#sync(cause);
    return new Promise((resolve, reject) => {
      const timeout = this.#clock.setTimer(requestTimeoutUs, () => {
        this.#timedOut++;
        reject(errors.timeout());
      });
      this.#writes.push({
        sync,
        apply: (since) => {
          timeout.dispose();
          // What it throws is what it is rejected with.
          resolve(new Promise<T>((done) => done(apply(since))));
        },
      });
      this.#wakeAt(sync.end);
    });
  }

  /** Resolves when all that was safe before can be read; undefined: now. */
  read(): Promise<void> | undefined {
    const now = this.#clock.now();
    const free = this.#disk.freeAt(now);
    if (free === now && !this.#isDue(now)) return undefined;
    return new Promise((resolve) => {
      this.#reads.push(resolve);
      this.#wakeAt(free);
    });
  }

  #sync(cause: CauseId | undefined): Sync {
    const now = this.#clock.now();
    const sync = this.#disk.write(now);
    if (sync !== this.#lastSync) {
      this.#lastSync = sync;
      const { begin, end } = sync;
      this.#clock.setTimer(end - now, () => this.#warnings.synced(end - begin, cause));
    }
    return sync;
  }

  #isDue(now: Micros): boolean {
    const [first] = this.#writes;
    return first !== undefined && first.sync.end <= now;
  }

  #wakeAt(time: Micros): void {
    if (this.#timer && this.#timer.due <= time) return;
    this.#timer?.handle.dispose();
    const handle = this.#clock.setTimer(time - this.#clock.now(), () => {
      this.#timer = undefined;
      this.#work();
    });
    this.#timer = { due: time, handle };
  }

  #work(): void {
    const now = this.#clock.now();
    const free = this.#disk.freeAt(now);
    if (free > now) {
      this.#wakeAt(free);
      return;
    }
    let since = this.#writes[0]?.sync.end;
    while (since !== undefined && since <= now) {
      this.#writes.shift()?.apply(since);
      this.#disk.applied(now);
      // What was safe before could not be applied before this one.
      since = this.#isDue(now) ? now : undefined;
    }
    const reads = this.#reads;
    this.#reads = [];
    for (const read of reads) read();
    const [next] = this.#writes;
    if (next) this.#wakeAt(next.sync.end);
  }
}
