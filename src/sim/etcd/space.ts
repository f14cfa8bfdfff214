import { errors } from './errors.ts';
import type { Journal } from './state/journal.ts';

const page = 4096;
/** What a new database has: two meta pages, the free list, and the buckets' roots. */
const emptyPages = 5;
/** Pages fill up to nine tenths when keys rise, as revisions do. */
const fill = 0.9;
/** The head of an entry in a page, its key (a revision), and the numbers of a record. */
const entryOverhead = 16 + 17 + 24;
/** What etcd reckons for a put beside key and value. */
export const putOverhead = 512;
export const leaseCost = 1024;

/** etcd's default --quota-backend-bytes. */
export const defaultQuota = 2 * 1024 ** 3;

/**
 * How large the database would be on disk, in bytes: it grows with every version, what compaction frees is used again,
 * and only defragmentation gives it back. At its quota it takes nothing more and raises the alarm NOSPACE, until someone
 * disarms it. Models go.etcd.io/etcd/server/v3/storage quota and etcdserver/apply applierV3Capped; the size is reckoned.
 */
export class Space {
  readonly quota: number;
  journal: Journal | undefined;
  #small = 0;
  #largePages = 0;
  #pages = emptyPages;
  #isFull = false;
  /**
   * Set in members of a cluster: what is in the log fits, unless the alarm is raised, which is in the log as well. Sizes differ
   * between members, and what one refuses all must refuse.
   */
  obeysAlarmOnly = false;

  constructor(quota: number = defaultQuota) {
    this.quota = quota;
  }

  get size(): number {
    return this.#pages * page;
  }

  get inUse(): number {
    return this.#pagesInUse() * page;
  }

  /** Whether the alarm is raised. */
  get isFull(): boolean {
    return this.#isFull;
  }

  add(keyBytes: number, valueBytes: number): void {
    this.#count(keyBytes + valueBytes, 1);
    this.#pages = Math.max(this.#pages, this.#pagesInUse());
  }

  remove(keyBytes: number, valueBytes: number): void {
    this.#count(keyBytes + valueBytes, -1);
  }

  /** Refuses a write that does not fit, and every one after it. `bytes` are those of keys and values that are put. */
  checkPut(puts: number, bytes: number): void {
    this.#check(puts * putOverhead + bytes);
  }

  /** Whether a write of this cost may be proposed. */
  fits(cost: number): boolean {
    return this.size + cost < this.quota;
  }

  checkLease(): void {
    this.#check(leaseCost);
  }

  raise(): void {
    this.#setAlarm(true);
  }

  disarm(): void {
    this.#setAlarm(false);
  }

  defragment(): void {
    this.#pages = this.#pagesInUse();
    this.journal?.({ type: 'defragment' });
  }

  /** The file was so large already. */
  grow(size: number): void {
    this.#pages = Math.max(this.#pages, Math.ceil(size / page));
  }

  copy(): Space {
    const copy = new Space(this.quota);
    copy.#small = this.#small;
    copy.#largePages = this.#largePages;
    copy.#pages = this.#pages;
    copy.#isFull = this.#isFull;
    copy.obeysAlarmOnly = this.obeysAlarmOnly;
    return copy;
  }

  #check(cost: number): void {
    if (!this.#isFull && (this.obeysAlarmOnly || this.fits(cost))) return;
    this.#setAlarm(true);
    throw errors.noSpace();
  }

  #setAlarm(isFull: boolean): void {
    if (this.#isFull === isFull) return;
    this.#isFull = isFull;
    this.journal?.({ type: 'alarm', isFull });
  }

  #count(bytes: number, sign: 1 | -1): void {
    const size = bytes + entryOverhead;
    if (size > page / 2) this.#largePages += sign * Math.ceil((size + 16) / page);
    else this.#small += sign * size;
  }

  #pagesInUse(): number {
    return emptyPages + this.#largePages + Math.ceil(this.#small / (page * fill));
  }
}
