import assert from 'node:assert/strict';
import { minute, second } from '../../../../../src/base/time.ts';
import { TestApi } from '../../../../support/testApi.ts';

describe('Events', () => {
  let api: TestApi;
  let count: number;
  const url = '/api/v1/namespaces/default/events';
  const create = () =>
    api.send('POST', url, {
      metadata: { name: `e${count++}` },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'a' },
    });
  const leases = () => api.store.leases.list().map((id) => api.store.leases.get(id));

  beforeEach(async () => {
    api = await TestApi.boot();
    count = 0;
  });

  it('end after an hour', async () => {
    const { code, message } = await create();
    assert.equal(code, 201, message);
    assert.deepEqual(
      leases().map((lease) => [lease?.grantedTtl, lease?.keys.size]),
      [[3660, 1]],
    );
    await api.loop.runUntil(api.loop.now() + 60 * minute);
    assert.equal((await api.send('GET', `${url}/e0`)).code, 200);
    await api.loop.runUntil(api.loop.now() + minute + second);
    assert.equal((await api.send('GET', `${url}/e0`)).code, 404);
    assert.deepEqual(leases(), []);
  });

  it('share a lease within a minute', async () => {
    for (let index = 0; index < 3; index++) await create();
    assert.deepEqual(
      leases().map((lease) => lease?.keys.size),
      [3],
    );
    await api.loop.runUntil(api.loop.now() + minute + second);
    await create();
    assert.deepEqual(
      leases().map((lease) => lease?.keys.size),
      [3, 1],
    );
  });

  it('share it with a thousand at most', async () => {
    for (let index = 0; index < 1001; index++) await create();
    assert.deepEqual(
      leases().map((lease) => lease?.keys.size),
      [1000, 1],
    );
  });

  it('have a new one when they are written again', async () => {
    await create();
    await api.loop.runUntil(api.loop.now() + 10 * minute);
    const patch = { count: 2 };
    const sent = { contentType: 'application/merge-patch+json' };
    assert.equal((await api.send('PATCH', `${url}/e0`, patch, sent)).code, 200);
    assert.deepEqual(
      leases().map((lease) => lease?.keys.size),
      [0, 1],
    );
  });
});
