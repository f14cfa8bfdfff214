import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { second } from '../../../../../src/base/time.ts';
import { MembersState } from '../../../../../src/host/etcd/disk/members/membersState.ts';
import { StateError } from '../../../../../src/host/etcd/disk/recover.ts';
import { machineSpec, memberSpecs } from '../../../../../src/host/etcd/machines.ts';
import type { AuthChange } from '../../../../../src/sim/etcd/auth/authChange.ts';
import { EtcdGroup } from '../../../../../src/sim/etcd/members/group.ts';
import type { Packet } from '../../../../../src/sim/etcd/members/packet.ts';
import type { MemberId } from '../../../../../src/sim/etcd/raft/message.ts';
import { Network } from '../../../../../src/sim/faults/network.ts';
import { SkewedClock } from '../../../../../src/sim/faults/skewedClock.ts';
import { EventLoop } from '../../../../../src/sim/time/eventLoop.ts';
import { SeededRandom } from '../../../../../src/sim/time/random.ts';
import { TraceLog } from '../../../../../src/trace/log.ts';
import { drain } from '../../../../support/drain.ts';

const founders = memberSpecs(3);

interface Run {
  readonly group: EtcdGroup;
  readonly state: MembersState;
  readonly trace: TraceLog;
  readonly lines: string[];
  /** Lets time go by until the promise is settled. */
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
  readonly until: (holds: () => boolean) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** @param isKept whether the disks are there; else the members are in memory, and the folder is not used */
async function start(folder: string, isKept = true): Promise<Run> {
  const lines: string[] = [];
  const state = await MembersState.open({ folder, founders, log: (line) => lines.push(line) });
  const opened: { group?: EtcdGroup } = {};
  const loop: EventLoop = new EventLoop((state.time ?? 0) + second, async () => {
    await drain();
    for (let late = opened.group?.late; late; late = opened.group?.late) {
      await late;
      await drain();
    }
  });
  const random = new SeededRandom(1);
  const trace = new TraceLog(loop);
  const group = (opened.group = new EtcdGroup({
    members: state.members,
    clock: loop,
    memberClock: (clock) => new SkewedClock(clock),
    random: random.fork('members'),
    trace,
    transport: new Network<MemberId, Packet>(loop, random.fork('network')),
    ...(isKept && { outsideDiskOf: state.diskOf }),
  }));
  state.begin({ now: () => loop.now() });
  const until = async (holds: () => boolean): Promise<void> => {
    assert.ok(await loop.runWhile(() => !holds(), loop.now() + 30 * second));
  };
  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    let isOver = false;
    void promise.finally(() => (isOver = true)).catch(() => undefined);
    await until(() => isOver);
    return promise;
  };
  await until(() => group.leader !== undefined);
  const end = async (): Promise<void> => {
    group.dispose();
    await state.close();
  };
  return { group, state, trace, lines, settle, until, end };
}

const nobody = (): Promise<never> => Promise.reject(new Error('nobody leads'));

const put = async ({ group, settle }: Run, key: string): Promise<void> => {
  const request = { key, value: new Uint8Array() };
  await settle(group.leader?.propose({ do: 'put', request }, undefined) ?? nobody());
};

const keysOf = ({ group }: Run, member: MemberId): string =>
  group
    .storeOf(member)
    .rangeNow({ key: '\0', rangeEnd: '\0' })
    .kvs.map(({ key }) => key)
    .join(' ');

