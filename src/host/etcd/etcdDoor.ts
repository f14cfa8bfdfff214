import type { DescService } from '@bufbuild/protobuf';
import { defined } from '../../base/assert.ts';
import type { IDisposable } from '../../base/disposable.ts';
import type { Clock, Micros } from '../../base/time.ts';
import type { AuthContents, AuthStore } from '../../sim/etcd/auth/authStore.ts';
import { Alone } from '../../sim/etcd/members/alone.ts';
import type { EtcdServer } from '../../sim/etcd/members/server.ts';
import { errors, isOfUsers } from '../../sim/etcd/errors.ts';
import type { Journal } from '../../sim/etcd/state/journal.ts';
import type { Store } from '../../sim/etcd/store.ts';
import { GrpcServer } from '../grpc/grpcServer.ts';
import { authService } from './authService.ts';
import { clusterService } from './clusterService.ts';
import type { Settled } from './disk/inTurn.ts';
import { Auth, Cluster, KV, Lease, Maintenance, Watch } from './gen/etcd_pb.js';
import { Health } from './gen/health_pb.js';
import { addService, type Caller, type Handlers } from './grpcAdapter.ts';
import { EtcdHttp } from './http/etcdHttp.ts';
import { inSlices } from './inSlices.ts';
import { healthService } from './healthService.ts';
import { kvService, maxRequestBytes } from './kvService.ts';
import { leaseService } from './leaseService.ts';
import { maintenanceService } from './maintenanceService.ts';
import { alonePeerUrl, aloneSpec, clusterIdOf, Member } from './member.ts';
import type { Etcd } from './services.ts';
import { describe, snapshotFile } from './snapshot.ts';
import { watchService } from './watchService.ts';

export interface EtcdDoorOptions {
  readonly store: Store;
  /** Nothing is served to other machines. */
  readonly host: '127.0.0.1';
  /** 0: a free one. */
  readonly port: number;
  /** The member of a cluster of several that it is the door of; else it is the only one. */
  readonly of?: DoorMember;
  /** The only member; one of its own unless given. */
  readonly alone?: Alone;
  /** Ends tokens of users after five minutes of silence. */
  readonly clock?: Clock;
  /** Speaks TLS with these (PEM), and asks clients for certificates when it has a CA for them; else plain HTTP/2. */
  readonly tls?: {
    readonly certificate: string;
    readonly key: string;
    readonly clientCa?: string;
  };
  /** Moves virtual time to the present before a request is taken. */
  readonly beforeRequest?: () => void;
  /** The users that it had before. */
  readonly users?: AuthContents;
  /** Hears of changes of users; what the store changes, its own journal hears. */
  readonly journal?: Journal;
  /** Nobody is told of what is not on disk yet. */
  readonly settled?: Settled;
  /** Hears of errors that are ours. */
  readonly onBug?: (error: unknown) => void;
}

export interface DoorMember {
  /** Throws EtcdError while the member does not run. */
  readonly server: () => EtcdServer;
  readonly peerUrl: string;
  readonly clusterId: bigint;
  /** What this member knows of users. */
  readonly auth: AuthStore;
}

/** Go's server takes this much more than a request may have. */
const overheadBytes = 512 * 1024;

/** The door of etcd: etcdctl and other clients of the API v3 come in here, and who asks for health and metrics. */
export class EtcdDoor implements IDisposable {
  readonly #options: EtcdDoorOptions;
  readonly #server: GrpcServer;
  #etcd: Etcd | undefined;
  #http: EtcdHttp | undefined;

  constructor(options: EtcdDoorOptions) {
    this.#options = options;
    const { tls } = options;
    this.#server = new GrpcServer({
      maxMessageBytes: maxRequestBytes + overheadBytes,
      ...(tls && { tls }),
      onHttp1: (socket) => defined(this.#http, 'a door that listens').take(socket),
    });
  }

  /** Returns the port. */
  async listen(): Promise<number> {
    const { port: asked, host } = this.#options;
    const port = await this.#server.listen(asked, host);
    this.#serve(port);
    return port;
  }

  /** All there is at this moment, as `etcdctl snapshot save` gets it; undefined until it listens. */
  snapshot(): Promise<Uint8Array> | undefined {
    if (!this.#etcd) return undefined;
    return inSlices(snapshotFile(describe(this.#etcd), this.#options.clock?.now() ?? 0));
  }

  dispose(): void {
    this.#server.dispose();
  }

  #alone(clientUrl: string): Alone {
    const alone = this.#options.alone ?? new Alone(this.#options.store, aloneSpec());
    const { clock, users, journal } = this.#options;
    const { auth } = alone;
    auth.tokens.clock ??= clock;
    if (users) auth.restore(users);
    auth.onChange = () => journal?.({ type: 'auth', auth: auth.contents() });
    alone.serveAt([clientUrl]);
    return alone;
  }

  #serve(port: number): void {
    const { store, host, clock, tls, beforeRequest, settled, of } = this.#options;
    const clientUrl = `${tls ? 'https' : 'http'}://${host}:${port}`;
    const alone = of ? undefined : this.#alone(clientUrl);
    const { server, auth } = of ?? membership(defined(alone, 'a door before no member'));
    const etcd: Etcd = {
      store,
      server,
      member: new Member(server, {
        peerUrl: of?.peerUrl ?? alonePeerUrl,
        clientUrl,
        clusterId: of?.clusterId ?? clusterIdOf([server().id]),
      }),
      auth,
    };
    this.#etcd = etcd;
    const onBug =
      this.#options.onBug ??
      ((error: unknown) =>
        queueMicrotask(() => {
          throw error;
        }));
    // Users, roles and tokens come through the log: other members may have applied more of it.
    const catchUp = (refusal: unknown) =>
      of && isOfUsers(refusal) ? server().confirm() : undefined;
    const serving = { onBug, beforeRequest, settled, catchUp, ...(of && { admit: admit(of) }) };
    const now = (): Micros => clock?.now() ?? 0;
    this.#http = new EtcdHttp({
      etcd,
      services: [KV, Watch, Lease, Cluster, Maintenance, Auth, Health],
      calls: this.#server.counts,
      now,
      beforeRequest,
      onBug,
    });
    const add = <S extends DescService>(service: S, handlers: Handlers<S>): void =>
      addService(this.#server, service, handlers, serving);
    add(KV, kvService(etcd));
    add(Watch, watchService(etcd));
    add(Lease, leaseService(etcd));
    add(Cluster, clusterService(etcd));
    add(Maintenance, maintenanceService(etcd, now));
    add(Auth, authService(etcd));
    add(Health, healthService(etcd));
  }
}

/** What a learner answers; of ranges, those that need no agreement. */
const forLearners = ['Status', 'Range', 'Snapshot'];

/** Models go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc newUnaryInterceptor and newStreamInterceptor. */
const admit =
  ({ server }: DoorMember) =>
  (method: string, { requiresLeader }: Caller): void => {
    const { status, hasLeader } = server();
    if (status.isLearner && !forLearners.includes(method)) throw errors.notForLearner();
    if (requiresLeader && !hasLeader) throw errors.noLeader();
  };

const membership = (alone: Alone): Pick<DoorMember, 'server' | 'auth'> => ({
  server: () => alone,
  auth: alone.auth,
});
