import type { IDisposable } from '../../base/disposable.ts';
import { second, type Clock, type Micros } from '../../base/time.ts';
import type { CauseId } from '../../trace/event.ts';
import { errors } from './errors.ts';
import type { Key } from './kv.ts';
import type { Journal } from './state/journal.ts';

/** A promise that keys go when nobody renews it. Times to live in seconds, as etcd's API has them. */
export interface Lease {
  readonly id: bigint;
  readonly grantedTtl: number;
  readonly keys: ReadonlySet<Key>;
  /** When it ends. */
  readonly expiry: Micros;
}

interface Held extends Lease {
  readonly keys: Set<Key>;
  expiry: Micros;
  timer: IDisposable | undefined;
  readonly cause: CauseId | undefined;
}

const maxTtl = 9_000_000_000;
/** One and a half election timeouts of etcd's default (1 s), in whole seconds. */
const minTtl = 2;

/**
 * Keeps the leases. A lease never ends early: its timer is set anew with each renewal.
 * Models go.etcd.io/etcd/server/v3/lease. Without a clock leases do not end.
 */
export class Lessor {
  /**
   * Takes what a lease's end leads to in the place of this lessor, when it returns true: a member of a cluster asks all of
   * them to revoke it.
   */
  propose: ((id: bigint, cause: CauseId | undefined) => boolean) | undefined;
  /** Only then leases end. */
  #isPrimary = true;
  readonly #clock: Clock | undefined;
  readonly #leases = new Map<bigint, Held>();
  readonly #expire: (keys: readonly Key[], cause: CauseId | undefined) => void;
  readonly #journal: Journal | undefined;

  constructor(
    clock: Clock | undefined,
    expire: (keys: readonly Key[], cause: CauseId | undefined) => void,
    from?: Lessor,
    journal?: Journal,
  ) {
    this.#clock = clock;
    this.#journal = journal;
    this.#expire = expire;
    for (const lease of from ? from.#leases.values() : []) {
      this.#leases.set(lease.id, lease);
      this.#endAt(lease, lease.expiry);
    }
  }

  /** The leases without a clock: to begin another lessor with. */
  fork(): Lessor {
    const copy = new Lessor(undefined, this.#expire);
    for (const lease of this.#leases.values())
      copy.#leases.set(lease.id, { ...lease, keys: new Set(lease.keys), timer: undefined });
    return copy;
  }

  has(id: bigint): boolean {
    return this.#leases.has(id);
  }

  get(id: bigint): Lease | undefined {
    return this.#leases.get(id);
  }

  /** Ids in the order in which the leases were granted. */
  list(): bigint[] {
    return [...this.#leases.keys()];
  }

  /** Seconds left; -1 when there is no such lease. */
  remaining(id: bigint): number {
    const lease = this.#leases.get(id);
    if (!lease) return -1;
    return this.#clock
      ? Math.max(0, Math.floor((lease.expiry - this.#clock.now()) / second))
      : lease.grantedTtl;
  }

  /** `cause` is why it was granted: what its end is caused by. */
  grant(id: bigint, ttl: number, cause: CauseId | undefined): Lease {
    if (ttl > maxTtl) throw errors.leaseTtlTooLarge();
    if (this.#leases.has(id)) throw errors.leaseExists();
    const lease: Held = {
      id,
      grantedTtl: Math.max(minTtl, ttl),
      keys: new Set(),
      expiry: 0,
      timer: undefined,
      cause,
    };
    this.#leases.set(id, lease);
    this.#renew(lease);
    this.#journal?.({ type: 'grant', id, ttl: lease.grantedTtl });
    return lease;
  }

  /** Its member leads now: every lease has all its time again, and `extendUs` more. Models lease lessor.Promote. */
  promote(extendUs: Micros): void {
    this.#isPrimary = true;
    for (const lease of this.#leases.values()) this.#renew(lease, extendUs);
  }

  demote(): void {
    this.#isPrimary = false;
    for (const lease of this.#leases.values()) lease.timer?.dispose();
  }

  /** Takes the leases of another lessor in place of its own. */
  restore(from: Lessor): void {
    for (const lease of this.#leases.values()) lease.timer?.dispose();
    this.#leases.clear();
    for (const lease of from.fork().#leases.values()) this.#leases.set(lease.id, lease);
    if (this.#isPrimary)
      for (const lease of this.#leases.values()) this.#endAt(lease, lease.expiry);
  }

  /** Begins the time to live again; returns it. */
  keepAlive(id: bigint): number {
    const lease = this.#leases.get(id);
    if (!lease) throw errors.leaseNotFound();
    this.#renew(lease);
    return lease.grantedTtl;
  }

  revoke(id: bigint, cause: CauseId | undefined): void {
    const lease = this.#leases.get(id);
    if (!lease) throw errors.leaseNotFound();
    lease.timer?.dispose();
    this.#leases.delete(id);
    this.#expire([...lease.keys], cause);
    // Last: when the end is cut off between both, the lease is left without keys, and ends again.
    this.#journal?.({ type: 'revoke', id });
  }

  /** All begin again: nobody knows how long there was no one to renew them. Models lessor Promote. */
  renewAll(): void {
    for (const lease of this.#leases.values()) this.#renew(lease);
  }

  /** A write moved a key from one lease to another; 0n is none. */
  attach(key: Key, from: bigint, to: bigint): void {
    if (from === to) return;
    this.#leases.get(from)?.keys.delete(key);
    this.#leases.get(to)?.keys.add(key);
  }

  #renew(lease: Held, extendUs: Micros = 0): void {
    if (this.#clock) this.#endAt(lease, this.#clock.now() + lease.grantedTtl * second + extendUs);
  }

  #endAt(lease: Held, expiry: Micros): void {
    lease.timer?.dispose();
    lease.expiry = expiry;
    if (!this.#isPrimary) return;
    lease.timer = this.#clock?.setTimer(expiry - this.#clock.now(), () => this.#end(lease));
  }

  #end(lease: Held): void {
    if (this.propose?.(lease.id, lease.cause) !== true) {
      this.revoke(lease.id, lease.cause);
      return;
    }
    // The proposal may be lost; as long as the lease is there, it is made again.
    lease.timer = this.#clock?.setTimer(second, () => this.#end(lease));
  }
}
