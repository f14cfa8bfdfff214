import assert from 'node:assert/strict';
import { hour, minute, second } from '../../../../src/base/time.ts';
import {
  AutoCompaction,
  type AutoCompactionOptions,
} from '../../../../src/sim/etcd/autoCompaction.ts';
import { Store } from '../../../../src/sim/etcd/store.ts';
import { EventLoop } from '../../../../src/sim/time/eventLoop.ts';
import { drain } from '../../../support/drain.ts';

/** One write a second; what is compacted after so many seconds. */
async function check(
  options: AutoCompactionOptions,
  expected: Readonly<Record<number, number>>,
): Promise<void> {
  const loop = new EventLoop(0, drain);
  const store = new Store({ clock: loop });
  const compaction = new AutoCompaction({ ...options, store, clock: loop });
  const end = Math.max(...Object.keys(expected).map(Number));
  const found: Record<number, number> = {};
  for (let time = 1; time <= end; time++) {
    store.putNow({ key: 'a', value: new Uint8Array() }, undefined);
    await loop.runUntil(time * second);
    if (time in expected) found[time] = store.compactRevision;
  }
  compaction.dispose();
  assert.deepEqual(found, expected);
}

// Before the first write the revision is 1; the write of second n makes revision n + 1. As in etcd, what is kept is a look (a
// tenth of the period) older than the period, but the first time.
describe('automatic compaction', () => {
  it('keeps what is younger than its period', () =>
    check({ mode: 'periodic', retentionUs: 10 * second }, { 9: 0, 10: 1, 19: 1, 20: 10, 30: 20 }));

  it('compacts every hour when its period is longer', () =>
    check(
      { mode: 'periodic', retentionUs: 2 * hour },
      { 7199: 0, 7200: 1, 10_799: 1, 10_800: 3241 },
    ));

  it('keeps so many revisions, and looks every five minutes', () =>
    check(
      { mode: 'revision', retention: 100 },
      { 299: 0, 300: 201, [(10 * minute) / second]: 501 },
    ));

  it('is quiet while nothing is written', async () => {
    const loop = new EventLoop(0, drain);
    const store = new Store({ clock: loop });
    const compaction = new AutoCompaction({
      mode: 'periodic',
      retentionUs: minute,
      store,
      clock: loop,
    });
    store.putNow({ key: 'a', value: new Uint8Array() }, undefined);
    await loop.runUntil(hour);
    assert.equal(store.compactRevision, 2);
    compaction.dispose();
    assert.equal(loop.nextDue(), undefined);
  });
});
