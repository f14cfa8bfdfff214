import { defined } from '../../base/assert.ts';
import type { Clock, Micros } from '../../base/time.ts';
import type { Cluster } from '../../sim/cluster.ts';
import { errors } from '../../sim/etcd/errors.ts';
import { textOfKey } from '../../sim/etcd/key.ts';
import type { MemberInfo } from '../../sim/etcd/members/command.ts';
import type { DiskTimes } from '../../sim/etcd/members/diskTimes.ts';
import { Histogram as Counted } from '../../sim/etcd/members/histogram.ts';
import type { EtcdServer } from '../../sim/etcd/members/server.ts';
import type { Store } from '../../sim/etcd/store.ts';
import { EtcdSamples } from './etcdSamples.ts';
import type {
  EtcdAction,
  EtcdLeases,
  EtcdMember,
  EtcdStatus,
  Histogram,
} from '../../source/etcd.ts';
import type { EventId } from '../../trace/event.ts';
import type { TraceSink } from '../../trace/sink.ts';

/** A member as it is known here, whether it runs or not. */
interface Machine {
  readonly info: MemberInfo;
  /** Undefined while its process does not run. */
  readonly server: EtcdServer | undefined;
  /** Undefined for one that was added and has no machine here. */
  readonly store: Store | undefined;
  readonly disk: DiskTimes | undefined;
  readonly term: number;
  readonly applied: number;
}

/** What those see and do who keep etcd running. */
export class EtcdViews {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #trace: TraceSink;
  readonly #samples: EtcdSamples;

  constructor(cluster: Cluster, clock: Clock, trace: TraceSink) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#trace = trace;
    this.#samples = new EtcdSamples(
      () => cluster.store,
      () => this.#machines().flatMap(({ disk }) => disk ?? []),
    );
  }

  status(): EtcdStatus {
    const { store } = this.#cluster;
    const machines = this.#machines();
    const committed = Math.max(...machines.map(committedBy));
    return {
      revision: store.revision,
      compactRevision: store.compactRevision,
      quotaBytes: store.space.quota,
      alarms: alarmsOf(machines),
      members: machines.map((machine) => this.#member(machine, committed)),
      samples: this.#samples.all,
    };
  }

  /** Something happened at this time. */
  passed(time: Micros): void {
    this.#samples.passed(time);
  }

  leases(limit: number): EtcdLeases {
    const { leases } = this.#cluster.store;
    const ids = leases.list().sort((a, b) => (a < b ? -1 : 1));
    return {
      total: ids.length,
      leases: ids.slice(0, limit).map((id) => {
        const lease = defined(leases.get(id), 'a lease that is listed');
        return {
          id: hex(id),
          grantedTtl: lease.grantedTtl,
          ttl: leases.remaining(id),
          keys: [...lease.keys].map(textOfKey).sort(),
        };
      }),
    };
  }

  /** What tells of a change of members, alarms or faults when it differs. */
  mark(): string {
    const members = this.#machines().map(({ info, server, store }) => [
      hex(info.id),
      info.name,
      info.clientUrls,
      server && [server.status.role, server.status.term, hex(server.status.leader)],
      store?.space.isFull,
      this.#cluster.etcdFaults.of(info.id),
    ]);
    return JSON.stringify(members);
  }

  /** Rejects with what cannot be done, in etcd's words where it has any. */
  async act(action: EtcdAction): Promise<void> {
    switch (action.do) {
      case 'stop':
      case 'start':
        this.#switch(action.do, this.#machine(action.member));
        return;
      case 'moveLeader': {
        const to = this.#machine(action.to).info;
        const cause = this.#note(`The operator asks etcd for ${to.name} to lead`);
        await this.#leader().moveLeader(to.id, cause);
        return;
      }
      case 'fail': {
        const { info } = this.#machine(action.member);
        const problem = this.#cluster.etcdFaults.add(info.id, action.fault);
        if (problem !== undefined) throw new Error(problem);
        this.#fault(`${info.name} gets a fault: ${wordsOf(action.fault)}`);
        return;
      }
      case 'heal':
        this.#cluster.etcdFaults.heal();
        this.#fault('All faults of etcd are healed');
        return;
      case 'compact': {
        const { revision } = action;
        const cause = this.#note(`The operator compacts etcd at revision ${revision}`);
        await this.#leader().propose({ do: 'compact', revision }, cause);
        return;
      }
      case 'defragment': {
        const { info, store, server } = this.#machine(action.member);
        if (!store || !server) throw new Error(`${nameOf(info)} does not run.`);
        this.#note(`The operator defragments ${nameOf(info)}`);
        store.space.defragment();
        return;
      }
      case 'disarm': {
        const cause = this.#note('The operator disarms all alarms of etcd');
        await this.#leader().propose({ do: 'disarmNoSpace' }, cause);
      }
    }
  }

  #switch(to: 'stop' | 'start', { info, store }: Machine): void {
    const { etcd } = this.#cluster;
    if (!etcd)
      throw new Error(
        'The only member of etcd cannot be stopped alone: stop the cluster, or start one with three members.',
      );
    if (!store)
      throw new Error(`${nameOf(info)} was added to the cluster and has no machine here.`);
    this.#note(`The operator ${to}s ${nameOf(info)}`);
    etcd.group[to](info.id);
  }

  #leader(): EtcdServer {
    const leader = this.#cluster.alone ?? this.#cluster.etcd?.group.leader;
    if (!leader) throw errors.noLeader();
    return leader;
  }

  #machine(id: string): Machine {
    const found = this.#machines().find(({ info }) => hex(info.id) === id);
    if (!found) throw new Error(`etcd has no member ${id}.`);
    return found;
  }

  #machines(): Machine[] {
    const { alone, etcd } = this.#cluster;
    if (!etcd) {
      const only = defined(alone, 'a cluster without etcd');
      const { term, applied } = only.status;
      return only.members.map((info) => ({
        info,
        server: only,
        store: only.store,
        disk: only.disk,
        term,
        applied,
      }));
    }
    const { group } = etcd;
    return group.members.map((info) => {
      if (!group.ids.includes(info.id))
        return { info, server: undefined, store: undefined, disk: undefined, term: 0, applied: 0 };
      const known = group.describe(info.id);
      return {
        info: { ...info, ...(known.clientUrls.length && { clientUrls: known.clientUrls }) },
        server: group.member(info.id),
        store: group.storeOf(info.id),
        disk: group.diskOf(info.id),
        term: known.term,
        applied: known.applied,
      };
    });
  }

  #member(machine: Machine, committed: number): EtcdMember {
    const { info, server, store } = machine;
    const status = server?.status;
    const applied = status?.applied ?? machine.applied;
    return {
      id: hex(info.id),
      name: info.name,
      endpoint: (info.clientUrls[0] ?? '').replace(/^https?:\/\//, ''),
      peerUrl: info.peerUrls[0] ?? '',
      role: roleOf(server),
      term: status?.term ?? machine.term,
      leader: status?.leader ? hex(status.leader) : undefined,
      health: healthOf(server),
      committed: committedBy(machine),
      applied,
      lag: Math.max(0, committed - applied),
      dbSize: store?.space.size ?? 0,
      dbSizeInUse: store?.space.inUse ?? 0,
      fsync: histogramOf(machine.disk?.fsync),
      backendCommit: histogramOf(machine.disk?.backendCommit(this.#clock.now())),
      faults: this.#cluster.etcdFaults.of(info.id),
    };
  }

  #note(summary: string): EventId {
    return this.#trace.emit('client/operator', undefined, {
      type: 'lifecycle',
      action: 'started',
      summary,
    });
  }

  #fault(summary: string): void {
    this.#trace.emit('etcd', undefined, { type: 'lifecycle', action: 'fault', summary });
  }
}

