import type { IDisposable } from '../../../base/disposable.ts';
import type { Clock, Micros } from '../../../base/time.ts';
import { errors } from '../errors.ts';
import type { DiskTimes, Sync } from './diskTimes.ts';
import { requestTimeoutUs } from './reads.ts';

interface Pending {
  readonly sync: Sync;
  readonly apply: () => void;
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
  #writes: Pending[] = [];
  #reads: (() => void)[] = [];
  #timer: { readonly due: Micros; readonly handle: IDisposable } | undefined;

  constructor(clock: Clock, disk: DiskTimes) {
    this.#clock = clock;
    this.#disk = disk;
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
  write<T>(apply: () => T): Promise<T> {
    if (this.durable > maxGap) return Promise.reject(errors.tooManyRequests());
    const sync = this.#disk.write(this.#clock.now());
    return new Promise((resolve, reject) => {
      const timeout = this.#clock.setTimer(requestTimeoutUs, () => reject(errors.timeout()));
      this.#writes.push({
        sync,
        apply: () => {
          timeout.dispose();
          try {
            resolve(apply());
          } catch (error) {
            reject(error);
          }
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
    while (this.#isDue(now)) {
      this.#writes.shift()?.apply();
      this.#disk.applied(now);
    }
    const reads = this.#reads;
    this.#reads = [];
    for (const read of reads) read();
    const [next] = this.#writes;
    if (next) this.#wakeAt(next.sync.end);
  }
}
