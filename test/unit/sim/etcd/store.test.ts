import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from '../../../../src/base/bytes.ts';
import { second } from '../../../../src/base/time.ts';
import { keyOfText, noEnd, prefixEnd, textOfKey } from '../../../../src/sim/etcd/key.ts';
import type { WatchedChange } from '../../../../src/sim/etcd/kv.ts';
import { Store } from '../../../../src/sim/etcd/store.ts';
import { EventLoop } from '../../../../src/sim/time/eventLoop.ts';
import { drain } from '../../../support/drain.ts';

const put = (store: Store, key: string, value: string) =>
  store.putNow({ key, value: encodeUtf8(value) }, undefined).kv;
const read = (store: Store, key: string, revision?: number) => {
  const kv = store.getNow(key, revision);
  return kv && decodeUtf8(kv.value);
};

describe('Store', () => {
  it('counts revisions and versions as etcd does', () => {
    const store = new Store();
    put(store, 'a', '1');
    put(store, 'a', '2');
    assert.equal(store.revision, 3);
    assert.deepEqual(
      { ...store.getNow('a'), value: undefined, writtenBy: undefined },
      {
        key: 'a',
        value: undefined,
        createRevision: 2,
        modRevision: 3,
        version: 2,
        lease: 0n,
        writtenBy: undefined,
      },
    );
    store.deleteNow({ key: 'a' }, undefined);
    assert.equal(put(store, 'a', '3').version, 1);
    assert.deepEqual(
      store.history('a').map(({ revision, kv }) => [revision, kv?.version]),
      [
        [5, 1],
        [4, undefined],
        [3, 2],
        [2, 1],
      ],
    );
    assert.equal(store.deleteNow({ key: 'x' }, undefined).deleted, 0);
    assert.equal(store.revision, 5, 'a deletion of nothing makes no revision');
  });

  it('reads the past until it is compacted', () => {
    const store = new Store();
    put(store, 'a', '1');
    put(store, 'b', '1');
    put(store, 'a', '2');
    store.compact(3, undefined);
    assert.equal(read(store, 'a', 3), '1');
    assert.throws(
      () => store.rangeNow({ key: 'a', revision: 2 }),
      /required revision has been compacted/,
    );
    assert.throws(() => store.rangeNow({ key: 'a', revision: 9 }), /future revision/);
    assert.throws(() => store.compact(3, undefined), /compacted/);
  });

  it('pages through a range and counts it whole', () => {
    const store = new Store();
    for (const key of ['/p/a', '/p/b', '/p/c', '/q']) put(store, key, key);
    const page = store.rangeNow({ key: '/p/', rangeEnd: prefixEnd('/p/'), limit: 2 });
    assert.deepEqual(
      [page.kvs.map(({ key }) => key), page.count, page.more],
      [['/p/a', '/p/b'], 3, true],
    );
    assert.equal(store.rangeNow({ key: '\0', rangeEnd: noEnd }).count, 4);
  });

  it('sees its own writes in a transaction, which is one revision', () => {
    const store = new Store();
    const result = store.txnNow(
      {
        compare: [{ key: 'a', target: 'version', result: 'equal', operand: 0 }],
        success: [
          { op: 'put', key: 'a', value: encodeUtf8('1') },
          { op: 'put', key: 'b', value: encodeUtf8('2') },
          { op: 'range', key: 'a', rangeEnd: 'c' },
        ],
        failure: [],
      },
      undefined,
    );
    assert.equal(result.succeeded, true);
    assert.equal(result.revision, 2);
    assert.deepEqual(
      result.responses[2]?.op === 'range' && result.responses[2].kvs.map(({ key }) => key),
      ['a', 'b'],
    );
  });

  for (const [name, success, message] of [
    [
      'two puts of a key',
      [
        { op: 'put', key: 'a', value: new Uint8Array() },
        { op: 'put', key: 'a', value: new Uint8Array() },
      ],
      /duplicate key/,
    ],
    [
      'a put and a deletion',
      [
        { op: 'delete', key: 'a', rangeEnd: 'b' },
        { op: 'put', key: 'aa', value: new Uint8Array() },
      ],
      /duplicate key/,
    ],
    ['no key', [{ op: 'put', key: '', value: new Uint8Array() }], /key is not provided/],
    [
      'an unknown lease',
      [{ op: 'put', key: 'a', value: new Uint8Array(), lease: 7n }],
      /requested lease not found/,
    ],
    [
      'no value to keep',
      [{ op: 'put', key: 'a', value: new Uint8Array(), ignoreValue: true }],
      /key not found/,
    ],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => new Store().txnNow({ compare: [], success, failure: [] }, undefined),
        message,
      );
    });
  }

  it('forks without copying, and neither side sees the other', () => {
    const store = new Store();
    const kept = put(store, 'a', '1');
    put(store, 'b', '1');
    const fork = store.fork();
    put(store, 'b', 'base');
    put(fork, 'b', 'fork');
    put(fork, 'c', 'fork');
    assert.equal(fork.getNow('a'), kept);
    assert.deepEqual(
      [read(store, 'b'), read(fork, 'b'), read(store, 'c')],
      ['base', 'fork', undefined],
    );
    const past = store.fork(2);
    assert.deepEqual([read(past, 'a'), read(past, 'b'), past.revision], ['1', undefined, 2]);
    store.compact(store.revision, undefined);
    assert.equal(read(fork, 'b', 3), '1');
  });

  it('delivers each revision once, in order, from the past on', async () => {
    const loop = new EventLoop(0, drain);
    const store = new Store({ clock: loop, watchLatencyUs: 300 });
    put(store, 'a', '1');
    put(store, 'z', '1');
    const seen: string[] = [];
    const listener = {
      changes: (changes: readonly WatchedChange[]) =>
        seen.push(...changes.map(({ type, kv }) => `${type} ${kv.key}@${kv.modRevision}`)),
      compacted: () => seen.push('compacted'),
    };
    const watch = store.watch({ key: 'a', rangeEnd: 'c', startRevision: 2 }, listener);
    await loop.runUntil(1000);
    put(store, 'b', '1');
    store.deleteNow({ key: 'a' }, undefined);
    await loop.runUntil(2000);
    watch.dispose();
    put(store, 'b', '2');
    await loop.runUntil(3000);
    assert.deepEqual(seen, ['put a@2', 'put b@4', 'delete a@5']);
    store.compact(4, undefined);
    store.watch({ key: 'a', startRevision: 3 }, listener);
    await loop.runUntil(4000);
    assert.equal(seen.at(-1), 'compacted');
  });

  it('ends a lease after its time, not before, with all its keys', async () => {
    const loop = new EventLoop(0, drain);
    const store = new Store({ clock: loop });
    store.leases.grant(5n, 10, undefined);
    store.putNow({ key: 'a', value: new Uint8Array(), lease: 5n }, undefined);
    await loop.runUntil(8 * second);
    store.leases.keepAlive(5n);
    await loop.runUntil(17 * second);
    assert.ok(store.getNow('a'));
    await loop.runUntil(19 * second);
    assert.equal(store.getNow('a'), undefined);
    assert.equal(store.leases.remaining(5n), -1);
  });

  it('agrees with a naive model at every revision', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      fc.record({ put: key, value: fc.string({ maxLength: 3 }) }),
      fc.record({ drop: key }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const store = new Store();
        const states: Record<string, string>[] = [{}, {}];
        for (const it of steps) {
          const state = { ...states[store.revision] };
          if ('put' in it) state[it.put] = it.value;
          else if (it.drop in state) delete state[it.drop];
          else continue;
          if ('put' in it) put(store, it.put, it.value);
          else store.deleteNow({ key: it.drop }, undefined);
          states.push(state);
        }
        states.forEach((state, revision) => {
          if (revision < 1) return;
          const { kvs } = store.rangeNow({ key: 'a', rangeEnd: 'z', revision });
          assert.deepEqual(
            Object.fromEntries(kvs.map((kv) => [kv.key, decodeUtf8(kv.value)])),
            state,
          );
        });
      }),
    );
  });
});

describe('keys', () => {
  it('compare as bytes', () => {
    const texts = ['\u{1F600}', '\uFF01', 'é', 'a'];
    const byBytes = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(texts.map(keyOfText).sort().map(textOfKey), byBytes);
  });

  for (const [prefix, end] of [
    ['/a/', '/a0'],
    ['a\xff', 'b'],
    ['', '\0'],
    ['\xff', '\0'],
  ] as const) {
    it(`the range of ${JSON.stringify(prefix)} ends at ${JSON.stringify(end)}`, () =>
      assert.equal(prefixEnd(prefix), end));
  }
});
