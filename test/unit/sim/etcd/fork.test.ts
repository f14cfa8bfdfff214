import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from '../../../../src/base/bytes.ts';
import { second } from '../../../../src/base/time.ts';
import { noEnd } from '../../../../src/sim/etcd/key.ts';
import { Store } from '../../../../src/sim/etcd/store.ts';
import { EventLoop } from '../../../../src/sim/time/eventLoop.ts';
import { drain } from '../../../support/drain.ts';

const put = (store: Store, key: string, value: string) =>
  store.putNow({ key, value: encodeUtf8(value) }, undefined).kv;

/** Everything that a reader can see at a revision. */
const contents = (store: Store, revision?: number) => {
  const { kvs, count } = store.rangeNow({
    key: '\0',
    rangeEnd: noEnd,
    ...(revision !== undefined && { revision }),
  });
  assert.equal(count, kvs.length);
  return kvs.map((kv) => `${kv.key}=${decodeUtf8(kv.value)}@${kv.modRevision}v${kv.version}`);
};

describe('a fork of the store', () => {
  it('goes on from its revision, with the same objects for what is unchanged', () => {
    const store = new Store();
    const a = put(store, 'a', '1');
    put(store, 'b', '1');
    put(store, 'b', '2');
    const fork = store.fork(3);
    assert.equal(fork.revision, 3);
    assert.equal(fork.getNow('a'), a);
    assert.equal(put(fork, 'b', 'fork').version, 2);
    assert.deepEqual(contents(fork), ['a=1@2v1', 'b=fork@4v2']);
    assert.deepEqual(contents(store), ['a=1@2v1', 'b=2@4v2']);
  });

  it('keeps what the base compacts, and lets watches begin in the shared past', () => {
    const store = new Store();
    put(store, 'a', '1');
    put(store, 'a', '2');
    const fork = store.fork(3);
    put(store, 'a', '3');
    store.compact(4, undefined);
    assert.deepEqual(contents(fork, 2), ['a=1@2v1']);
    put(fork, 'a', 'fork');
    const seen: string[] = [];
    fork.watch(
      { key: 'a', startRevision: 2 },
      {
        changes: (changes) => seen.push(...changes.map(({ kv }) => decodeUtf8(kv.value))),
        compacted: () => seen.push('compacted'),
      },
    );
    assert.deepEqual(seen, ['1', '2', 'fork']);
  });

  it('has the leases, which end by its own clock', async () => {
    const base = new EventLoop(0, drain);
    const store = new Store({ clock: base });
    store.leases.grant(7n, 10, undefined);
    store.putNow({ key: 'a', value: encodeUtf8('1'), lease: 7n }, undefined);
    const own = new EventLoop(base.now(), drain);
    const fork = store.fork(store.revision, { clock: own });
    await own.runUntil(11 * second);
    assert.deepEqual([contents(fork), contents(store)], [[], ['a=1@2v1']]);
    assert.deepEqual(store.leases.list(), [7n]);
  });

  it('agrees with what the base held, at every revision, whatever happens to the base', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.oneof(
      fc.record({ put: key, value: fc.string({ maxLength: 2 }) }),
      fc.record({ drop: key }),
    );
    const run = (
      store: Store,
      steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
    ) => {
      for (const it of steps)
        if ('put' in it) put(store, it.put, it.value);
        else store.deleteNow({ key: it.drop }, undefined);
    };
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 25 }),
        fc.array(step, { maxLength: 15 }),
        fc.array(step, { maxLength: 15 }),
        fc.nat(),
        (before, ofBase, ofFork, at) => {
          const store = new Store();
          run(store, before);
          const revision = 1 + (at % store.revision);
          const past = Array.from({ length: revision }, (_, index) => contents(store, index + 1));
          const fork = store.fork(revision);
          run(store, ofBase);
          const now = contents(store);
          const twin = store.fork(revision);
          run(fork, ofFork);
          run(twin, ofFork);
          if (store.revision > 1) store.compact(store.revision, undefined);
          assert.deepEqual(
            past.map((_, index) => contents(fork, index + 1)),
            past,
          );
          assert.deepEqual(contents(fork), contents(twin));
          assert.equal(fork.revision, twin.revision);
          assert.deepEqual(contents(store), now);
        },
      ),
      { numRuns: 200 },
    );
  });
});
