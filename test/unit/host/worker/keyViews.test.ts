import assert from 'node:assert/strict';
import { changesOf, historyOf, searchKeys } from '../../../../src/host/worker/keyViews.ts';
import { PastStores } from '../../../../src/host/worker/pastStores.ts';
import { childrenOf } from '../../../../src/host/worker/keyLevels.ts';
import { keyOfText } from '../../../../src/sim/etcd/key.ts';
import { EventLoop } from '../../../../src/sim/time/eventLoop.ts';
import { Store } from '../../../../src/sim/etcd/store.ts';
import { TraceLog } from '../../../../src/trace/log.ts';
import { drain } from '../../../support/drain.ts';

const value = new Uint8Array([1]);

describe('what the views ask of the store', () => {
  const loop = new EventLoop(1_000_000, drain);
  const trace = new TraceLog(loop);
  const store = new Store({ trace, clock: loop });
  const record = { now: 5_000_000, event: (id: number) => trace.get(id) };
  const by = (userAgent: string, verb: 'create' | 'delete') =>
    trace.emit('apiserver', undefined, {
      type: 'request',
      verb,
      method: '',
      url: '',
      userAgent,
      dryRun: false,
    });
  store.putNow({ key: '/a', value }, by('kubectl/v1', 'create'));
  store.putNow({ key: '/b', value }, undefined);
  store.deleteNow({ key: '/a' }, by('helm/v3', 'delete'));
  store.putNow({ key: '/a', value }, undefined);

  it('knows who wrote each revision of a key, who deleted it, and how long ago', () => {
    assert.deepEqual(
      historyOf(store, '/a', 10, record).map(({ revision, type, version, writer, ageUs }) => [
        revision,
        type,
        version,
        writer,
        ageUs,
      ]),
      [
        [5, 'put', 1, '', 4_000_000],
        [4, 'delete', 0, 'helm: delete', 4_000_000],
        [2, 'put', 1, 'kubectl: create', 4_000_000],
      ],
    );
  });

  it('knows what a revision changed', () => {
    const { changes, writer } = changesOf(store, 4, record);
    assert.deepEqual(changes, [{ type: 'delete', key: '/a' }]);
    assert.equal(writer, 'helm: delete');
    assert.deepEqual(changesOf(store, 99, record).changes, []);
  });

  const past = new PastStores();
  const keysAt = (revision: number | undefined): string[] =>
    childrenOf(past.at(store, revision), '').map(({ label }) => label);

  it('shows the keys as they were', () => {
    const expected = { 5: ['/a', '/b'], 4: ['/b'], 3: ['/a', '/b'], 2: ['/a'], 1: [] };
    for (const [revision, keys] of Object.entries(expected).reverse())
      assert.deepEqual(keysAt(Number(revision)), keys, revision);
    for (const [revision, keys] of Object.entries(expected))
      assert.deepEqual(keysAt(Number(revision)), keys, revision);
    assert.deepEqual(searchKeys(past.at(store, 2), 'A', 10), ['/a']);
  });

  it('finds keys whatever the case, in any script', () => {
    const some = new Store();
    for (const text of ['/Web/1', '/web/2', '/Ärger', '/x'])
      some.putNow({ key: keyOfText(text), value }, undefined);
    assert.deepEqual(searchKeys(some, 'WEB', 10), ['/Web/1', '/web/2']);
    assert.deepEqual(searchKeys(some, 'ä', 10), ['/Ärger']);
    assert.deepEqual(searchKeys(some, 'rg', 10), ['/Ärger']);
    assert.deepEqual(searchKeys(some, '/', 2), ['/Web/1', '/web/2']);
  });

  it('refuses revisions as etcd does, also those it has looked at before', () => {
    assert.throws(() => keysAt(6), /required revision is a future revision/);
    assert.deepEqual(keysAt(2), ['/a']);
    store.compact(3, undefined);
    assert.throws(() => keysAt(2), /required revision has been compacted/);
    assert.deepEqual(keysAt(3), ['/a', '/b']);
    assert.deepEqual(changesOf(store, 2, record).changes, []);
  });
});