const hex = (id: bigint): string => id.toString(16);

const nameOf = ({ id, name }: MemberInfo): string => name || hex(id);

const committedBy = ({ server, applied }: Machine): number => server?.status.committed ?? applied;

function roleOf(server: EtcdServer | undefined): EtcdMember['role'] {
  if (!server) return 'stopped';
  const { isLearner, role } = server.status;
  if (isLearner) return 'learner';
  return role === 'preCandidate' ? 'candidate' : role;
}

/** Models go.etcd.io/etcd/etcdctl/v3/ctlv3/command epHealthCommandFunc. */
function healthOf(server: EtcdServer | undefined): EtcdMember['health'] {
  const unhealthy = (reason: string) => ({ isHealthy: false, reason });
  if (!server?.hasLeader) return unhealthy('context deadline exceeded');
  if (server.status.isLearner) return unhealthy(errors.notForLearner().message);
  if (server.store.space.isFull) return unhealthy('Active Alarm(s): NOSPACE ');
  return { isHealthy: true };
}

/** All members have the alarm and none knows who raised it first: it counts for the one that leads. */
function alarmsOf(machines: readonly Machine[]): EtcdStatus['alarms'] {
  const full = machines.filter(({ store }) => store?.space.isFull);
  const raised = full.find(({ server }) => server?.status.role === 'leader') ?? full[0];
  return raised ? [{ member: hex(raised.info.id), alarm: 'NOSPACE' }] : [];
}

const histogramOf = (from = new Counted()): Histogram => ({
  bounds: [...from.bounds, Number.POSITIVE_INFINITY],
  counts: from.cumulative(),
  sum: from.sum,
});

function wordsOf(fault: EtcdMember['faults'][number]): string {
  const ms = (us: number): string => `${us / 1000} ms`;
  switch (fault.fault) {
    case 'slowDisk':
      return `syncs of its disk take ${ms(fault.latency.medianUs)}, one of a hundred ${ms(fault.latency.p99Us)}`;
    case 'clockSkew':
      return `its clock runs at ${fault.rate} times the speed`;
    case 'cutOff':
      return 'the others do not reach it';
    case 'slowLinks':
      return `what it sends and gets arrives ${ms(fault.delayUs)} later`;
  }
}
