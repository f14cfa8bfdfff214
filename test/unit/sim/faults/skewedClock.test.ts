import assert from 'node:assert/strict';
import { second } from '../../../../src/base/time.ts';
import { SkewedClock } from '../../../../src/sim/faults/skewedClock.ts';
import { EventLoop } from '../../../../src/sim/time/eventLoop.ts';
import { drain } from '../../../support/drain.ts';

describe('a clock that goes wrong', () => {
  const start = 1000 * second;
  let loop: EventLoop;
  let clock: SkewedClock;
  let rings: [name: string, seconds: number][];
  const ring = (name: string) => (): void => void rings.push([name, (loop.now() - start) / second]);

  beforeEach(() => {
    loop = new EventLoop(start, drain);
    clock = new SkewedClock(loop);
    rings = [];
  });

  it('is right until it is told otherwise', async () => {
    clock.setTimer(3 * second, ring('timer'));
    await loop.runUntil(start + 5 * second);
    assert.deepEqual(rings, [['timer', 3]]);
    assert.equal(clock.now(), loop.now());
  });

  for (const [rate, rung, shown] of [
    [2, 6, 14],
    [0.5, 12, 6.5],
  ] as const)
    it(`at rate ${rate}, what was set before comes after ${rung} seconds in place of 8`, async () => {
      clock.setTimer(8 * second, ring('timer'));
      await loop.runUntil(start + 4 * second);
      clock.rate = rate;
      await loop.runUntil(start + 9 * second);
      assert.equal((clock.now() - start) / second, shown);
      await loop.runUntil(start + 20 * second);
      assert.deepEqual(rings, [['timer', rung]]);
    });

  it('never goes back when it becomes right again, and keeps what it is ahead', async () => {
    clock.rate = 3;
    await loop.runUntil(start + 2 * second);
    clock.rate = 1;
    await loop.runUntil(start + 3 * second);
    assert.equal(clock.now(), start + 7 * second);
  });

  it('never rings early, whatever the rate', async () => {
    clock.rate = 1 / 3;
    const due = clock.now() + 1_000_001;
    clock.setTimer(1_000_001, () => assert.ok(clock.now() >= due));
    void clock.sleep(7).then(ring('sleeper'));
    await loop.runUntil(start + 4 * second);
    assert.deepEqual(rings, [['sleeper', 0.000021]]);
  });

  it('forgets a timer that is disposed of', async () => {
    const timer = clock.setTimer(second, ring('timer'));
    clock.rate = 2;
    timer.dispose();
    clock.rate = 1;
    await loop.runUntil(start + 9 * second);
    assert.deepEqual(rings, []);
  });
});
