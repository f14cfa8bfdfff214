import path from 'node:path';
import { defined } from '../base/assert.ts';
import { Disposable, DisposableStore, type IDisposable } from '../base/disposable.ts';
import { millisecond, type Micros } from '../base/time.ts';
import type { Speed } from '../source/port.ts';
import { allParts, Cluster, type Part } from '../sim/cluster.ts';
import { AutoCompaction, type AutoCompactionOptions } from '../sim/etcd/autoCompaction.ts';
import type { AdmissionOptions } from '../sim/apiserver/admission/choice.ts';
import type { Latency } from '../sim/etcd/members/latency.ts';
import type { EtcdLog } from '../sim/etcd/members/warnings.ts';
import type { TokenIssuer } from '../sim/apiserver/authn/tokens.ts';
import { EventLoop } from '../sim/time/eventLoop.ts';
import type { CauseId } from '../trace/event.ts';
import { TraceLog } from '../trace/log.ts';
import { AuditFile } from './auditFile.ts';
import { descriptionsIn } from './descriptions.ts';
import { Driver, drain } from './driver.ts';
import { EtcdState } from './etcd/disk/etcdState.ts';
import { MembersState } from './etcd/disk/members/membersState.ts';
import { EtcdDoor } from './etcd/etcdDoor.ts';
import { memberSpecs } from './etcd/machines.ts';
import { MemberDoors } from './etcd/memberDoors.ts';
import { HttpsDoor } from './httpsDoor.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { pkiIn } from './pki.ts';
import { portError } from './portError.ts';
import { stateFolders } from './stateFolders.ts';
import type { Authority } from './tls.ts';
import { WebhookCalls } from './webhookCalls.ts';

export interface HostOptions {
  /** Where kubeconfigs go; made if it is not there. */
  readonly folder: string;
  /** Whether the cluster is kept in the folder too, and goes on from there; else it is in memory only. */
  readonly keepState?: boolean;
  /** A snapshot of etcd that a new cluster begins with. */
  readonly restore?: string;
  readonly etcd?: EtcdFlags;
  readonly admission?: AdmissionOptions;
  /** kube-apiserver's --allow-privileged; kubeadm and kind set it. */
  readonly allowPrivileged?: boolean;
  /** kube-apiserver's --etcd-compaction-interval; never unless given. */
  readonly etcdCompactionInterval?: Micros;
  /** Whether admission webhooks on this machine are called. */
  readonly callsWebhooks?: boolean;
  /** Hears, in sentences, of what the owner of the state should know. */
  readonly onNote?: (line: string) => void;
  /** Hears what etcd writes to its log: warnings, JSON a line. */
  readonly onEtcdLog?: EtcdLog;
  readonly nodes: number;
  readonly seed: number;
  /** 0: any free port. */
  readonly port: number;
  readonly etcdPort: number;
  readonly speed: Speed;
  readonly parts?: readonly Part[];
  /** Users besides the admin who get a kubeconfig. */
  readonly users?: readonly { readonly name: string; readonly groups: readonly string[] }[];
  /** audit.k8s.io/v1 events go here, one a line. */
  readonly auditFile?: string;
  /** dist/descriptions.json, from which kubectl explain is answered in full. */
  readonly descriptionsFile?: string;
  readonly onError: (error: unknown) => void;
}

export interface EtcdFlags {
  /** 1 unless given. */
  readonly members?: number;
  /** Machines that wait until `etcdctl member add` names their peer URL. */
  readonly spares?: number;
  /** etcd's --quota-backend-bytes. */
  readonly quotaBytes?: number;
  readonly autoCompaction?: AutoCompactionOptions;
  /** How much longer every sync of every member's disk takes than it should, from when the cluster serves on. */
  readonly fsyncLatency?: Latency;
}

type HostParts = Pick<
  ClusterHost,
  | 'cluster'
  | 'loop'
  | 'trace'
  | 'driver'
  | 'webhooks'
  | 'tokens'
  | 'caPem'
  | 'kubeconfig'
  | 'apiServer'
  | 'etcdEndpoint'
> & { readonly state: State };

/** How etcd is kept. */
type State = Pick<EtcdState, 'close'>;

