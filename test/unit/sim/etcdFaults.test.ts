import assert from 'node:assert/strict';
import { millisecond, second } from '../../../src/base/time.ts';
import { EtcdFaults, type MemberFault } from '../../../src/sim/etcdFaults.ts';
import type { MemberId } from '../../../src/sim/etcd/raft/message.ts';
import { newGroup, type TestGroup } from '../../support/etcd/testGroup.ts';

describe('faults of the members of etcd', () => {
  let test: TestGroup;
  let faults: EtcdFaults;
  let leader: MemberId;

  beforeEach(async () => {
    test = await newGroup(3);
    ({ leader } = test);
    const { group, network } = test;
    faults = new EtcdFaults({
      ids: () => group.ids,
      diskOf: (id) => group.diskOf(id),
      setClockRate: (id, rate) => group.setClockRate(id, rate),
      network,
    });
  });

  it('a clock that goes ten times too fast lets a lease end in a tenth of its time', async () => {
    assert.equal(faults.add(leader, { fault: 'clockSkew', rate: 10 }), undefined);
    const began = test.loop.now();
    await test.all([test.server(leader).propose({ do: 'grant', lease: 1n, ttl: 30 }, undefined)]);
    await test.loop.runWhile(() => test.server(leader).store.leases.has(1n), began + 60 * second);
    const took = test.loop.now() - began;
    assert.ok(took >= 3 * second && took < 3.5 * second, String(took / second));
    faults.heal();
    const [before, since] = [test.group.clockOf(leader).now(), test.loop.now()];
    await test.run(second);
    assert.equal(test.group.clockOf(leader).now() - before, test.loop.now() - since);
  });

  it('one that is cut off leads no more, and comes back when all is healed', async () => {
    faults.add(leader, { fault: 'cutOff' });
    await test.run(5 * second);
    assert.notEqual(test.leader, leader);
    assert.equal(test.server(leader).hasLeader, false);
    faults.heal();
    await test.run(2 * second);
    assert.equal(test.server(leader).status.leader, test.leader);
  });

  it('slow links make a write wait there and back', async () => {
    faults.add(leader, { fault: 'slowLinks', delayUs: 200 * millisecond });
    const began = test.loop.now();
    const request = { key: 'a', value: new Uint8Array() };
    await test.all([test.server(leader).propose({ do: 'put', request }, undefined)]);
    const took = test.loop.now() - began;
    assert.ok(took >= 400 * millisecond && took < 450 * millisecond, String(took));
  });

  for (const [fault, problem] of [
    [{ fault: 'clockSkew', rate: 0 }, /^A clock goes at a rate between 0\.1 and 10; 1 is right\.$/],
    [{ fault: 'clockSkew', rate: Number.NaN }, /^A clock goes at a rate/],
    [{ fault: 'slowDisk', latency: { medianUs: 2, p99Us: 1 } }, /^A slow disk needs/],
  ] as readonly (readonly [MemberFault, RegExp])[])
    it(`refuses ${JSON.stringify(fault)} with a sentence`, () => {
      assert.match(faults.add(leader, fault) ?? '', problem);
      assert.deepEqual(faults.of(leader), []);
    });
});
