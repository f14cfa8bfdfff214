import type { Random } from '../../../base/random.ts';
import { millisecond, type Micros } from '../../../base/time.ts';
import { Histogram } from './histogram.ts';
import { drawLatency, type Latency } from './latency.ts';

/** A sync of the log: all writes that came before it began are safe when it ends. */
export interface Sync {
  readonly begin: Micros;
  readonly end: Micros;
}

/** etcd's backend batch interval. */
const batchUs = 100 * millisecond;
/** So many syncs are remembered between two looks at them. */
const maxRecent = 1000;

/**
 * How long the disk of a member takes. The times are a model: a sync takes what a good disk would (log-normal), and with
 * the fault that much more. The log is synced once at a time, and all that is written meanwhile goes into the next sync.
 * What is applied is committed to the backend every 100 ms, which are two syncs (pages, then their root); while that
 * lasts nothing is read or applied. All of it is reckoned, nothing here waits.
 * Models go.etcd.io/etcd/server/v3/storage/wal and storage/backend.
 */
export class DiskTimes {
  readonly fsync = new Histogram();
  readonly #backendCommit = new Histogram();
  readonly #random: Random;
  readonly #base: Latency;
  /** What every sync takes beside what a good disk does. */
  #fault: Latency | undefined;
  #sync: Sync = { begin: 0, end: 0 };
  /** Since when something is applied that is not committed. */
  #dirtySince: Micros | undefined;
  #commitEnd: Micros = 0;
  #recent: Micros[] = [];

  constructor(random: Random, base: Latency) {
    this.#random = random;
    this.#base = base;
  }

  get isSlow(): boolean {
    return this.#fault !== undefined;
  }

  set fault(latency: Latency | undefined) {
    this.#fault = latency;
  }

  /** What is written to the log now is safe at the end of the sync. */
  write(now: Micros): Sync {
    const { begin, end } = this.#sync;
    if (now < begin) return this.#sync;
    const start = Math.max(now, end);
    this.#sync = { begin: start, end: start + this.syncUs() };
    return this.#sync;
  }

  /** How long a sync takes that begins now. */
  syncUs(): Micros {
    const took = this.#draw();
    this.fsync.observe(took / 1_000_000);
    if (this.#recent.length < maxRecent) this.#recent.push(took);
    return took;
  }

  /** When the backend can be read and written: now, or when it is committed. */
  freeAt(now: Micros): Micros {
    this.#settle(now);
    return this.isSlow ? Math.max(now, this.#commitEnd) : now;
  }

  /** Something was applied. */
  applied(now: Micros): void {
    this.#settle(now);
    this.#dirtySince ??= now;
  }

  backendCommit(now: Micros): Histogram {
    this.#settle(now);
    return this.#backendCommit;
  }

  /** Of the syncs since the last call, what one of a hundred took longer than; 0 when there was none. */
  takeP99(): Micros {
    const sorted = this.#recent.sort((a, b) => a - b);
    this.#recent = [];
    return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
  }

  /** The commit that was due by now took place. */
  #settle(now: Micros): void {
    if (this.#dirtySince === undefined || this.#dirtySince + batchUs > now) return;
    const took = this.#draw() + this.#draw();
    this.#backendCommit.observe(took / 1_000_000);
    this.#commitEnd = Math.max(this.#dirtySince + batchUs, this.#commitEnd) + took;
    this.#dirtySince = undefined;
  }

  #draw(): Micros {
    const base = drawLatency(this.#base, this.#random);
    return this.#fault ? base + drawLatency(this.#fault, this.#random) : base;
  }
}
