import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../../../src/base/bytes.ts';
import { second } from '../../../../../src/base/time.ts';
import type { AuthChange } from '../../../../../src/sim/etcd/auth/authChange.ts';
import type { MemberId } from '../../../../../src/sim/etcd/raft/message.ts';
import { newGroup, type TestGroup } from '../../../../support/etcd/testGroup.ts';

describe('users of several members', () => {
  let test: TestGroup;
  let ids: readonly MemberId[];
  let leader: MemberId;
  let follower: MemberId;

  beforeEach(async () => {
    test = await newGroup(3);
    ({ ids } = test.group);
    leader = test.leader;
    follower = ids.find((id) => id !== leader) ?? 0n;
  });

  const change = (id: MemberId, ...changes: AuthChange[]) =>
    test.all(changes.map((it) => test.server(id).propose({ do: 'auth', change: it }, undefined)));

  const withRoot = (id: MemberId) =>
    change(
      id,
      { op: 'addUser', user: 'root', hash: '#' },
      { op: 'grantRole', user: 'root', role: 'root' },
      { op: 'enable' },
    );

  it('are the same at every member, and so are tokens', async () => {
    await withRoot(follower);
    const [token] = await change(leader, { op: 'authenticate', user: 'root', prefix: 'abc' });
    await test.run(second);
    assert.match(token ?? '', /^abc\.\d+$/);
    for (const id of ids) {
      const auth = test.group.authOf(id);
      assert.equal(auth.isEnabled, true);
      assert.equal(auth.userOf(token), 'root');
    }
  });

  it('come with a snapshot; tokens do not, nor to a member that starts anew', async () => {
    await withRoot(leader);
    test.group.stop(follower);
    const [token] = await change(leader, { op: 'authenticate', user: 'root', prefix: 'abc' });
    for (let count = 0; count < 40; count++)
      await change(leader, { op: 'addRole', role: `role${count}` });
    test.group.start(follower);
    await test.run(2 * second);
    const auth = test.group.authOf(follower);
    assert.deepEqual(auth.contents(), test.group.authOf(leader).contents());
    assert.throws(() => auth.userOf(token), /invalid auth token/);
  });

  it('make a command old that was checked before they changed', async () => {
    await withRoot(leader);
    const { revision: authRevision } = test.group.authOf(leader);
    const put = () => {
      const request = { key: 'a', value: encodeUtf8('1') };
      return test.server(leader).propose({ do: 'put', request, authRevision }, undefined);
    };
    await test.all([put()]);
    await change(leader, { op: 'addRole', role: 'other' });
    await assert.rejects(test.all([put()]), /etcdserver: revision of auth store is old/);
  });
});
