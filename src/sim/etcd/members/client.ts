import { toDisposable, type IDisposable } from '../../../base/disposable.ts';
import { millisecond, minute, second, type Clock } from '../../../base/time.ts';
import type { CauseId } from '../../../trace/event.ts';
import { EtcdError, errors, grpcCode } from '../errors.ts';
import type {
  EtcdKv,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
  WatchListener,
  WatchRequest,
} from '../kv.ts';
import type { Command, ResultOf } from './command.ts';
import type { Replica } from './replica.ts';
import { etcdErrorOf } from './waiters.ts';

/** The members as a client sees them: an address each, where somebody answers or nobody. */
export type Endpoints = readonly (() => Replica | undefined)[];

const backOffUs = 50 * millisecond;
/** How long an API server lets requests take: then nobody waits any more. */
const readPatience = minute;
const writePatience = 34 * second;

/**
 * A client of a cluster: keeps to one member as long as that one answers, then turns to the next. Reads are asked again;
 * a write whose fate is unknown is not. Watches go on at another member where they were.
 * Models go.etcd.io/etcd/client/v3 retry_interceptor and watch.
 */
export class EtcdClient implements EtcdKv {
  readonly #endpoints: Endpoints;
  readonly #clock: Clock;
  #current = 0;
  #revision = 1;
  #trying: Promise<void> | undefined;

  constructor(endpoints: Endpoints, clock: Clock) {
    this.#endpoints = endpoints;
    this.#clock = clock;
  }

  /** The newest that this client has heard of. */
  readonly mayStall = true;

  get revision(): number {
    return Math.max(this.#revision, this.#server()?.store.revision ?? 0);
  }

  get compactRevision(): number {
    return this.#server()?.store.compactRevision ?? 0;
  }

  async range(request: RangeRequest): Promise<RangeResponse> {
    const until = this.#clock.now() + readPatience;
    for (;;) {
      let server: Replica | undefined;
      const since = this.#clock.now();
      try {
        server = await this.#connect(until);
        await server.confirm();
        const response = server.store.rangeNow(request);
        server.warnings.read(since, request, false, response);
        this.#note(response.revision);
        return response;
      } catch (error) {
        server?.warnings.read(since, request, false, etcdErrorOf(error));
        if (!isUnavailable(error) || this.#clock.now() >= until) throw error;
        this.#turn();
        await this.#clock.sleep(backOffUs);
      }
    }
  }

  async txn(request: TxnRequest, cause: CauseId | undefined): Promise<TxnResponse> {
    const response = await this.#propose({ do: 'txn', request }, cause);
    this.#note(response.revision);
    return response;
  }

  async compactAt(revision: number, cause: CauseId | undefined): Promise<void> {
    await this.#propose({ do: 'compact', revision }, cause);
  }

  async grantLease(lease: bigint, ttl: number, cause: CauseId | undefined): Promise<void> {
    await this.#propose({ do: 'grant', lease, ttl }, cause);
  }

  async #propose<C extends Command>(command: C, cause: CauseId | undefined): Promise<ResultOf<C>> {
    const until = this.#clock.now() + writePatience;
    for (;;) {
      const server = await this.#connect(until);
      try {
        return await server.propose(command, cause);
      } catch (error) {
        if (isUnavailable(error)) this.#turn();
        // What nobody proposed can be proposed again.
        const isLost = !isDeadlineExceeded(error) || this.#clock.now() >= until;
        if (isLost) throw error;
      }
    }
  }

  watch(request: WatchRequest, listener: WatchListener): IDisposable {
    let isOver = false;
    let next = request.startRevision || this.revision + 1;
    let subscription: IDisposable | undefined;
    let lost: IDisposable | undefined;
    const end = (): void => {
      subscription?.dispose();
      lost?.dispose();
    };
    const begin = (): void => {
      if (isOver) return;
      const server = this.#server();
      if (!server?.hasLeader) {
        this.#turn();
        this.#clock.setTimer(backOffUs, begin);
        return;
      }
      lost = server.onLost(() => {
        end();
        this.#turn();
        this.#clock.setTimer(backOffUs, begin);
      });
      subscription = server.store.watch(
        { ...request, startRevision: next },
        {
          changes: (changes, revision) => {
            this.#note(revision);
            next = revision + 1;
            listener.changes(changes, revision);
          },
          compacted: (revision) => {
            isOver = true;
            listener.compacted(revision);
          },
        },
      );
    };
    begin();
    return toDisposable(() => {
      isOver = true;
      end();
    });
  }

  #server(): Replica | undefined {
    return this.#endpoints[this.#current]?.();
  }

  #turn(): void {
    this.#current = (this.#current + 1) % this.#endpoints.length;
  }

  #note(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
  }

  /** All that wait for a leader look again together. */
  #nextTry(): Promise<void> {
    this.#trying ??= this.#clock.sleep(backOffUs).then(() => (this.#trying = undefined));
    return this.#trying;
  }

  /** A member that answers, waiting for one while there is none. */
  async #connect(until: number): Promise<Replica> {
    for (;;) {
      for (let tried = 0; tried < this.#endpoints.length; tried++) {
        const server = this.#server();
        if (server?.hasLeader) return server;
        this.#turn();
      }
      // Somebody who knows no leader may find one while the request waits.
      if (this.#clock.now() >= until) {
        const runs = this.#endpoints.some((endpoint) => endpoint());
        throw runs ? errors.deadlineExceeded() : errors.unreachable();
      }
      await this.#nextTry();
    }
  }
}

const isDeadlineExceeded = (error: unknown): boolean =>
  error instanceof EtcdError && error.code === grpcCode.deadlineExceeded;

const isUnavailable = (error: unknown): boolean =>
  error instanceof EtcdError && error.code === grpcCode.unavailable;
