import assert from 'node:assert/strict';
import { inSlices } from '../../../../../src/host/etcd/inSlices.ts';
import { snapshotFile } from '../../../../../src/host/etcd/snapshot.ts';
import { Alone } from '../../../../../src/sim/etcd/members/alone.ts';
import { journalCodec } from '../../../../../src/host/etcd/disk/entryCodec.ts';
import { snapshotNumbers } from '../../../../../src/host/etcd/disk/files.ts';
import { recover, StateError } from '../../../../../src/host/etcd/disk/recover.ts';
import { StateLog } from '../../../../../src/host/etcd/disk/stateLog.ts';
import type { JournalEntry } from '../../../../../src/sim/etcd/state/journal.ts';
import { contentsOf } from '../../../../../src/sim/etcd/state/contents.ts';
import { StoreLoader } from '../../../../../src/sim/etcd/state/storeLoader.ts';
import type { Store } from '../../../../../src/sim/etcd/store.ts';
import { drain } from '../../../../support/drain.ts';
import { MemoryDisk } from '../../../../support/memoryDisk.ts';

const wal = 'wal-00000001.log';
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

interface Run {
  readonly store: Store;
  readonly log: StateLog<JournalEntry>;
  readonly lines: string[];
  readonly failures: Error[];
}

/** An etcd on a disk. */
async function open(disk: MemoryDisk, snapshotBytes?: number): Promise<Run> {
  const lines: string[] = [];
  const failures: Error[] = [];
  const { snapshot, entries, tail } = await recover(disk, {
    codec: journalCodec,
    log: (line) => lines.push(line),
    remedy: 'Put a copy of /state back.',
  });
  const loader = new StoreLoader(snapshot?.contents);
  for (const entry of entries) loader.apply(entry);
  const opened: { log?: StateLog<JournalEntry> } = {};
  const store = loader.store({ journal: (entry) => opened.log?.record(entry) });
  const peerUrls = ['http://localhost:2380'];
  const alone = new Alone(store, { id: 7n, name: 'default', peerUrls });
  alone.serveAt(['http://127.0.0.1:2379']);
  const { auth } = alone;
  const log = await StateLog.open({
    disk,
    codec: journalCodec,
    mayMakeRoom: ({ type }) => type === 'alarm',
    tail,
    now: () => 1000,
    snapshot: () => {
      const { id, members, status } = alone;
      const place = { index: status.applied, term: status.term };
      const of = { id, store, members, removed: [], ...place, auth: auth.contents() };
      return inSlices(snapshotFile(of, 1000));
    },
    onFull: () => store.space.raise(),
    onFailure: (error) => failures.push(error),
    ...(snapshotBytes !== undefined && { snapshotBytes }),
  });
  opened.log = log;
  return { store, log, lines, failures };
}

const put = ({ store }: Run, key: string, value = 'a value'): void =>
  void store.putNow({ key, value: text(value) }, undefined);

/** What an etcd on the disk would hold, and what it says. */
async function held(
  disk: MemoryDisk,
): Promise<{ contents: object; keys: string; lines: string[] }> {
  const { store, lines } = await open(disk);
  const keys = store.rangeNow({ key: '\0', rangeEnd: '\0' }).kvs.map((kv) => kv.key);
  return { contents: contentsOf(store), keys: keys.join(' '), lines };
}

