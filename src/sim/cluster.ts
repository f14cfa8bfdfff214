import { defined } from '../base/assert.ts';
import { Disposable } from '../base/disposable.ts';
import type { Random } from '../base/random.ts';
import { millisecond, type Micros } from '../base/time.ts';
import type { Api } from '../api/wire.ts';
import type { TraceSink } from '../trace/sink.ts';
import { ApiServer, type ApiServerFlags } from './apiserver/apiServer.ts';
import type { Descriptions } from './apiserver/openapi/descriptions.ts';
import type { StaticUser } from './apiserver/serverParts.ts';
import type { TokenIssuer } from './apiserver/authn/tokens.ts';
import { ApiClient } from './client/apiClient.ts';
import { ControllerManager } from './controllers/controllerManager.ts';
import { Alone } from './etcd/members/alone.ts';
import { EtcdClient } from './etcd/members/client.ts';
import type { MemberSpec, SpareSpec } from './etcd/members/command.ts';
import { EtcdGroup, type GroupOptions } from './etcd/members/group.ts';
import type { Packet } from './etcd/members/packet.ts';
import type { EtcdLog } from './etcd/members/warnings.ts';
import type { MemberId } from './etcd/raft/message.ts';
import { Store, type StoreOptions } from './etcd/store.ts';
import { EtcdFaults } from './etcdFaults.ts';
import { Network } from './faults/network.ts';
import { SkewedClock } from './faults/skewedClock.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import { KubeletLogs } from './kubelet/logs.ts';
import { simulatedNode } from './kubelet/nodeObject.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import type { EventLoop } from './time/eventLoop.ts';
import { SeededRandom } from './time/random.ts';

export const allParts = ['etcd', 'apiserver', 'controllers', 'scheduler', 'kubelet'] as const;
export type Part = (typeof allParts)[number];

/** What the members of etcd talk over: where links are cut, slowed and made to lose. */
export type MemberNetwork = Network<MemberId, Packet>;

export interface ClusterOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly loop: EventLoop;
  readonly trace: TraceSink;
  readonly tokens: TokenIssuer;
  readonly caPem: string;
  readonly parts?: readonly Part[];
  readonly staticTokens?: ReadonlyMap<string, StaticUser>;
  /** What types and fields are for, for OpenAPI documents; asked when one is served. */
  readonly descriptions?: () => Descriptions;
  /** The members of etcd; one unless given. */
  readonly etcdMembers?: readonly MemberSpec[];
  /** Machines that wait until their peer URL is added. */
  readonly etcdSpares?: readonly SpareSpec[];
  /** The disks of machines of members outside of the simulation. */
  readonly etcdDiskOf?: GroupOptions['outsideDiskOf'];
  readonly quotaBytes?: number;
  /** Hears what etcd writes to its log: warnings. */
  readonly etcdLog?: EtcdLog;
  readonly apiServerFlags?: ApiServerFlags;
  /** Makes the store of what was kept of an earlier run; a new one unless given. */
  readonly makeStore?: (options: StoreOptions) => Store;
}

/**
 * Modelled time between components, beside that of the API server's stages: a watcher hears of a write a little before
 * the writer has its answer, so a controller sees its own writes when it looks again.
 */
const watchLatency: Micros = millisecond / 10;

/**
 * A whole cluster from a seed and options: etcd, API server, controllers, scheduler and the kubelets of its nodes.
 * The event loop is its time; nothing happens unless somebody runs it.
 */
export class Cluster extends Disposable {
  readonly apiServer: ApiServer;
  /** The members of etcd and what is between them; undefined when it has one only. */
  readonly etcd: { readonly group: EtcdGroup; readonly network: MemberNetwork } | undefined;
  /** The only member of etcd; undefined when it has several, and in a cluster that goes on from another. */
  readonly alone: Alone | undefined;
  readonly etcdFaults: EtcdFaults;
  readonly #store: Store | undefined;
  readonly #options: ClusterOptions;
  readonly #logs: KubeletLogs;
  readonly #random: Random;

  constructor(
    options: ClusterOptions,
    from?: { readonly store: Store; readonly apiServer: ApiServer },
  ) {
    super();
    this.#options = options;
    const { loop, trace, tokens, caPem, staticTokens, descriptions } = options;
    this.#logs = new KubeletLogs(loop);
    const make = options.makeStore ?? ((its) => new Store(its));
    this.etcd = from ? undefined : this.#members();
    this.#store = this.etcd
      ? undefined
      : (from?.store ?? make({ trace, clock: loop, watchLatencyUs: watchLatency }));
    this.alone = this.#store && !from ? this.#onlyMember(this.#store) : undefined;
    this.etcdFaults = new EtcdFaults({
      ids: () => this.etcd?.group.ids ?? (this.alone ? [this.alone.id] : []),
      diskOf: (id) => this.alone?.disk ?? this.etcd?.group.diskOf(id),
      setClockRate: this.etcd && ((id, rate) => this.etcd?.group.setClockRate(id, rate)),
      network: this.etcd?.network,
    });
    this.#random = randomOf(options.seed, from ? undefined : this.store);
    const random = this.#random;
    this.apiServer = this._register(
      from?.apiServer ??
        new ApiServer({
          kv: this.etcd ? clientOf(this.etcd.group, loop) : (this.alone ?? this.store),
          clock: loop,
          random: random.fork('apiserver'),
          trace,
          tokens,
          caPem,
          serviceCidr: '10.96.0.0/16',
          logs: this.#logs,
          ...(staticTokens && { staticTokens }),
          ...(descriptions && { descriptions }),
          ...options.apiServerFlags,
        }),
    );
  }

