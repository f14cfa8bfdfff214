import type { Random } from '../../../base/random.ts';
import type { Micros } from '../../../base/time.ts';

/** How long something takes: half of the times less than the median, one of a hundred more than p99. */
export interface Latency {
  readonly medianUs: Micros;
  /** At least the median. */
  readonly p99Us: Micros;
}

/** Of the normal distribution: 99 of 100 are below. */
const z99 = 2.3263;

/** A time by chance. Disks have a long tail, so they are log-normal. */
export function drawLatency({ medianUs, p99Us }: Latency, random: Random): Micros {
  if (p99Us <= medianUs) return medianUs;
  const sigma = Math.log(p99Us / medianUs) / z99;
  return Math.round(medianUs * Math.exp(sigma * normal(random)));
}

/** Box and Muller's. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.float()));
  return radius * Math.cos(2 * Math.PI * random.float());
}
