/** Upper bounds of etcd's buckets for times of a disk, in seconds. Models prometheus.ExponentialBuckets(0.001, 2, 14). */
export const diskBounds: readonly number[] = Array.from({ length: 14 }, (_, i) => 0.001 * 2 ** i);

/** Counts observations as Prometheus does. */
export class Histogram {
  /** Rising; what is above the last one is counted too. */
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[] = diskBounds) {
    this.bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? 0)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** How many were not above each bound; the last one counts all. */
  cumulative(): number[] {
    let sum = 0;
    return this.#counts.map((count) => (sum += count));
  }
}
