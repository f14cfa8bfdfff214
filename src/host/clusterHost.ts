import fs from 'node:fs';
import path from 'node:path';
import { Disposable } from '../base/disposable.ts';
import { millisecond } from '../base/time.ts';
import type { Speed } from '../source/port.ts';
import { allParts, Cluster, type Part } from '../sim/cluster.ts';
import type { TokenIssuer } from '../sim/apiserver/authn/tokens.ts';
import { EventLoop } from '../sim/time/eventLoop.ts';
import { TraceLog } from '../trace/log.ts';
import { Driver, drain } from './driver.ts';
import { EtcdDoor } from './etcd/etcdDoor.ts';
import { HttpsDoor } from './httpsDoor.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { Authority } from './tls.ts';
import { createTokenIssuer } from './tokens.ts';

export interface HostOptions {
  /** Where kubeconfigs go; made if it is not there. */
  readonly folder: string;
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
  readonly onError: (error: unknown) => void;
}

/** A cluster with its doors open: what the worker thread and the command line run. */
export class ClusterHost extends Disposable {
  readonly cluster: Cluster;
  readonly loop: EventLoop;
  readonly trace: TraceLog;
  readonly driver: Driver;
  readonly tokens: TokenIssuer;
  readonly caPem: string;
  readonly kubeconfig: string;
  readonly apiServer: string;
  /** `127.0.0.1:PORT` */
  readonly etcdEndpoint: string;

  private constructor(
    parts: Pick<
      ClusterHost,
      | 'cluster'
      | 'loop'
      | 'trace'
      | 'driver'
      | 'tokens'
      | 'caPem'
      | 'kubeconfig'
      | 'apiServer'
      | 'etcdEndpoint'
    >,
  ) {
    super();
    this.cluster = this._register(parts.cluster);
    this.driver = this._register(parts.driver);
    this.loop = parts.loop;
    this.trace = parts.trace;
    this.tokens = parts.tokens;
    this.caPem = parts.caPem;
    this.kubeconfig = parts.kubeconfig;
    this.apiServer = parts.apiServer;
    this.etcdEndpoint = parts.etcdEndpoint;
  }

  /** Resolves when the API server serves. */
  static async start(options: HostOptions): Promise<ClusterHost> {
    const { onError, parts = allParts } = options;
    const loop = new EventLoop(Date.now() * millisecond, drain);
    const trace = new TraceLog(loop);
    const [authority, tokens] = await Promise.all([Authority.create(), createTokenIssuer()]);
    const cluster = new Cluster({
      seed: options.seed,
      nodes: options.nodes,
      loop,
      trace,
      tokens,
      caPem: authority.cert,
      parts,
    });
    const driver = new Driver(loop, options.speed, onError);
    const started = cluster.start();
    driver.wake();
    const [pair] = await Promise.all([authority.server(), started]);
    const door = new HttpsDoor({
      api: cluster.apiServer,
      ca: authority.cert,
      pair,
      beforeRequest: () => driver.catchUp(),
      connected: (userAgent) => {
        const client = userAgent.split(/[/ ]/, 1)[0] || 'client';
        return trace.emit(`client/${client}`, undefined, {
          type: 'lifecycle',
          action: 'started',
          summary: `${client} connects to the API server`,
        });
      },
      onError,
    });
    const etcdDoor = new EtcdDoor({
      store: cluster.store,
      host: '127.0.0.1',
      port: options.etcdPort,
    });
    const [port, etcdPort] = await Promise.all([door.listen(options.port), etcdDoor.listen()]);
    const apiServer = `https://127.0.0.1:${port}`;
    const users = [
      { name: 'kubernetes-admin', groups: ['system:masters'], file: 'admin' },
      ...(options.users ?? []).map((user) => ({ ...user, file: user.name })),
    ];
    const files = await Promise.all(
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
    const host = new ClusterHost({
      cluster,
      loop,
      trace,
      driver,
      tokens,
      caPem: authority.cert,
      kubeconfig: files[0] ?? '',
      apiServer,
      etcdEndpoint: `127.0.0.1:${etcdPort}`,
    });
    host._register(door);
    host._register(etcdDoor);
    if (options.auditFile !== undefined) host.#writeAudit(options.auditFile);
    driver.wake();
    return host;
  }

  #writeAudit(file: string): void {
    fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    const out = fs.createWriteStream(file, { flags: 'w', mode: 0o600 });
    this._register({ dispose: () => out.end() });
    this._register(
      this.cluster.apiServer.onDidAudit((event) => out.write(`${JSON.stringify(event)}\n`)),
    );
  }
}
