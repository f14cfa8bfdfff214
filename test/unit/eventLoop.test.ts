import assert from 'node:assert/strict';
import { EventLoop } from '../../src/sim/time/eventLoop.ts';
import { drain } from '../support/drain.ts';

describe('EventLoop', () => {
  it('runs timers by time, then by setting, and settles promises in between', async () => {
    const loop = new EventLoop(0, drain);
    const seen: string[] = [];
    loop.setTimer(5, () => {
      seen.push('b');
      void Promise.resolve()
        .then(() => undefined)
        .then(() => seen.push('b settled'));
    });
    loop.setTimer(0, () => seen.push('a'));
    loop.setTimer(5, () => seen.push('c'));
    loop.setTimer(6, () => seen.push('disposed')).dispose();
    await loop.runUntil(10);
    assert.deepEqual(seen, ['a', 'b', 'b settled', 'c']);
    assert.equal(loop.now(), 10);
  });

  it('sleeps in virtual time', async () => {
    const loop = new EventLoop(100, drain);
    let woke = 0;
    void loop.sleep(1_000_000).then(() => (woke = loop.now()));
    await loop.runUntil(2_000_000);
    assert.equal(woke, 1_000_100);
  });
});