/** A cluster with its doors open: what the worker thread and the command line run. */
export class ClusterHost extends Disposable {
  readonly cluster: Cluster;
  readonly loop: EventLoop;
  readonly trace: TraceLog;
  readonly driver: Driver;
  readonly webhooks: WebhookCalls;
  readonly tokens: TokenIssuer;
  readonly caPem: string;
  /** The admin's; empty where no API server runs, as `apiServer` is. */
  readonly kubeconfig: string;
  readonly apiServer: string;
  /** `127.0.0.1:PORT`; of several members all, with commas between. */
  readonly etcdEndpoint: string;
  readonly #state: State;

  private constructor(parts: HostParts, opened: IDisposable) {
    super();
    this._register(opened);
    this.cluster = parts.cluster;
    this.driver = parts.driver;
    this.webhooks = parts.webhooks;
    this.loop = parts.loop;
    this.trace = parts.trace;
    this.tokens = parts.tokens;
    this.caPem = parts.caPem;
    this.kubeconfig = parts.kubeconfig;
    this.apiServer = parts.apiServer;
    this.etcdEndpoint = parts.etcdEndpoint;
    this.#state = parts.state;
  }

  /** Resolves when the API server serves (or etcd, where it runs alone). What was begun is undone when it cannot. */
  static async start(options: HostOptions): Promise<ClusterHost> {
    const opened = new DisposableStore();
    try {
      return new ClusterHost(await open(options, opened), opened);
    } catch (error) {
      opened.dispose();
      throw error;
    }
  }

  /** Ends it; resolves when all of it is on disk, where it is kept. */
  async close(): Promise<void> {
    this.dispose();
    await this.#state.close();
  }
}

