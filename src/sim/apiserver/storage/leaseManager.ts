import type { Random } from '../../../base/random.ts';
import { second, type Clock, type Micros } from '../../../base/time.ts';
import type { CauseId } from '../../../trace/event.ts';
import type { EtcdKv } from '../../etcd/kv.ts';

/** How long a lease is given to what is written, and to how many objects at most. */
const reuseSeconds = 60;
const reuseShare = 0.05;
const maxObjects = 1000;

/**
 * Leases of etcd for objects that end by themselves. What is written within a minute shares one, which ends so much later.
 * Models apiserver/pkg/storage/etcd3/lease_manager.go.
 */
export class LeaseManager {
  readonly #kv: EtcdKv;
  readonly #clock: Clock;
  readonly #random: Random;
  #lease = 0n;
  #expiry: Micros = 0;
  #objects = 0;
  /** One at a time looks whether the last lease will do. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(kv: EtcdKv, clock: Clock, random: Random) {
    this.#kv = kv;
    this.#clock = clock;
    this.#random = random;
  }

  /** A lease that lasts so many seconds or little longer. Rejects with EtcdError. */
  leaseFor(ttl: number, cause: CauseId | undefined): Promise<bigint> {
    const lease = this.#last.then(() => this.#leaseFor(ttl, cause));
    this.#last = lease.catch(() => undefined);
    return lease;
  }

  async #leaseFor(ttl: number, cause: CauseId | undefined): Promise<bigint> {
    const now = this.#clock.now();
    const extra = Math.min(reuseSeconds, Math.floor(ttl * reuseShare));
    const ends = now + ttl * second;
    this.#objects++;
    if (ends < this.#expiry && ends + extra * second > this.#expiry && this.#objects <= maxObjects)
      return this.#lease;
    const id = this.#newId();
    await this.#kv.grantLease(id, ttl + extra, cause);
    this.#lease = id;
    this.#expiry = ends + extra * second;
    this.#objects = 1;
    return id;
  }

  /** Positive, in 63 bits, as etcd draws them. */
  #newId(): bigint {
    const half = (): bigint => BigInt(this.#random.below(2 ** 31));
    return (half() << 31n) | half() | (1n << 62n);
  }
}
