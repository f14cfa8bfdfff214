import assert from 'node:assert/strict';
import { millisecond, second } from '../../../../../src/base/time.ts';
import { DiskTimes } from '../../../../../src/sim/etcd/members/diskTimes.ts';
import { Histogram } from '../../../../../src/sim/etcd/members/histogram.ts';
import { drawLatency } from '../../../../../src/sim/etcd/members/latency.ts';
import { SeededRandom } from '../../../../../src/sim/time/random.ts';

const always = (us: number) => ({ medianUs: us, p99Us: us });

describe('the times of a disk', () => {
  it('are about the median and the p99 that were asked for', () => {
    const random = new SeededRandom(1);
    const asked = { medianUs: 20_000, p99Us: 300_000 };
    const drawn = Array.from({ length: 20_000 }, () => drawLatency(asked, random));
    drawn.sort((a, b) => a - b);
    const at = (share: number): number => drawn[Math.floor(drawn.length * share)] ?? 0;
    assert.ok(Math.abs(at(0.5) / asked.medianUs - 1) < 0.05, String(at(0.5)));
    assert.ok(Math.abs(at(0.99) / asked.p99Us - 1) < 0.1, String(at(0.99)));
  });

  it('are the same for the same seed', () => {
    const times = () => {
      const disk = new DiskTimes(new SeededRandom(5), { medianUs: 500, p99Us: 2000 });
      return Array.from({ length: 20 }, (_, i) => disk.write(i * second).end);
    };
    assert.deepEqual(times(), times());
  });

  // Each sync takes 10.
  const syncs: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ['one write', [0], [10]],
    ['writes one after another', [0, 10, 30], [10, 20, 40]],
    ['all that comes during a sync goes into the next', [0, 1, 5, 9], [10, 20, 20, 20]],
    ['and what comes during that one into the one after it', [0, 1, 12, 19], [10, 20, 30, 30]],
    ['what comes in the same moment is too late for the first', [0, 0, 0], [10, 20, 20]],
  ];
  for (const [name, writes, ends] of syncs)
    it(`of the log: ${name}`, () => {
      const disk = new DiskTimes(new SeededRandom(1), always(10));
      assert.deepEqual(
        writes.map((at) => disk.write(at).end),
        ends,
      );
      assert.equal(disk.fsync.count, new Set(ends).size);
    });

  it('of the backend: committed 100 ms after a write, which takes two syncs', () => {
    const disk = new DiskTimes(new SeededRandom(1), always(millisecond));
    disk.fault = always(49 * millisecond);
    disk.applied(0);
    assert.equal(disk.freeAt(99 * millisecond), 99 * millisecond);
    assert.equal(disk.freeAt(150 * millisecond), 200 * millisecond);
    assert.equal(disk.freeAt(200 * millisecond), 200 * millisecond);
    assert.equal(disk.backendCommit(200 * millisecond).count, 1);
    assert.equal(disk.backendCommit(second).sum, 0.1);
  });

  it('of a good disk hold nobody up', () => {
    const disk = new DiskTimes(new SeededRandom(1), always(millisecond));
    disk.applied(0);
    assert.equal(disk.freeAt(101 * millisecond), 101 * millisecond);
    assert.equal(disk.backendCommit(102 * millisecond).count, 1);
  });

  it('tell which one of a hundred was longer, since one asked last', () => {
    const disk = new DiskTimes(new SeededRandom(1), always(1000));
    for (let i = 0; i < 98; i++) disk.syncUs();
    disk.fault = always(9000);
    disk.syncUs();
    disk.syncUs();
    assert.equal(disk.takeP99(), 10_000);
    assert.equal(disk.takeP99(), 0);
  });
});

describe('a histogram', () => {
  it('counts as Prometheus does', () => {
    const histogram = new Histogram([1, 2, 4]);
    for (const value of [0.5, 1, 1.5, 4, 100]) histogram.observe(value);
    assert.deepEqual(histogram.cumulative(), [2, 3, 4, 5]);
    assert.equal(histogram.sum, 107);
    assert.equal(histogram.count, 5);
  });
});
