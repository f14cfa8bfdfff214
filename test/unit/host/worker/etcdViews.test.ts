import assert from 'node:assert/strict';
import { EtcdViews } from '../../../../src/host/worker/etcdViews.ts';
import { encodeUtf8 } from '../../../../src/base/bytes.ts';
import { second } from '../../../../src/base/time.ts';
import type { EtcdAction, EtcdFault, EtcdMember } from '../../../../src/source/etcd.ts';
import { Simulation } from '../../../support/simulation.ts';

interface Stage {
  readonly simulation: Simulation;
  readonly views: EtcdViews;
  readonly act: (action: EtcdAction) => Promise<void>;
  /** As etcd knows it by its name. */
  readonly member: (name: string) => EtcdMember;
}

async function stageOf(etcdMembers: number): Promise<Stage> {
  const simulation = await Simulation.start({ nodes: 0, etcdMembers });
  const views = new EtcdViews(simulation.cluster, simulation.loop, simulation.trace);
  return {
    simulation,
    views,
    act: (action) => simulation.settle(views.act(action)),
    member: (name) => {
      const found = views.status().members.find((member) => member.name === name);
      assert.ok(found);
      return found;
    },
  };
}

const slowDisk: EtcdFault = { fault: 'slowDisk', latency: { medianUs: 50_000, p99Us: 50_000 } };

const byName = (members: readonly EtcdMember[]) =>
  Object.fromEntries(members.map(({ name, role }) => [name, role]));

describe('etcd of one member, as its operators see it', () => {
  let stage: Stage;

  before(async () => {
    stage = await stageOf(1);
  });

  after(() => stage.simulation.dispose());

  it('leads itself and lags behind nobody', () => {
    const { members, revision } = stage.views.status();
    assert.equal(revision, stage.simulation.cluster.store.revision);
    const [only, ...others] = members;
    assert.ok(only);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [only.id, only.name, only.role, only.leader, only.lag, only.health],
      ['1', 'etcd-1', 'leader', '1', 0, { isHealthy: true }],
    );
    assert.ok(only.dbSize >= only.dbSizeInUse && only.dbSizeInUse > 0);
    assert.equal(only.fsync.bounds.length, only.fsync.counts.length);
    assert.equal(only.fsync.bounds.at(-1), Number.POSITIVE_INFINITY);
  });

  it('compacts, and then gives back what is free', async () => {
    const { store } = stage.simulation.cluster;
    for (let i = 0; i < 200; i++)
      store.putNow({ key: '/much', value: new Uint8Array(10_000) }, undefined);
    const before = stage.member('etcd-1');
    await stage.act({ do: 'compact', revision: store.revision });
    assert.equal(stage.views.status().compactRevision, store.revision);
    const compacted = stage.member('etcd-1');
    assert.equal(compacted.dbSize, before.dbSize);
    assert.ok(compacted.dbSizeInUse < before.dbSizeInUse);
    await stage.act({ do: 'defragment', member: '1' });
    assert.equal(stage.member('etcd-1').dbSize, compacted.dbSizeInUse);
  });

  it('tells of its alarm until that is disarmed', async () => {
    const mark = stage.views.mark();
    stage.simulation.cluster.store.space.raise();
    assert.notEqual(stage.views.mark(), mark);
    assert.deepEqual(stage.views.status().alarms, [{ member: '1', alarm: 'NOSPACE' }]);
    assert.deepEqual(stage.member('etcd-1').health, {
      isHealthy: false,
      reason: 'Active Alarm(s): NOSPACE ',
    });
    await stage.act({ do: 'disarm' });
    assert.deepEqual(stage.views.status().alarms, []);
    assert.equal(stage.views.mark(), mark);
  });

  it('lists leases with their keys, by id', () => {
    const { store } = stage.simulation.cluster;
    for (const id of [0xffn, 0x10n]) store.leases.grant(id, 60, undefined);
    store.putNow({ key: '/with/lease', value: encodeUtf8('x'), lease: 0x10n }, undefined);
    const { total, leases } = stage.views.leases(1);
    assert.ok(total >= 2);
    assert.deepEqual(leases, [{ id: '10', grantedTtl: 60, ttl: 60, keys: ['/with/lease'] }]);
  });

  it('has a sample for each second in which something happened', async () => {
    const { loop } = stage.simulation;
    const from = Math.floor(loop.now() / second) * second;
    stage.views.passed(loop.now());
    await stage.act({ do: 'fail', member: '1', fault: slowDisk });
    void stage.simulation.cluster.alone?.propose(
      { do: 'put', request: { key: '/slow', value: encodeUtf8('x') } },
      undefined,
    );
    await loop.runUntil(from + 2 * second);
    stage.views.passed(loop.now());
    stage.views.passed(loop.now() + 10);
    await stage.act({ do: 'heal' });
    await loop.runUntil(from + 9 * second);
    stage.views.passed(loop.now());
    const { samples, revision, members } = stage.views.status();
    assert.deepEqual(
      samples.map((sample) => sample.time),
      [from, from + 2 * second],
    );
    const [first, last] = samples;
    assert.ok(first && first.fsyncP99 >= 0.05 && first.fsyncP99 < 0.06, String(first?.fsyncP99));
    assert.equal(first.revision, revision);
    assert.deepEqual([last?.dbSize, last?.fsyncP99], [members[0]?.dbSize, 0]);
  });

  const refusals: readonly (readonly [EtcdAction, RegExp])[] = [
    [{ do: 'compact', revision: 1_000_000 }, /^etcdserver: mvcc: required revision is a future/],
    [{ do: 'moveLeader', to: '77' }, /^etcd has no member 77\.$/],
    [{ do: 'stop', member: '1' }, /^The only member of etcd cannot be stopped alone/],
  ];
  for (const [action, words] of refusals)
    it(`says why it does not do ${JSON.stringify(action)}`, async () => {
      await assert.rejects(stage.act(action), (error: Error) => words.test(error.message));
    });
});

