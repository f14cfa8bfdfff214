import type { Sample } from '../../protocol/etcdHistory.ts';

/** Charts are drawn in a square of this side, which is stretched to the place that they have. */
export const side = 100;
/** Less than this is never the whole width: a chart that has just begun begins at the right. */
const shortestUs = 60_000_000;

/** Where a sample lies from left to right. */
export function xOf(samples: readonly Sample[]): (sample: Sample) => number {
  const first = samples[0]?.time ?? 0;
  const last = samples.at(-1)?.time ?? 0;
  const span = Math.max(shortestUs, last - first);
  return ({ time }) => round(side - ((last - time) / span) * side);
}

/** How much time the width stands for, in seconds. */
export const spanSeconds = (samples: readonly Sample[]): number =>
  Math.max(shortestUs, (samples.at(-1)?.time ?? 0) - (samples[0]?.time ?? 0)) / 1_000_000;

/** The top of an axis that begins at 0: 1, 2 or 5 times a power of ten, above `value`. */
export function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((it) => it * power >= value) ?? 10;
  return step * power;
}

/** A line through the samples. */
export function linePath(
  samples: readonly Sample[],
  value: (sample: Sample) => number,
  top: number,
): string {
  const x = xOf(samples);
  const points = samples.map((sample) => `${x(sample)},${yOf(value(sample), top)}`);
  return points.length ? `M${points.join('L')}` : '';
}

/** The same, closed at the bottom. */
export function areaPath(
  samples: readonly Sample[],
  value: (sample: Sample) => number,
  top: number,
): string {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last) return '';
  const x = xOf(samples);
  return `${linePath(samples, value, top)}L${x(last)},${side}L${x(first)},${side}Z`;
}

export const yOf = (value: number, top: number): number => round(side - (value / top) * side);

/** Syncs take from a tenth of a millisecond to seconds: each ten times as long is as much higher. */
const fastest = 0.0001;
const slowest = 1;

/** Where a duration in seconds lies, on an axis that is always the same. */
export function durationY(seconds: number): number {
  const share = Math.log(seconds / fastest) / Math.log(slowest / fastest);
  return round(side - Math.min(1, Math.max(0.02, share)) * side);
}

/** A bar for each sample that passes; nothing where nothing was synced. */
export function barsPath(samples: readonly Sample[], passes: (seconds: number) => boolean): string {
  const x = xOf(samples);
  return samples
    .filter(({ fsyncP99 }) => fsyncP99 > 0 && passes(fsyncP99))
    .map((sample) => `M${x(sample)},${side}V${durationY(sample.fsyncP99)}`)
    .join('');
}

/** The sample that is nearest to a place from 0 (left) to 1. */
export function nearest(samples: readonly Sample[], place: number): number {
  const x = xOf(samples);
  let best = -1;
  let distance = Infinity;
  for (const [index, sample] of samples.entries()) {
    const own = Math.abs(x(sample) - place * side);
    if (own < distance) [best, distance] = [index, own];
  }
  return best;
}

const round = (value: number): number => Math.round(value * 100) / 100;
