import assert from 'node:assert/strict';
import type { Sample } from '../../../src/protocol/etcdHistory.ts';
import {
  areaPath,
  barsPath,
  durationY,
  linePath,
  nearest,
  niceTop,
  spanSeconds,
} from '../../../src/webview/etcdHistory/plot.ts';

const second = 1_000_000;
const sample = (time: number, dbSize: number, fsyncP99 = 0): Sample => ({
  time: time * second,
  dbSize,
  dbSizeInUse: dbSize / 2,
  fsyncP99,
});
const size = ({ dbSize }: Sample): number => dbSize;

describe('charts', () => {
  const samples = [sample(100, 0, 0.001), sample(150, 50), sample(200, 100, 0.1)];

  it('go from the oldest sample at the left to the newest at the right', () => {
    assert.equal(linePath(samples, size, 100), 'M0,100L50,50L100,0');
    assert.equal(areaPath(samples, size, 100), 'M0,100L50,50L100,0L100,100L0,100Z');
    assert.equal(spanSeconds(samples), 100);
  });

  it('begin at the right when there is little to show, and with nothing', () => {
    assert.equal(linePath([sample(0, 1), sample(6, 1)], size, 1), 'M90,0L100,0');
    assert.equal(linePath([], size, 1), '');
    assert.equal(areaPath([], size, 1), '');
    assert.equal(nearest([], 0.5), -1);
  });

  it('have a bar for each second in which something was synced', () => {
    assert.equal(
      barsPath(samples, () => true),
      'M0,100V75M100,100V25',
    );
    assert.equal(
      barsPath(samples, (seconds) => seconds > 0.01),
      'M100,100V25',
    );
    assert.deepEqual([1, 5, 0.01, 0.00001].map(durationY), [0, 0, 50, 98]);
  });

  it('find the sample below the pointer', () => {
    assert.deepEqual(
      [0, 0.2, 0.3, 0.6, 0.8, 1].map((place) => nearest(samples, place)),
      [0, 0, 1, 1, 2, 2],
    );
  });

  for (const [value, expected] of [
    [0, 1],
    [1, 1],
    [4_200_000, 5_000_000],
    [1_100_000, 1_500_000],
    [9_900, 10_000],
  ] as const)
    it(`have an axis up to ${expected} for ${value}`, () => assert.equal(niceTop(value), expected));
});
