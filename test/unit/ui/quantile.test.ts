import assert from 'node:assert/strict';
import { quantile } from '../../../src/ui/etcd/quantile.ts';

const bounds = [0.001, 0.002, 0.004, Infinity];
const histogram = (...counts: number[]) => ({ bounds, counts, sum: 0 });

describe('a quantile of a histogram', () => {
  const cases: readonly [string, number, number[], number | undefined][] = [
    ['of nothing is not there', 0.99, [0, 0, 0, 0], undefined],
    ['lies within the bucket in which its rank is', 0.5, [0, 10, 10, 10], 0.0015],
    ['begins at 0 in the first bucket', 0.5, [10, 10, 10, 10], 0.0005],
    ['goes over empty buckets', 0.99, [0, 0, 100, 100], 0.00398],
    ['is the last bound when it lies above', 0.99, [1, 1, 1, 100], 0.004],
  ];
  for (const [name, q, counts, expected] of cases)
    it(name, () => assert.equal(quantile(q, histogram(...counts)), expected));
});