describe('the folders of several members', () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-folders-'));
  });

  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('are one for each that joins, and are used again when another takes its place', async () => {
    let run = await start(folder);
    await put(run, 'a');
    const add = async (id: MemberId): Promise<void> => {
      const spec = { ...machineSpec(3), id };
      const added = { ...spec, name: '', clientUrls: [], isLearner: true };
      const { leader } = run.group;
      const change = { change: 'addLearner', member: id } as const;
      await run.settle(leader?.changeMember(change, added) ?? nobody());
      run.group.join(spec);
      await run.until(() => keysOf(run, id) === keysOf(run, leader?.id ?? 0n));
      run.group.serveAt(id, ['http://127.0.0.1:2379']);
      await run.until(() => run.group.members.every(({ name }) => name !== ''));
    };
    await add(77n);
    await put(run, 'b');
    await run.end();

    run = await start(folder);
    assert.deepEqual(
      run.group.members.map(({ name, isLearner }) => `${name}${isLearner ? ' learns' : ''}`).sort(),
      ['etcd-1', 'etcd-2', 'etcd-3', 'etcd-4 learns'],
    );
    await run.until(() => keysOf(run, 77n) === 'a b');
    const old = run.group.members.find(({ id }) => id === 77n);
    assert.ok(old);
    const remove = { change: 'remove', member: 77n } as const;
    await run.settle(run.group.leader?.changeMember(remove, old) ?? nobody());
    run.group.stop(77n);
    await add(78n);
    await run.end();
    assert.deepEqual(run.lines, []);

    run = await start(folder);
    assert.deepEqual(
      run.state.members.map(({ id }) => id),
      [...founders.map(({ id }) => id), 78n],
    );
    await run.until(() => keysOf(run, 78n) === 'a b');
    await run.end();
  });

  it('keep users and roles, in the log and in snapshots', async () => {
    let run = await start(folder);
    const change = (it: AuthChange) =>
      run.settle(run.group.leader?.propose({ do: 'auth', change: it }, undefined) ?? nobody());
    await change({ op: 'addUser', user: 'root', hash: 'salt.key' });
    await change({ op: 'grantRole', user: 'root', role: 'root' });
    await change({ op: 'addRole', role: 'reader' });
    const permission = { access: 'read', key: '/a/', rangeEnd: '/a0' } as const;
    await change({ op: 'grantPermission', role: 'reader', permission });
    await change({ op: 'enable' });
    const users = run.group.authOf(run.group.leader?.id ?? 0n).contents();
    // The first time they are in the log; what is written at an end may have them in a snapshot.
    for (let starts = 0; starts < 2; starts++) {
      await run.end();
      run = await start(folder);
      for (const { id } of founders) {
        await run.until(() => run.group.authOf(id).isEnabled);
        assert.deepEqual(run.group.authOf(id).contents(), users);
      }
    }
    await run.end();
  });

  it('change nothing of what happens', async () => {
    const traceOf = async (isKept: boolean) => {
      const run = await start(path.join(folder, String(isKept)), isKept);
      for (const key of ['a', 'b', 'c']) await put(run, key);
      await run.end();
      return run.trace.slice(run.trace.first);
    };
    const [kept, inMemory] = [await traceOf(true), await traceOf(false)];
    assert.ok(kept.length > 50);
    assert.deepEqual(kept, inMemory);
  });

  it('are not begun anew over members that are there', async () => {
    const run = await start(folder);
    await put(run, 'a');
    await run.end();
    fs.rmSync(path.join(folder, 'cluster.json'));
    await assert.rejects(start(folder), (error: unknown) => {
      assert.ok(error instanceof StateError, String(error));
      assert.match(error.message, /etcd-1 is of a cluster, but .* has no cluster\.json any more/);
      return true;
    });
    fs.writeFileSync(path.join(folder, 'cluster.json'), '{"members":3}');
    const again = await start(folder);
    await again.until(() => keysOf(again, founders[0]?.id ?? 0n) === 'a');
    await again.end();
  });

  it('tell what to do when one is gone, and do nothing when most are', async () => {
    const run = await start(folder);
    await put(run, 'a');
    await run.end();
    fs.rmSync(path.join(folder, 'etcd-3'), { recursive: true });
    const two = await start(folder);
    assert.match(
      two.lines.join('\n'),
      /etcd-3 does not run.* member remove 2daa54f17ef01167, .* member add etcd-3 --peer-urls=http:\/\/127\.0\.0\.1:2580$/,
    );
    await put(two, 'b');
    await two.end();
    fs.rmSync(path.join(folder, 'etcd-1'), { recursive: true });
    await assert.rejects(
      start(folder),
      /has nothing of etcd-1 and etcd-3 any more: the others are/,
    );
  });
});
