import { randomInt, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { DescService } from '@bufbuild/protobuf';
import { defined } from '../../base/assert.ts';
import type { IDisposable } from '../../base/disposable.ts';
import type { Clock, Micros } from '../../base/time.ts';
import {
  AuthStore,
  type AuthContents,
  type PasswordHasher,
} from '../../sim/etcd/auth/authStore.ts';
import { Alone } from '../../sim/etcd/members/alone.ts';
import type { EtcdServer } from '../../sim/etcd/members/server.ts';
import type { Journal } from '../../sim/etcd/state/journal.ts';
import type { Store } from '../../sim/etcd/store.ts';
import { GrpcServer } from '../grpc/grpcServer.ts';
import { authService } from './authService.ts';
import { clusterService } from './clusterService.ts';
import type { Settled } from './disk/inTurn.ts';
import { Auth, Cluster, KV, Lease, Maintenance, Watch } from './gen/etcd_pb.js';
import { addService, type Handlers } from './grpcAdapter.ts';
import { EtcdHttp } from './http/etcdHttp.ts';
import { inSlices } from './inSlices.ts';
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
  /** The same one for all members. */
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
    alone.serveAt([clientUrl]);
    return alone;
  }

  #users(): AuthStore {
    const { clock, users, journal } = this.#options;
    const auth: AuthStore = new AuthStore({
      passwords,
      newToken,
      ...(clock && { clock }),
      ...(users && { from: users }),
      onChange: () => journal?.({ type: 'auth', auth: auth.contents() }),
    });
    return auth;
  }

  #serve(port: number): void {
    const { store, host, clock, tls, beforeRequest, settled, of } = this.#options;
    const clientUrl = `${tls ? 'https' : 'http'}://${host}:${port}`;
    const alone = of ? undefined : this.#alone(clientUrl);
    const server = of?.server ?? (() => defined(alone, 'a door before no member'));
    const etcd: Etcd = {
      store,
      server,
      member: new Member(server, {
        peerUrl: of?.peerUrl ?? alonePeerUrl,
        clientUrl,
        clusterId: of?.clusterId ?? clusterIdOf([server().id]),
      }),
      auth: of?.auth ?? this.#users(),
      note: () => alone?.note(),
    };
    this.#etcd = etcd;
    const onBug =
      this.#options.onBug ??
      ((error: unknown) =>
        queueMicrotask(() => {
          throw error;
        }));
    const serving = { onBug, beforeRequest, settled };
    const now = (): Micros => clock?.now() ?? 0;
    this.#http = new EtcdHttp({
      etcd,
      services: [KV, Watch, Lease, Cluster, Maintenance, Auth],
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
  }
}

/** The users of a cluster that has several doors. */
export const newUsers = (clock: Clock): AuthStore => new AuthStore({ passwords, newToken, clock });

const derive = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, 32, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });

const passwords: PasswordHasher = {
  async hash(password) {
    const salt = randomBytes(16);
    return `${salt.toString('hex')}.${(await derive(password, salt)).toString('hex')}`;
  },
  async verify(password, hash) {
    const [salt = '', key = ''] = hash.split('.');
    return timingSafeEqual(
      await derive(password, Buffer.from(salt, 'hex')),
      Buffer.from(key, 'hex'),
    );
  },
};

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

const newToken = (): string =>
  Array.from({ length: 16 }, () => letters.charAt(randomInt(letters.length))).join('');
