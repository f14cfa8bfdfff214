import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../../../src/base/bytes.ts';
import { second } from '../../../../../src/base/time.ts';
import type { MembershipChange, MemberId } from '../../../../../src/sim/etcd/raft/message.ts';
import { newGroup, type TestGroup } from '../../../../support/etcd/testGroup.ts';

const [name, url] = ['etcd-4', 'http://127.0.0.1:2680'];
const newcomer = 44n;

describe('machines that become members, and members that go', () => {
  let test: TestGroup;
  let leader: MemberId;
  let follower: MemberId;
  let log: string[];

  beforeEach(async () => {
    log = [];
    test = await newGroup(3, {
      spares: [{ name, peerUrls: [url] }],
      log: (line, member) => {
        const { msg, error } = JSON.parse(line) as { msg: string; error?: string };
        log.push(`${member}: ${msg}${error === undefined ? '' : ` (${error})`}`);
      },
    });
    leader = test.leader;
    follower = test.group.ids.find((id) => id !== leader) ?? 0n;
    for (let count = 0; count < 40; count++) {
      const request = { key: `k${count}`, value: encodeUtf8('x') };
      await test.all([test.server(leader).propose({ do: 'put', request }, undefined)]);
    }
  });

  const change = async (change: MembershipChange['change'], id: MemberId, peerUrl = url) => {
    const known = test.server(follower).members.find((member) => member.id === id);
    const member = known ?? {
      id,
      name: '',
      peerUrls: [peerUrl],
      clientUrls: [],
      isLearner: change === 'addLearner',
    };
    await test.all([test.server(leader).changeMember({ change, member: id }, member)]);
  };
  const listed = (id: MemberId) => test.server(leader).members.find((member) => member.id === id);

  it('a spare one starts when its peer URL is added, gets a snapshot, and may vote when it keeps up', async () => {
    await change('addLearner', newcomer);
    assert.equal(listed(newcomer)?.name, '', 'it has not started');
    assert.equal(test.group.member(newcomer), undefined);
    await assert.rejects(change('addVoter', newcomer), {
      message: 'etcdserver: can only promote a learner member which is in sync with leader',
    });
    await assert.rejects(change('addLearner', 45n, 'http://127.0.0.1:2780'), {
      message: 'etcdserver: too many learner members in cluster',
    });

    await test.run(3 * second);
    assert.equal(listed(newcomer)?.name, name);
    const server = test.server(newcomer);
    assert.equal(server.status.isLearner, true);
    assert.equal(server.store.revision, test.server(leader).store.revision);
    await assert.rejects(test.all([server.confirm()]), {
      message: 'etcdserver: rpc not supported for learner',
    });

    await change('addVoter', newcomer);
    await test.run(second);
    assert.equal(server.status.isLearner, false);
    await test.all([server.confirm()]);
    await assert.rejects(change('addVoter', newcomer), {
      message: 'etcdserver: can only promote a learner member',
    });
    assert.deepEqual(test.group.spares, []);
  });

  it('one that is removed ends, says why, and can be added again with another id', async () => {
    const { peerUrls } = test.group.describe(follower);
    const machine = test.server(follower).name;
    const was = follower;
    await change('remove', was);
    follower = leader;
    await test.run(2 * second);
    assert.equal(test.group.member(was), undefined);
    assert.deepEqual(log, [
      `${machine}: server error (the member has been permanently removed from the cluster)`,
      `${machine}: data-dir used by this member must be removed`,
    ]);
    assert.deepEqual(
      test.group.spares.map((spare) => spare.name),
      [name, machine],
    );
    await assert.rejects(change('remove', was), { message: 'etcdserver: member not found' });

    await change('addVoter', 46n, peerUrls[0]);
    await test.run(3 * second);
    assert.equal(listed(46n)?.name, machine);
    assert.equal(test.group.memberOn(machine)?.id, 46n);
    assert.equal(test.server(46n).store.revision, test.server(leader).store.revision);
  });

  it('one that was down when it was removed hears of it when it comes back', async () => {
    const was = follower;
    test.group.stop(was);
    follower = leader;
    await change('remove', was);
    test.group.start(was);
    await test.run(5 * second);
    assert.equal(test.group.ids.includes(was), false);
    assert.match(log[0] ?? '', /permanently removed/);
  });

  it('one that is removed before it has heard of anybody ends too', async () => {
    test.network.partition([test.group.ids]);
    await change('addLearner', newcomer);
    await test.run(3 * second);
    assert.deepEqual(test.server(newcomer).members, []);
    await change('remove', newcomer);
    await test.run(second);
    assert.equal(test.group.ids.includes(newcomer), true);
    test.network.heal();
    await test.run(3 * second);
    assert.equal(test.group.ids.includes(newcomer), false);
    assert.equal(log.length, 2);
  });

  it('a leader that is removed has answered before it ends', async () => {
    const was = leader;
    await test.all([test.server(was).changeMember({ change: 'remove', member: was }, info(was))]);
    await test.run(4 * second);
    assert.equal(test.group.ids.includes(was), false);
    assert.notEqual(test.leader, was);
  });

  const info = (id: MemberId) => test.group.describe(id);
});
