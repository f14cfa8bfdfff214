import { second, type Micros } from '../../base/time.ts';
import type { DiskTimes } from '../../sim/etcd/members/diskTimes.ts';
import type { Store } from '../../sim/etcd/store.ts';
import type { EtcdSample } from '../../source/etcd.ts';

/** Five minutes. */
const capacity = 300;

/**
 * The sizes and the disks of etcd, a sample for each virtual second in which something happened. Who sees events go by tells
 * of the time: there is no timer, so that a cluster that rests is left at rest.
 */
export class EtcdSamples {
  readonly #store: () => Store;
  readonly #disks: () => readonly DiskTimes[];
  readonly #samples: EtcdSample[] = [];
  #second: number | undefined;

  constructor(store: () => Store, disks: () => readonly DiskTimes[]) {
    this.#store = store;
    this.#disks = disks;
  }

  /** The oldest first. */
  get all(): readonly EtcdSample[] {
    return this.#samples;
  }

  /** The time is this now, or was. */
  passed(time: Micros): void {
    const now = Math.floor(time / second);
    if (this.#second === undefined) this.#second = now;
    if (now <= this.#second) return;
    this.#take(this.#second * second);
    this.#second = now;
  }

  #take(time: Micros): void {
    const { revision, space } = this.#store();
    const slowest = Math.max(0, ...this.#disks().map((disk) => disk.takeP99()));
    this.#samples.push({
      time,
      revision,
      dbSize: space.size,
      dbSizeInUse: space.inUse,
      fsyncP99: slowest / second,
    });
    if (this.#samples.length > capacity) this.#samples.shift();
  }
}
