import assert from 'node:assert/strict';
import { BytesReader, BytesWriter } from '../../../../../src/host/etcd/disk/bytes.ts';
import {
  keptIn,
  newMember,
  putMember,
} from '../../../../../src/host/etcd/disk/members/memberFile.ts';
import { MemberLog } from '../../../../../src/host/etcd/disk/members/memberLog.ts';
import { raftCodec, type RaftRecord } from '../../../../../src/host/etcd/disk/members/raftCodec.ts';
import { readValue, writeValue } from '../../../../../src/host/etcd/disk/members/values.ts';
import { recover, StateError } from '../../../../../src/host/etcd/disk/recover.ts';
import type { Envelope } from '../../../../../src/sim/etcd/members/backend.ts';
import type { Entry } from '../../../../../src/sim/etcd/raft/message.ts';
import { MemoryDisk } from '../../../../support/memoryDisk.ts';

const wal = 'wal-00000001.log';
const spec = { id: 0xfedc_ba98_7654_3210n, name: 'etcd-1', peerUrls: ['http://127.0.0.1:2380'] };

const put = (index: number, term: number, key: string): Entry<Envelope> => ({
  index,
  term,
  command: { id: key, command: { do: 'put', request: { key, value: new Uint8Array([1, 2]) } } },
  cause: 0,
});

async function open(disk: MemoryDisk, failures: string[] = []) {
  const found = await recover(disk, { codec: raftCodec, log: () => undefined, remedy: 'Remedy.' });
  const kept = keptIn(found);
  const starts = (kept?.starts ?? 0) + 1;
  const log = await MemberLog.open({
    disk,
    tail: found.tail,
    id: spec.id,
    starts,
    now: () => 1000,
    onFailure: (line) => failures.push(line),
  });
  return { kept, log };
}

async function newDisk(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await putMember(disk, spec, newMember([spec], undefined), 0);
  return disk;
}

const write = async (
  log: MemberLog,
  entries: readonly Entry<Envelope>[],
  hardState?: { term: number; vote: bigint | undefined; commit: number },
): Promise<void> => {
  log.record({ hardState, snapshot: undefined, entries, mustSync: true }, false);
  await log.settled();
};

describe('the log of a member', () => {
  it('has its entries, its vote and how often it started', async () => {
    const disk = await newDisk();
    const first = await open(disk);
    assert.equal(first.kept?.index, 1);
    assert.equal(first.kept.starts, 0);
    assert.deepEqual(first.kept.members, [{ ...spec, clientUrls: [], isLearner: false }]);
    await write(first.log, [put(2, 2, 'a'), put(3, 2, 'b'), put(4, 2, '\xff\0')], {
      term: 2,
      vote: spec.id,
      commit: 2,
    });
    // Another leader had another entry there.
    await write(first.log, [put(3, 3, 'c')], { term: 3, vote: undefined, commit: 2 });
    await first.log.close();

    const { kept, log } = await open(disk.afterCrash());
    assert.equal(kept?.starts, 1);
    assert.deepEqual(kept.stored, {
      hardState: { term: 3, vote: undefined, commit: 2 },
      base: { index: 1, term: 1 },
      entries: [put(2, 2, 'a'), put(3, 3, 'c')],
    });
    await log.close();
  });

  it('waits with what may wait, and writes it with the next', async () => {
    const disk = await newDisk();
    const { log } = await open(disk);
    const before = disk.syncs;
    const commit = { hardState: { term: 2, vote: undefined, commit: 1 }, snapshot: undefined };
    log.record({ ...commit, entries: [], mustSync: false }, true);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(disk.syncs, before);
    await write(log, [put(2, 2, 'a')]);
    assert.equal(disk.syncs, before + 1);
    assert.equal((await open(disk.afterCrash())).kept?.stored.hardState.term, 2);
  });

  it('refuses a change of any byte that was synced', async () => {
    const disk = await newDisk();
    const { log } = await open(disk);
    for (const index of [2, 3, 4]) await write(log, [put(index, 2, `key-${index}`)]);
    const good = Buffer.from(disk.bytes(wal));
    for (let offset = 0; offset < good.length; offset++) {
      const bad = Buffer.from(good);
      bad[offset] = (bad[offset] ?? 0) ^ 0x10;
      disk.set(wal, bad);
      await assert.rejects(open(disk), (error: unknown) => {
        assert.ok(error instanceof StateError, String(error));
        assert.match(error.message, /^\/state\/wal-\d+\.log is damaged at byte \d+: .* Remedy\.$/);
        return true;
      });
    }
  });

  it('says when the disk is full, and that its member stops', async () => {
    const disk = await newDisk();
    const failures: string[] = [];
    const { log } = await open(disk, failures);
    let full = 0;
    const backend = undefined as never;
    const stored = undefined as never;
    log.begin(() => ({ backend, stored, full: () => full++ }));
    const used = disk.names().reduce((sum, name) => sum + disk.bytes(name).length, 0);
    disk.capacity = used + 10;
    // The reserve makes room once.
    await write(log, [put(2, 2, 'a')]);
    assert.equal(full, 1);
    disk.capacity = disk.names().reduce((sum, name) => sum + disk.bytes(name).length, 0);
    await assert.rejects(write(log, [put(3, 2, 'b')]), /database space exceeded/);
    assert.deepEqual(failures, ['/state: the disk is full. The member stops.']);
    assert.equal((await open(disk.afterCrash())).kept?.stored.entries.length, 1);
  });

  it('ends when the disk fails', async () => {
    const disk = await newDisk();
    const failures: string[] = [];
    const { log } = await open(disk, failures);
    disk.isBroken = true;
    await assert.rejects(write(log, [put(2, 2, 'a')]), /EIO/);
    assert.equal(failures.length, 1);
    assert.match(failures[0] ?? '', /^\/state: EIO: .*\. The member stops\.$/);
  });

  it('writes every kind of value', () => {
    const values = [
      ...[undefined, null, true, false, 0, 1, 127, 128, 2 ** 53 - 1, -1, -0, 1.5, 1e300, Infinity],
      ...[0n, -1n, 2n ** 64n - 1n, -(2n ** 63n), '', 'a', '\xff\0', 'é€😀'],
      ...[new Uint8Array(), new Uint8Array([0, 255]), [], [[1], 'x'], { a: { b: [1n] }, c: null }],
    ];
    const writer = new BytesWriter();
    for (const value of values) writeValue(writer, value);
    const reader = new BytesReader(writer.bytes);
    for (const value of values) assert.deepStrictEqual(readValue(reader), value);
    assert.ok(reader.isAtEnd);
    assert.throws(() => readValue(new BytesReader(new Uint8Array([99]))), RangeError);
  });

  it('writes every kind of record', () => {
    const change = { change: 'addLearner', member: 7n } as const;
    const request = {
      compare: [{ key: 'k', target: 'mod', result: 'equal', operand: 3 }],
      success: [{ op: 'put', key: 'k', value: new Uint8Array([7]), lease: -5n }],
      failure: [{ op: 'range', key: 'k' }],
    } as const;
    const command = { id: 'etcd-1/100001/1', command: { do: 'txn', request } } as const;
    const records: RaftRecord[] = [
      { type: 'member', id: spec.id, starts: 3 },
      { type: 'hardState', hardState: { term: 4, vote: spec.id, commit: 9 } },
      { type: 'entry', entry: { index: 10, term: 4, command } },
      { type: 'entry', entry: { index: 11, term: 4, change } },
      { type: 'entry', entry: { index: 12, term: 5 } },
    ];
    assert.deepStrictEqual(raftCodec.decode(raftCodec.encode(records)), records);
  });
});