describe('the log of changes', () => {
  it('makes the store again as it was', async () => {
    const disk = new MemoryDisk();
    const run = await open(disk);
    const { store } = run;
    store.leases.grant(7n, 60, undefined);
    store.leases.grant(8n, 60, undefined);
    store.putNow({ key: 'leased', value: text('1'), lease: 7n }, undefined);
    store.putNow({ key: 'gone', value: text('1'), lease: 8n }, undefined);
    store.leases.revoke(8n, undefined);
    for (let i = 0; i < 5; i++) put(run, '/a', String(i));
    put(run, '\xff\x00', '');
    store.txnNow(
      {
        compare: [],
        success: [
          { op: 'put', key: 'b', value: text('1') },
          { op: 'put', key: 'c', value: text('2') },
          { op: 'delete', key: '/a' },
        ],
        failure: [],
      },
      undefined,
    );
    store.compact(6, undefined);
    store.space.raise();
    await run.log.close();
    const again = await open(disk);
    assert.deepEqual(contentsOf(again.store), contentsOf(store));
    assert.deepEqual([...(again.store.leases.get(7n)?.keys ?? [])], ['leased']);
    const heard: string[] = [];
    again.store.watch(
      { key: '\0', rangeEnd: '\0', startRevision: 6 },
      {
        changes: (changes) =>
          changes.forEach(({ type, kv }) => heard.push(`${type} ${kv.key} @${kv.modRevision}`)),
        compacted: () => heard.push('compacted'),
      },
    );
    assert.deepEqual(heard.slice(-4), [
      'put \xff\x00 @10',
      'put b @11',
      'put c @11',
      'delete /a @11',
    ]);
    assert.equal(heard[0], 'put /a @6');
  });

  it('gives many changes to one sync, and tells nobody before it is done', async () => {
    const disk = new MemoryDisk();
    const run = await open(disk);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    disk.beforeSync = () => promise.then(() => undefined);
    const before = disk.syncs;
    let told = 0;
    for (let i = 0; i < 100; i++) {
      put(run, `k${i}`);
      void run.log.settled()?.then(() => told++);
      if (i === 50) await Promise.resolve().then(() => undefined);
    }
    assert.equal(told, 0);
    resolve(undefined);
    await run.log.close();
    assert.equal(told, 100);
    assert.ok(disk.syncs - before <= 2);
    assert.equal(run.log.settled(), undefined);
  });

  it('keeps what was settled and nothing of what was not, wherever a crash cuts', async () => {
    const disk = new MemoryDisk();
    const run = await open(disk);
    put(run, 'a');
    await run.log.settled();
    const start = disk.bytes(wal).length;
    disk.beforeSync = () => new Promise(() => undefined);
    put(run, 'b');
    await new Promise((resolve) => setImmediate(resolve));
    const size = disk.bytes(wal).length - start;
    assert.ok(size > 20);
    for (let unsynced = 0; unsynced <= size; unsynced++) {
      const after = disk.afterCrash(unsynced);
      const { keys, lines } = await held(after);
      assert.equal(keys, unsynced === size ? 'a b' : 'a', `${unsynced} bytes`);
      assert.equal(lines.length, unsynced === 0 || unsynced === size ? 0 : 1);
      const again = await open(after);
      put(again, 'c');
      await again.log.close();
      assert.equal((await held(after)).keys, unsynced === size ? 'a b c' : 'a c');
    }
  });

  it('refuses a change of any byte that was synced, and says where', async () => {
    const disk = new MemoryDisk();
    const run = await open(disk);
    for (const key of ['a', 'b', 'c']) {
      put(run, key);
      await run.log.settled();
    }
    const good = Buffer.from(disk.bytes(wal));
    for (let offset = 0; offset < good.length; offset++) {
      const bad = Buffer.from(good);
      bad[offset] = (bad[offset] ?? 0) ^ 0x40;
      disk.set(wal, bad);
      await assert.rejects(held(disk), (error: unknown) => {
        assert.ok(error instanceof StateError, String(error));
        assert.match(
          error.message,
          /^\/state\/wal-00000001\.log is damaged at byte \d+: .+\. Nothing was changed\. Put a copy/,
        );
        return true;
      });
      assert.deepEqual(disk.bytes(wal), bad);
    }
  });

  it('cuts a last record with sectors that were never written', async () => {
    const disk = new MemoryDisk();
    const run = await open(disk);
    put(run, 'a');
    await run.log.settled();
    const before = disk.bytes(wal).length;
    put(run, 'b', 'x'.repeat(3000));
    await run.log.settled();
    const torn = Buffer.from(disk.bytes(wal));
    torn.fill(0, 1024, 1536);
    assert.ok(before < 1024);
    disk.set(wal, torn);
    const { keys, lines } = await held(disk);
    assert.equal(keys, 'a');
    assert.match(
      lines[0] ?? '',
      /ends in the middle of a write: the last \d+ bytes, from \d+, are/,
    );
  });

  describe('when it has grown', () => {
    const grown = async (): Promise<{ disk: MemoryDisk; contents: object }> => {
      const disk = new MemoryDisk();
      const run = await open(disk, 2000);
      // Snapshots take their time: others go on meanwhile.
      const newest = (): number => snapshotNumbers(disk.names()).at(-1) ?? 0;
      for (let i = 0; (i < 100 || newest() < 4) && i < 10_000; i++) {
        put(run, `k${i % 10}`, 'x'.repeat(200));
        await run.log.settled();
        await drain();
      }
      await run.log.close();
      return { disk, contents: contentsOf(run.store) };
    };

    it('is replaced by snapshots, of which two are kept', async () => {
      const { disk, contents } = await grown();
      const [, first, second, ...logs] = disk.names();
      assert.match(first ?? '', /^snapshot-/);
      assert.match(second ?? '', /^snapshot-/);
      assert.ok(logs.length <= 3, disk.names().join(' '));
      assert.deepEqual((await held(disk)).contents, contents);
    });

    it('passes over a damaged snapshot', async () => {
      const { disk, contents } = await grown();
      const newest = disk.names().findLast((name) => name.startsWith('snapshot-')) ?? '';
      const bytes = Buffer.from(disk.bytes(newest));
      bytes[5000] = (bytes[5000] ?? 0) ^ 1;
      disk.set(newest, bytes);
      const after = await held(disk);
      assert.deepEqual(after.contents, contents);
      assert.match(after.lines[0] ?? '', /is passed over: its checksum does not match/);
    });

    it('refuses to go on without a file of it', async () => {
      const { disk } = await grown();
      const logs = disk.names().filter((name) => name.startsWith('wal-'));
      const missing = /wal-\d+\.log is missing\. Put a copy of \/state back/;
      const last = disk.bytes(logs.at(-1) ?? '');
      await disk.remove(logs.at(-1) ?? '');
      await assert.rejects(held(disk), missing);

      disk.set(logs.at(-1) ?? '', last);
      await disk.remove(disk.names().findLast((name) => name.startsWith('snapshot-')) ?? '');
      await disk.remove(logs[0] ?? '');
      await assert.rejects(held(disk), missing);
    });
  });

  it('raises the alarm when the disk is full, keeps what it took, and goes on when there is room', async () => {
    const disk = new MemoryDisk();
    const run = await open(disk);
    disk.capacity = 1024 * 1024 + 1500;
    put(run, 'a', 'x'.repeat(500));
    await run.log.settled();
    assert.ok(!run.store.space.isFull);
    put(run, 'b', 'x'.repeat(2000));
    await run.log.settled();
    assert.ok(run.store.space.isFull);
    assert.throws(() => put(run, 'c'), /etcdserver: mvcc: database space exceeded/);
    await run.log.settled();
    assert.equal((await held(disk.afterCrash())).keys, 'a b');

    disk.capacity = disk.bytes(wal).length;
    run.store.deleteNow({ key: 'a' }, undefined);
    await assert.rejects(
      Promise.resolve(run.log.settled()),
      /etcdserver: mvcc: database space exceeded/,
    );
    assert.equal((await held(disk.afterCrash())).keys, 'a b');
    disk.capacity = Number.POSITIVE_INFINITY;
    run.store.space.disarm();
    put(run, 'd');
    await run.log.settled();
    assert.equal((await held(disk.afterCrash())).keys, 'b d');
    assert.deepEqual(run.failures, []);
  });

  it('makes room on a full disk when what it has became less', async () => {
    const disk = new MemoryDisk();
    const run = await open(disk);
    disk.capacity = 1024 * 1024 + 40_000;
    for (let i = 0; !run.store.space.isFull; i++) {
      put(run, `k${i}`, 'x'.repeat(3000));
      await run.log.settled();
    }
    assert.ok(!disk.names().includes('reserve'));
    run.store.deleteNow({ key: 'k', rangeEnd: 'l' }, undefined);
    run.store.compact(run.store.revision, undefined);
    run.log.cut();
    disk.capacity += 30_000;
    run.store.space.disarm();
    await run.log.close();
    assert.ok(!run.store.space.isFull);
    assert.deepEqual(disk.names(), ['reserve', 'snapshot-00000002.db', 'wal-00000002.log']);
    assert.equal((await held(disk)).keys, '');
  });

  it('answers nobody any more when the disk fails', async () => {
    const disk = new MemoryDisk();
    const run = await open(disk);
    disk.isBroken = true;
    put(run, 'a');
    await assert.rejects(Promise.resolve(run.log.settled()), /EIO/);
    await assert.rejects(Promise.resolve(run.log.settled()), /EIO/);
    assert.equal(run.failures.length, 1);
  });
});
