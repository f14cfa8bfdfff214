import type { Histogram } from '../../source/etcd.ts';

/** Prometheus' histogram_quantile: as if values lay evenly in their bucket. Undefined when there are none. */
export function quantile(q: number, { bounds, counts }: Histogram): number | undefined {
  const total = counts.at(-1) ?? 0;
  if (!total) return undefined;
  const rank = q * total;
  const index = counts.findIndex((count) => count >= rank);
  const below = index > 0 ? (counts[index - 1] ?? 0) : 0;
  const from = index > 0 ? (bounds[index - 1] ?? 0) : 0;
  const to = bounds[index] ?? 0;
  if (!Number.isFinite(to)) return from;
  const inBucket = (counts[index] ?? 0) - below;
  return inBucket ? from + ((to - from) * (rank - below)) / inBucket : to;
}
