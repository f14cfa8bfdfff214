import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeUtf8 } from '../../../../src/base/bytes.ts';
import type { WatchListener, WatchedChange } from '../../../../src/sim/etcd/kv.ts';
import { Store } from '../../../../src/sim/etcd/store.ts';
import { EventLoop } from '../../../../src/sim/time/eventLoop.ts';
import { drain } from '../../../support/drain.ts';

const put = (store: Store, key: string, value = '') =>
  store.putNow({ key, value: encodeUtf8(value) }, undefined).kv;

const describeChange = ({ type, kv, prevKv }: WatchedChange) =>
  `${type} ${kv.key}@${kv.modRevision}${prevKv ? ` after ${prevKv.modRevision}` : ''}`;

/** Hears and writes down; a line a call. */
const recorder = (seen: string[]): WatchListener => ({
  changes: (changes, revision) =>
    seen.push(`${changes.map(describeChange).join(', ')} (${revision})`),
  compacted: (revision) => seen.push(`compacted ${revision}`),
});

describe('a watch', () => {
  it('gets the past at once and then each revision as it comes', () => {
    const store = new Store();
    put(store, 'a');
    put(store, 'b');
    put(store, 'a');
    const seen: string[] = [];
    store.watch({ key: 'a', startRevision: 2 }, recorder(seen));
    put(store, 'a');
    store.deleteNow({ key: 'a' }, undefined);
    assert.deepEqual(seen, [
      'put a@2, put a@4 after 2 (4)',
      'put a@5 after 4 (5)',
      'delete a@6 after 5 (6)',
    ]);
  });

  it('gets all changes of a transaction together', () => {
    const store = new Store();
    const seen: string[] = [];
    store.watch({ key: 'a', rangeEnd: 'z' }, recorder(seen));
    const value = new Uint8Array();
    store.txnNow(
      {
        compare: [],
        success: [
          { op: 'put', key: 'b', value },
          { op: 'put', key: 'a', value },
          { op: 'put', key: '0', value },
        ],
        failure: [],
      },
      undefined,
    );
    assert.deepEqual(seen, ['put b@2, put a@2 (2)']);
  });

  it('may begin at the compacted revision, not before it', () => {
    const store = new Store();
    put(store, 'a');
    put(store, 'a');
    store.deleteNow({ key: 'a' }, undefined);
    store.compact(4, undefined);
    const seen: string[] = [];
    store.watch({ key: 'a', startRevision: 3 }, recorder(seen));
    store.watch({ key: 'a', startRevision: 4 }, recorder(seen));
    assert.deepEqual(seen, ['compacted 4', 'delete a@4 (4)']);
  });

  it('of a new store may begin anywhere', () => {
    const store = new Store();
    const seen: string[] = [];
    store.watch({ key: 'a', startRevision: 1 }, recorder(seen));
    store.watch({ key: 'a', startRevision: 3 }, recorder(seen));
    put(store, 'a');
    put(store, 'a');
    assert.deepEqual(seen, ['put a@2 (2)', 'put a@3 after 2 (3)', 'put a@3 after 2 (3)']);
  });

  it('that writes while it hears does not disturb the order of others', () => {
    const store = new Store();
    const first: string[] = [];
    const second: string[] = [];
    store.watch(
      { key: 'a', rangeEnd: 'c' },
      {
        ...recorder(first),
        changes: (changes, revision) => {
          recorder(first).changes(changes, revision);
          if (revision < 4) put(store, 'b');
        },
      },
    );
    store.watch({ key: 'a', rangeEnd: 'c' }, recorder(second));
    put(store, 'a');
    assert.deepEqual(first, ['put a@2 (2)', 'put b@3 (3)', 'put b@4 after 3 (4)']);
    assert.deepEqual(second, first);
  });

  it('misses nothing and gets nothing twice, whenever it begins', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c').map((key) => ({ put: key })) },
      { weight: 1, arbitrary: fc.constantFrom('a', 'b', 'c').map((key) => ({ drop: key })) },
      { weight: 1, arbitrary: fc.nat(30).map((startRevision) => ({ startRevision })) },
      { weight: 1, arbitrary: fc.nat(400).map((pause) => ({ pause })) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const loop = new EventLoop(0, drain);
        const store = new Store({ clock: loop, watchLatencyUs: 100 });
        const all: string[] = [];
        const watches: { from: number; seen: string[] }[] = [];
        const begin = (startRevision: number) => {
          const watch = { from: startRevision || store.revision + 1, seen: [] as string[] };
          watches.push(watch);
          store.watch(
            { key: 'a', rangeEnd: 'z', startRevision },
            {
              changes: (changes) => watch.seen.push(...changes.map(describeChange)),
              compacted: () => assert.fail('nothing was compacted'),
            },
          );
        };
        for (const it of steps) {
          const before = store.getNow('put' in it ? it.put : 'drop' in it ? it.drop : '');
          const after = before ? ` after ${before.modRevision}` : '';
          if ('put' in it) all.push(`put ${it.put}@${put(store, it.put).modRevision}${after}`);
          else if ('drop' in it) {
            const { deleted, revision } = store.deleteNow({ key: it.drop }, undefined);
            if (deleted) all.push(`delete ${it.drop}@${revision}${after}`);
          } else if ('pause' in it) await loop.runUntil(loop.now() + it.pause);
          else begin(it.startRevision);
        }
        await loop.runUntil(loop.now() + 1000);
        for (const { from, seen } of watches)
          assert.deepEqual(
            seen,
            all.filter((line) => Number(/@(\d+)/.exec(line)?.[1]) >= from),
          );
      }),
      { numRuns: 60 },
    );
  });
});
