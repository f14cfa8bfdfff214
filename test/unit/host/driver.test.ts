import assert from 'node:assert/strict';
import { Driver, drain } from '../../../src/host/driver.ts';
import { EventLoop } from '../../../src/sim/time/eventLoop.ts';
import { second } from '../../../src/base/time.ts';

const fail = (error: unknown): never => {
  throw error;
};

describe('the driver of virtual time', () => {
  it('hears of a timer that is set while it sleeps', async () => {
    const loop = new EventLoop(0, drain);
    const driver = new Driver(loop, 'real', fail);
    loop.setTimer(3600 * second, () => fail(new Error('an hour has not passed')));
    driver.wake();
    for (let turns = 0; turns < 5; turns++) await drain();
    // It sleeps now, for it knows of nothing else to do.
    await new Promise<void>((resolve) => loop.setTimer(0, resolve));
    driver.dispose();
  });

  it('runs what is due hours later at once, when it is to be as fast as it can', async () => {
    const loop = new EventLoop(0, drain);
    const driver = new Driver(loop, 'max', fail);
    driver.wake();
    await loop.sleep(100 * 3600 * second);
    assert.equal(loop.now(), 100 * 3600 * second);
    driver.dispose();
  });

  it('stands still while it is paused, and takes single steps', async () => {
    const loop = new EventLoop(0, drain);
    const driver = new Driver(loop, 'max', fail);
    driver.pause();
    const ran: number[] = [];
    for (const at of [1, 2, 3]) loop.setTimer(at, () => ran.push(at));
    driver.wake();
    for (let turns = 0; turns < 10; turns++) await drain();
    assert.deepEqual(ran, []);
    driver.step(2);
    for (let turns = 0; turns < 20; turns++) await drain();
    assert.deepEqual(ran, [1, 2]);
    driver.dispose();
  });
});
