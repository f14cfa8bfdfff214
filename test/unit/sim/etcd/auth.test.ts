import assert from 'node:assert/strict';
import { minute } from '../../../../src/base/time.ts';
import { AuthStore } from '../../../../src/sim/etcd/auth/authStore.ts';
import { covers } from '../../../../src/sim/etcd/auth/keyRange.ts';
import { EventLoop } from '../../../../src/sim/time/eventLoop.ts';
import { drain } from '../../../support/drain.ts';

const loop = new EventLoop(0, drain);

/** root and bob, who may read below /app/ and write from /a to /c; enabled. */
function enabledAuth(): AuthStore {
  const auth = new AuthStore(loop);
  auth.addUser('root', '#secret');
  auth.addUser('bob', '#secret');
  auth.addRole('reader');
  auth.grantPermission('reader', { access: 'read', key: '/app/', rangeEnd: '/app0' });
  auth.grantPermission('reader', { access: 'write', key: '/a', rangeEnd: '/c' });
  auth.grantRole('bob', 'reader');
  auth.grantRole('root', 'root');
  auth.enable();
  return auth;
}

describe('AuthStore', () => {
  it('lets everybody do everything until it is enabled, which needs a root', () => {
    const auth = new AuthStore(loop);
    auth.checkAccess(undefined, 'write', 'a');
    auth.checkAdmin(undefined);
    assert.throws(() => auth.enable(), /root user does not exist/);
    auth.addUser('root', '#secret');
    assert.throws(() => auth.enable(), /root user does not have root role/);
  });

  it('knows users by their tokens, until they end', async () => {
    const auth = enabledAuth();
    assert.equal(auth.hashOf('bob'), '#secret');
    assert.throws(() => auth.hashOf('eve'), /authentication failed/);
    assert.equal(auth.assignToken('bob', 'token.7'), 'token.7');
    assert.equal(auth.userOf('token.7'), 'bob');
    assert.equal(auth.userOf(undefined), undefined);
    await loop.runUntil(loop.now() + 4 * minute);
    assert.equal(auth.userOf('token.7'), 'bob');
    await loop.runUntil(loop.now() + 6 * minute);
    assert.throws(() => auth.userOf('token.7'), /invalid auth token/);
    auth.assignToken('bob', 'token.8');
    auth.changePassword('bob', '#new');
    assert.throws(() => auth.userOf('token.8'), /invalid auth token/);
  });

  it('takes no command that was checked before users changed', () => {
    const auth = enabledAuth();
    const { revision } = auth;
    auth.checkRevision(revision);
    auth.addRole('writer');
    assert.throws(() => auth.checkRevision(revision), /revision of auth store is old/);
    auth.checkRevision(undefined);
    auth.disable();
    auth.checkRevision(revision);
  });

  it('is the same in another member', () => {
    const auth = enabledAuth();
    const other = new AuthStore(loop);
    other.addUser('eve', '#secret');
    other.restore(auth.contents());
    assert.deepEqual(other.contents(), auth.contents());
    assert.deepEqual(other.users(), ['bob', 'root']);
  });

  for (const [user, access, key, rangeEnd, refusal] of [
    ['bob', 'read', '/app/x', undefined, undefined],
    ['bob', 'read', '/app/', '/app0', undefined],
    ['bob', 'read', '/app/', '/b', /permission denied/],
    ['bob', 'write', '/b', undefined, undefined],
    ['bob', 'write', '/c', undefined, /permission denied/],
    ['root', 'write', '\0', '\0', undefined],
    [undefined, 'read', '/app/x', undefined, /user name is empty/],
  ] as const) {
    it(`${user ?? 'nobody'}: ${access} ${JSON.stringify(key)} to ${JSON.stringify(rangeEnd)}`, () => {
      const auth = enabledAuth();
      const check = () => auth.checkAccess(user, access, key, rangeEnd);
      if (refusal) assert.throws(check, refusal);
      else check();
    });
  }
});

describe('covers', () => {
  for (const [ranges, wanted, expected] of [
    [['a-c', 'b-e'], 'a-d', true],
    [['a-b', 'c-d'], 'a-d', false],
    [['b-\0'], 'c-\0', true],
    [['b-z'], 'c-\0', false],
    [['a'], 'a', true],
    [['a'], 'a-b', false],
    [[], 'a', false],
  ] as const) {
    it(`${ranges.join(' ')} / ${JSON.stringify(wanted)}: ${expected}`, () => {
      const range = (text: string) => {
        const [key = '', rangeEnd] = text.split('-');
        return { key, ...(rangeEnd !== undefined && { rangeEnd }) };
      };
      assert.equal(covers(ranges.map(range), range(wanted)), expected);
    });
  }
});