describe('etcd of three members, as its operators see it', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await stageOf(3);
  });

  afterEach(() => stage.simulation.dispose());

  const leader = (): EtcdMember => {
    const found = stage.views.status().members.find(({ role }) => role === 'leader');
    assert.ok(found);
    return found;
  };
  const follower = (): EtcdMember => {
    const found = stage.views.status().members.find(({ role }) => role === 'follower');
    assert.ok(found);
    return found;
  };
  const fail = (member: string, fault: EtcdFault) => stage.act({ do: 'fail', member, fault });

  it('goes on without a member, which catches up when it is back', async () => {
    const { id, name } = follower();
    await stage.act({ do: 'stop', member: id });
    assert.deepEqual(
      [stage.member(name).role, stage.member(name).health.isHealthy],
      ['stopped', false],
    );
    await stage.simulation.request('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'while-it-is-away' },
    });
    assert.ok(stage.member(name).lag > 0);
    await stage.act({ do: 'start', member: id });
    await stage.simulation.run(3);
    assert.deepEqual([stage.member(name).role, stage.member(name).lag], ['follower', 0]);
  });

  it('hands the leadership over, with a cause for all that it leads to', async () => {
    const { id, name } = follower();
    await stage.act({ do: 'moveLeader', to: id });
    assert.equal(leader().name, name);
    const roots = stage.simulation.trace
      .slice(stage.simulation.trace.first)
      .filter((event) => event.component === 'client/operator');
    assert.deepEqual(
      roots.map((event) => event.type === 'lifecycle' && event.summary),
      [`The operator asks etcd for ${name} to lead`],
    );
  });

  it('elects another leader when the first is cut off, until it is healed', async () => {
    const first = leader();
    await fail(first.id, { fault: 'cutOff' });
    assert.deepEqual(stage.member(first.name).faults, [{ fault: 'cutOff' }]);
    await stage.simulation.run(5);
    assert.notEqual(stage.member(first.name).role, 'leader');
    assert.notEqual(leader().name, first.name);
    await stage.act({ do: 'heal' });
    await stage.simulation.run(5);
    const { members } = stage.views.status();
    assert.deepEqual(Object.values(byName(members)).sort(), ['follower', 'follower', 'leader']);
    assert.ok(members.every(({ faults, lag }) => faults.length === 0 && lag === 0));
  });

  it('has several faults at once, each member its own', async () => {
    const { id } = follower();
    await fail(id, { fault: 'slowLinks', delayUs: 20_000 });
    await fail(id, { fault: 'slowDisk', latency: { medianUs: 10_000, p99Us: 50_000 } });
    await fail(id, { fault: 'slowLinks', delayUs: 30_000 });
    assert.deepEqual(
      stage.views.status().members.map(({ faults }) => faults.map(({ fault }) => fault)),
      stage.views
        .status()
        .members.map((member) => (member.id === id ? ['slowDisk', 'slowLinks'] : [])),
    );
  });

  it('compacts all members', async () => {
    const { revision } = stage.views.status();
    await stage.act({ do: 'compact', revision });
    await stage.simulation.run(1);
    const { group } = stage.simulation.cluster.etcd ?? {};
    assert.ok(group);
    for (const id of group.ids) assert.equal(group.storeOf(id).compactRevision, revision);
  });

  it('says etcd has no leader when a quorum is gone', async () => {
    for (const { id } of stage.views.status().members.slice(0, 2))
      await stage.act({ do: 'stop', member: id });
    await stage.simulation.run(5);
    await assert.rejects(stage.act({ do: 'disarm' }), { message: 'etcdserver: no leader' });
  });
});