async function open(options: HostOptions, opened: DisposableStore): Promise<HostParts> {
  const { onError, parts = allParts } = options;
  const audit =
    options.auditFile === undefined ? undefined : opened.add(new AuditFile(options.auditFile));
  const { seed, nodes, folder, keepState = false, restore } = options;
  const webhooks = new WebhookCalls();
  const founders = memberSpecs(options.etcd?.members ?? 1);
  const stateOptions = {
    ...(keepState && { folder: path.join(folder, stateFolders.etcd) }),
    ...(restore !== undefined && { restore }),
    log: options.onNote ?? (() => undefined),
  };
  const several =
    founders.length > 1
      ? opened.add(await MembersState.open({ ...stateOptions, founders }))
      : undefined;
  const alone = several ? undefined : opened.add(await EtcdState.open(stateOptions));
  const begun = several?.time ?? alone?.time ?? 0;
  const late = (): Promise<unknown> | undefined => several && group?.late;
  // Time that ran ahead of this machine's does not go back.
  const loop = new EventLoop(Math.max(Date.now() * millisecond, begun), async () => {
    await drain();
    // Where members are kept, time stands still while their disks take longer than those they have in the simulation.
    for (let disks = late(); disks; disks = late()) {
      await disks;
      await drain();
    }
  });
  const trace = new TraceLog(loop);
  const { authority, tokens } = await pkiIn(
    keepState ? path.join(folder, stateFolders.pki) : undefined,
  );
  const caPem = authority.cert;
  const cluster = opened.add(
    new Cluster({
      seed,
      nodes,
      loop,
      trace,
      tokens,
      caPem,
      parts,
      apiServerFlags: {
        ...options.admission,
        ...(options.etcdCompactionInterval && {
          etcdCompactionInterval: options.etcdCompactionInterval,
        }),
        ...(options.allowPrivileged && { allowPrivileged: true }),
        ...(options.callsWebhooks && { callWebhook: webhooks.call }),
      },
      ...(options.onEtcdLog && { etcdLog: options.onEtcdLog }),
      etcdMembers: several?.members ?? founders,
      ...(several && {
        etcdSpares: several.spares(founders.length + (options.etcd?.spares ?? 0)),
        etcdDiskOf: several.diskOf,
      }),
      ...(options.etcd?.quotaBytes !== undefined && { quotaBytes: options.etcd.quotaBytes }),
      ...(alone && {
        makeStore: (its) =>
          alone.makeStore({
            ...its,
            ...(options.etcd?.quotaBytes !== undefined && { quotaBytes: options.etcd.quotaBytes }),
          }),
      }),
      ...(options.descriptionsFile !== undefined && {
        descriptions: descriptionsIn(options.descriptionsFile),
      }),
    }),
  );
  const group = cluster.etcd?.group;
  several?.begin({ now: () => loop.now() });
  if (audit) opened.add(cluster.apiServer.onDidAudit((event) => audit.write(event)));
  const driver = opened.add(new Driver(loop, options.speed, onError));
  const beforeRequest = () => driver.catchUp();
  const shared = { host: '127.0.0.1', clock: loop, beforeRequest, onBug: onError } as const;
  const { etcdPort } = options;
  const doors =
    group &&
    opened.add(new MemberDoors({ ...shared, group, founders, firstPort: etcdPort, portError }));
  let onlyDoor: EtcdDoor | undefined;
  if (alone) {
    const { auth, journal, settled } = alone;
    const door = opened.add(
      new EtcdDoor({
        ...shared,
        store: cluster.store,
        ...(cluster.alone && { alone: cluster.alone }),
        port: etcdPort,
        ...(auth && { users: auth }),
        journal,
        settled,
      }),
    );
    onlyDoor = door;
    await alone.begin({
      now: () => loop.now(),
      snapshot: () => door.snapshot(),
      onFailure: onError,
    });
  }
  const { autoCompaction } = options.etcd ?? {};
  if (autoCompaction)
    opened.add(
      new AutoCompaction({
        store: group ?? cluster.alone ?? cluster.store,
        clock: loop,
        trace,
        ...autoCompaction,
      }),
    );
  const started = cluster.start();
  driver.wake();
  const listening =
    doors?.listen() ??
    onlyDoor?.listen().then(
      (port) => [port],
      (error: unknown) => {
        throw portError(error, etcdPort);
      },
    );
  const ready = group?.ready();
  const [pair, ports = []] = await Promise.all([authority.server(), listening, started, ready]);
  const { fsyncLatency } = options.etcd ?? {};
  if (fsyncLatency) cluster.etcdFaults.slowDisks(fsyncLatency);
  const door = opened.add(
    new HttpsDoor({
      api: cluster.apiServer,
      ca: caPem,
      pair,
      beforeRequest,
      connected: (userAgent) => connected(trace, userAgent),
      ...(alone && { settled: alone.settled }),
      onError,
    }),
  );
  const serves = parts.includes('apiserver');
  const port = serves
    ? await door.listen(options.port).catch((error: unknown) => {
        throw portError(error, options.port);
      })
    : undefined;
  const apiServer = port === undefined ? '' : `https://127.0.0.1:${port}`;
  const files = await writeKubeconfigs(options, apiServer, authority);
  driver.wake();
  return {
    state: several ?? defined(alone, 'an etcd of one member or several'),
    cluster,
    loop,
    trace,
    driver,
    webhooks,
    tokens,
    caPem,
    kubeconfig: files[0] ?? '',
    apiServer,
    etcdEndpoint: ports.map((port) => `127.0.0.1:${port}`).join(),
  };
}

/** One for the admin, and one for each further user; none where no API server serves. */
function writeKubeconfigs(
  options: HostOptions,
  apiServer: string,
  authority: Authority,
): Promise<string[]> {
  if (!apiServer) return Promise.resolve([]);
  const users = [
    { name: 'kubernetes-admin', groups: ['system:masters'], file: 'admin' },
    ...(options.users ?? []).map((user) => ({ ...user, file: user.name })),
  ];
  return Promise.all(
    users.map(async ({ name, groups, file }) =>
      writeKubeconfig(
        options.folder,
        name,
        apiServer,
        authority.cert,
        await authority.client(name, groups),
        file,
      ),
    ),
  );
}

function connected(trace: TraceLog, userAgent: string): CauseId {
  const client = userAgent.split(/[/ ]/, 1)[0] || 'client';
  return trace.emit(`client/${client}`, undefined, {
    type: 'lifecycle',
    action: 'started',
    summary: `${client} connects to the API server`,
  });
}
