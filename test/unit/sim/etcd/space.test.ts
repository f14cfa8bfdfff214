import assert from 'node:assert/strict';
import { Store } from '../../../../src/sim/etcd/store.ts';

const value = new Uint8Array(100_000);
const noSpace = /etcdserver: mvcc: database space exceeded/;

describe('the quota', () => {
  it('stops writes until space was made and the alarm disarmed', () => {
    const store = new Store({ quotaBytes: 1_000_000 });
    const write = () => store.putNow({ key: 'a', value }, undefined);
    assert.throws(() => {
      for (;;) write();
    }, noSpace);
    assert.ok(store.space.isFull);
    assert.ok(store.revision > 8);

    store.compact(store.revision, undefined);
    store.space.defragment();
    assert.throws(write, noSpace, 'the alarm is still raised');
    assert.throws(() => store.space.checkLease(), noSpace);
    store.space.disarm();
    write();
  });

  it('leaves reads and deletions alone', () => {
    const store = new Store();
    store.putNow({ key: 'a', value }, undefined);
    store.space.raise();
    assert.equal(store.rangeNow({ key: 'a' }).count, 1);
    assert.equal(store.deleteNow({ key: 'a' }, undefined).deleted, 1);
    assert.throws(
      () =>
        store.txnNow({ compare: [], success: [], failure: [{ op: 'put', key: 'a', value }] }, 0),
      noSpace,
    );
  });

  it('counts what compaction frees as free, and gives it back when defragmented', () => {
    const store = new Store();
    const { size: empty } = store.space;
    for (let i = 0; i < 20; i++) store.putNow({ key: 'a', value }, undefined);
    const { size: full } = store.space;
    store.deleteNow({ key: 'a' }, undefined);
    store.putNow({ key: 'b', value: new Uint8Array() }, undefined);
    store.compact(store.revision, undefined);
    assert.ok(full >= 2_000_000);
    assert.ok(store.space.size >= full);
    assert.ok(store.space.inUse <= empty + 4096);
    store.space.defragment();
    assert.equal(store.space.size, store.space.inUse);
  });
});
