import assert from 'node:assert/strict';
import { minute, second } from '../../../../../src/base/time.ts';
import { keyOfText } from '../../../../../src/sim/etcd/key.ts';
import { TestApi } from '../../../../support/testApi.ts';

describe('the compaction by the API server', () => {
  const create = (api: TestApi, name: string) =>
    api.send('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name } });
  const pass = (api: TestApi, minutes: number) =>
    api.loop.runUntil(api.loop.now() + minutes * minute + second);
  const noted = (api: TestApi) => {
    const [kv] = api.store.rangeNow({ key: keyOfText('compact_rev_key') }).kvs;
    return kv && [new TextDecoder().decode(kv.value), kv.version];
  };

  it('keeps one interval', async () => {
    const api = await TestApi.boot({ etcdCompactionInterval: 5 * minute });
    await create(api, 'a');
    await pass(api, 5);
    assert.deepEqual(noted(api), ['0', 1]);
    assert.equal(api.store.compactRevision, 0);
    const { revision } = api.store;
    await create(api, 'b');
    await pass(api, 5);
    assert.deepEqual(noted(api), [String(revision), 2]);
    assert.equal(api.store.compactRevision, revision);
  });

  it('leaves it to another server that was first', async () => {
    const api = await TestApi.boot({ etcdCompactionInterval: 5 * minute });
    api.store.txnNow(
      {
        compare: [],
        success: [{ op: 'put', key: keyOfText('compact_rev_key'), value: new Uint8Array([48]) }],
        failure: [],
      },
      undefined,
    );
    await pass(api, 5);
    assert.deepEqual(noted(api), ['0', 1]);
    await pass(api, 5);
    assert.equal(noted(api)?.[1], 2);
    assert.ok(api.store.compactRevision > 0);
  });

  it('is off unless asked for', async () => {
    const api = await TestApi.boot();
    await pass(api, 30);
    assert.equal(noted(api), undefined);
  });
});
