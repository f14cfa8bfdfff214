import assert from 'node:assert/strict';
import { minute } from '../../../../src/base/time.ts';
import { AuthStore } from '../../../../src/sim/etcd/auth/authStore.ts';
import { covers } from '../../../../src/sim/etcd/auth/keyRange.ts';
import { EventLoop } from '../../../../src/sim/time/eventLoop.ts';
import { drain } from '../../../support/drain.ts';

const loop = new EventLoop(0, drain);
let tokens = 0;
const newAuth = () =>
  new AuthStore({
    clock: loop,
    newToken: () => `token${++tokens}`,
    passwords: {
      hash: (password) => Promise.resolve(`#${password}`),
      verify: (password, hash) => Promise.resolve(hash === `#${password}`),
    },
  });

/** root and bob, who may read below /app/ and write from /a to /c; enabled. */
async function enabledAuth(): Promise<AuthStore> {
  const auth = newAuth();
  await auth.addUser('root', 'secret');
  await auth.addUser('bob', 'secret');
  auth.addRole('reader');
  auth.grantPermission('reader', { access: 'read', key: '/app/', rangeEnd: '/app0' });
  auth.grantPermission('reader', { access: 'write', key: '/a', rangeEnd: '/c' });
  auth.grantRole('bob', 'reader');
  auth.grantRole('root', 'root');
  auth.enable();
  return auth;
}

describe('AuthStore', () => {
  it('lets everybody do everything until it is enabled, which needs a root', async () => {
    const auth = newAuth();
    auth.checkAccess(undefined, 'write', 'a');
    auth.checkAdmin(undefined);
    assert.throws(() => auth.enable(), /root user does not exist/);
    await auth.addUser('root', 'secret');
    assert.throws(() => auth.enable(), /root user does not have root role/);
  });

  it('knows users by their tokens, until they end', async () => {
    const auth = await enabledAuth();
    await assert.rejects(auth.authenticate('bob', 'wrong'), /authentication failed/);
    const token = await auth.authenticate('bob', 'secret');
    assert.equal(auth.userOf(token), 'bob');
    assert.equal(auth.userOf(undefined), undefined);
    await loop.runUntil(loop.now() + 4 * minute);
    assert.equal(auth.userOf(token), 'bob');
    await loop.runUntil(loop.now() + 6 * minute);
    assert.throws(() => auth.userOf(token), /invalid auth token/);
    const other = await auth.authenticate('bob', 'secret');
    await auth.changePassword('bob', 'new');
    assert.throws(() => auth.userOf(other), /invalid auth token/);
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
    it(`${user ?? 'nobody'}: ${access} ${JSON.stringify(key)} to ${JSON.stringify(rangeEnd)}`, async () => {
      const auth = await enabledAuth();
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