  /** What etcd holds; of several members, the one that is furthest on. */
  get store(): Store {
    return this.#store ?? defined(this.etcd, 'a cluster without etcd').group.store;
  }

  #onlyMember(store: Store): Alone {
    const { etcdMembers = [], loop, seed, trace, etcdLog } = this.#options;
    const [spec = { id: 1n, name: 'default', peerUrls: ['http://localhost:2380'] }] = etcdMembers;
    const random = new SeededRandom(seed).fork('etcd disk');
    return new Alone(store, spec, { clock: loop, random, trace, ...(etcdLog && { log: etcdLog }) });
  }

  #members(): Cluster['etcd'] {
    const {
      etcdMembers = [],
      etcdSpares,
      etcdDiskOf,
      loop,
      trace,
      seed,
      quotaBytes,
      etcdLog,
    } = this.#options;
    if (etcdMembers.length < 2 && !etcdDiskOf) return undefined;
    const random = new SeededRandom(seed).fork('etcd');
    const network: MemberNetwork = new Network(loop, random.fork('network'));
    const group = this._register(
      new EtcdGroup({
        members: etcdMembers,
        clock: loop,
        memberClock: (clock) => new SkewedClock(clock),
        random,
        trace,
        transport: network,
        watchLatencyUs: watchLatency,
        ...(etcdLog && { log: etcdLog }),
        ...(quotaBytes !== undefined && { quotaBytes }),
        ...(etcdSpares && { spares: etcdSpares }),
        ...(etcdDiskOf && { outsideDiskOf: etcdDiskOf }),
      }),
    );
    return { group, network };
  }

  /** Writes what a new cluster has, and starts the components. Resolves when the API server serves. */
  async start(): Promise<void> {
    if (!(this.#options.parts ?? allParts).includes('apiserver')) return;
    await this.apiServer.boot();
    this.startComponents();
  }

  /** Starts controllers, scheduler and kubelets over what is stored: also how a forked cluster goes on. */
  startComponents(): void {
    const { loop, trace, caPem, nodes, parts = allParts } = this.#options;
    const random = this.#random.fork('components');
    const started = trace.emit('cluster', undefined, {
      type: 'lifecycle',
      action: 'started',
      summary: `The cluster starts with ${nodes} nodes`,
    });
    const shared = { clock: loop, trace };
    if (parts.includes('controllers')) {
      const manager = new ControllerManager({
        api: this.apiServer,
        ...shared,
        random: random.fork('controllers'),
        rootCa: caPem,
      });
      this._register(manager).start(started);
    }
    if (parts.includes('scheduler')) {
      const client = new ApiClient(this.apiServer, {
        component: 'scheduler',
        user: { name: 'system:kube-scheduler', groups: [] },
        userAgent: 'kube-scheduler/v1.36.3 (linux/amd64)',
      });
      this._register(new Scheduler({ client, ...shared, random: random.fork('scheduler') })).start(
        started,
      );
    }
    if (!parts.includes('kubelet')) return;
    for (let index = 1; index <= nodes; index++) {
      const node = simulatedNode(index);
      const kubelet = this._register(
        new Kubelet({
          client: nodeClient(this.apiServer, node.name),
          ...shared,
          random: random.fork(node.name),
          node,
        }),
      );
      this.#logs.add(kubelet);
      kubelet.start(started);
    }
  }
}

/** A cluster that goes on draws other names and ids than those it drew in the run before. */
const clientOf = (group: EtcdGroup, clock: EventLoop): EtcdClient =>
  new EtcdClient(
    // As with --etcd-servers: the machines are known, whichever member is there.
    group.specs.map(
      ({ name }) =>
        () =>
          group.memberOn(name),
    ),
    clock,
  );

function randomOf(seed: number, kept: Store | undefined): Random {
  const random = new SeededRandom(seed);
  return kept && kept.revision > 1 ? random.fork(`revision ${kept.revision}`) : random;
}

const nodeClient = (api: Api, name: string): ApiClient =>
  new ApiClient(api, {
    component: `kubelet/${name}`,
    user: { name: `system:node:${name}`, groups: ['system:nodes'] },
    userAgent: 'kubelet/v1.36.3 (linux/amd64)',
  });
