import { defined } from '../../../base/assert.ts';
import { toDisposable, type IDisposable } from '../../../base/disposable.ts';
import type { Random } from '../../../base/random.ts';
import { millisecond, type Clock, type Micros } from '../../../base/time.ts';
import type { CauseId } from '../../../trace/event.ts';
import type { TraceSink } from '../../../trace/sink.ts';
import { AuthStore } from '../auth/authStore.ts';
import { errors } from '../errors.ts';
import type {
  EtcdKv,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
  WatchListener,
  WatchRequest,
} from '../kv.ts';
import type { MemberId } from '../raft/message.ts';
import type { Store } from '../store.ts';
import {
  perform,
  type Command,
  type MemberInfo,
  type MemberSpec,
  type ResultOf,
} from './command.ts';
import type { Outcome } from './backend.ts';
import { DiskTimes } from './diskTimes.ts';
import { timeOf } from './answers.ts';
import type { EtcdServer, ServerCounts, ServerStatus, LeaseTime } from './server.ts';
import { SlowQueue } from './slowQueue.ts';
import { etcdErrorOf, ignoreEtcdError } from './waiters.ts';
import { Warnings, type EtcdLog } from './warnings.ts';

/** The first election makes it 2. */
const term = 2;
/** The entries in the log of a cluster that has just begun: its membership, its leader, its version. */
const firstEntries = 4;
/** A good disk. */
const goodSync = { medianUs: millisecond / 2, p99Us: 2 * millisecond };

export interface AloneTiming {
  readonly clock: Clock;
  readonly random: Random;
  readonly trace?: TraceSink;
  readonly log?: EtcdLog;
}

/**
 * The only member of its cluster: it agrees with itself, so everything is done at once, unless its disk is slow: then what
 * is written is done when it is safe. For who knows its store it is a client too.
 */
export class Alone implements EtcdServer, EtcdKv {
  readonly store: Store;
  readonly auth: AuthStore;
  /** Undefined where there is no time that it could take. */
  readonly disk: DiskTimes | undefined;
  readonly warnings: Warnings | undefined;
  readonly #queue: SlowQueue | undefined;
  readonly #clock: Clock | undefined;
  #info: MemberInfo;
  #entries = firstEntries;

  constructor(store: Store, spec: MemberSpec, timing?: AloneTiming) {
    this.store = store;
    this.auth = new AuthStore(timing?.clock);
    this.#info = { ...spec, clientUrls: [], isLearner: false };
    if (!timing) return;
    const { clock, random, trace, log } = timing;
    this.#clock = clock;
    this.disk = new DiskTimes(random, goodSync);
    this.warnings = new Warnings({ id: spec.id, name: spec.name, clock, trace, log });
    this.#queue = new SlowQueue(clock, this.disk, this.warnings);
    store.leases.propose = (lease, cause) => {
      if (!this.#isSlow()) return false;
      Promise.resolve(this.propose({ do: 'revoke', lease }, cause)).catch(ignoreEtcdError);
      return true;
    };
  }

  /** Clients reach it there from now on. */
  serveAt(clientUrls: readonly string[]): void {
    this.#info = { ...this.#info, clientUrls };
  }

  get id(): MemberId {
    return this.#info.id;
  }

  get name(): string {
    return this.#info.name;
  }

  get members(): readonly MemberInfo[] {
    return [this.#info];
  }

  get status(): ServerStatus {
    const applied = this.#entries + this.store.revision - 1;
    const { durable = 0, length = 0 } = this.#queue ?? {};
    const { id: leader } = this;
    const all = { index: applied + length, committed: applied + durable, applied };
    return { role: 'leader', term, leader, isLearner: false, ...all };
  }

  get hasLeader(): boolean {
    return true;
  }

  get counts(): ServerCounts {
    const { length: pending = 0, timedOut: failed = 0 } = this.#queue ?? {};
    return { leaderChanges: 1, pending, failed };
  }

  get mayStall(): boolean {
    return this.#isSlow();
  }

  get revision(): number {
    return this.store.revision;
  }

  get compactRevision(): number {
    return this.store.compactRevision;
  }

  propose<C extends Command>(
    command: C,
    cause: CauseId | undefined,
  ): ResultOf<C> | Promise<ResultOf<C>> {
    if (this.#isSlow())
      return defined(this.#queue, 'slow').write(
        (since) => this.#performLate(since, command, cause),
        cause,
      );
    this.#written();
    return this.#perform(command, cause);
  }

  confirm(): Promise<void> | undefined {
    return this.#queue?.read();
  }

  read(request: RangeRequest, isSerializable: boolean): RangeResponse | Promise<RangeResponse> {
    const wait = this.#queue?.read();
    return wait ? this.#rangeLate(wait, request, isSerializable) : this.store.rangeNow(request);
  }

  readTxn(request: TxnRequest): TxnResponse | Promise<TxnResponse> {
    const wait = this.#queue?.read();
    const read = (): TxnResponse => this.store.txnNow(request, undefined);
    if (!wait) return read();
    return this.#readLate(wait, read, (since, response) =>
      this.warnings?.readTxn(since, request, response),
    );
  }

  keepAlive(lease: bigint): number {
    return this.store.leases.has(lease) ? this.store.leases.keepAlive(lease) : 0;
  }

  timeToLive(lease: bigint): LeaseTime {
    return timeOf(this.store, lease);
  }

  moveLeader(to: MemberId): undefined {
    if (to !== this.id) throw errors.badLeaderTransferee();
    return undefined;
  }

  onLost(): IDisposable {
    return toDisposable(() => undefined);
  }

  changeMember(): never {
    throw errors.oneMemberOnly();
  }

  range(request: RangeRequest): Promise<RangeResponse> {
    const wait = this.#queue?.read();
    return wait ? this.#rangeLate(wait, request, false) : this.store.range(request);
  }

  txn(request: TxnRequest, cause: CauseId | undefined): Promise<TxnResponse> {
    if (this.#isSlow()) return Promise.resolve(this.propose({ do: 'txn', request }, cause));
    this.#written();
    return this.store.txn(request, cause);
  }

  async compactAt(revision: number, cause: CauseId | undefined): Promise<void> {
    await this.propose({ do: 'compact', revision }, cause);
  }

  async grantLease(lease: bigint, ttl: number, cause: CauseId | undefined): Promise<void> {
    await this.propose({ do: 'grant', lease, ttl }, cause);
  }

  watch(request: WatchRequest, listener: WatchListener): IDisposable {
    return this.store.watch(request, listener);
  }

  compact(revision: number, cause: CauseId | undefined): void {
    const result = this.propose({ do: 'compact', revision }, cause) as Promise<void> | undefined;
    result?.catch(ignoreEtcdError);
  }

  #isSlow(): boolean {
    return this.disk !== undefined && (this.disk.isSlow || this.#queue?.length !== 0);
  }

  #perform<C extends Command>(command: C, cause: CauseId | undefined): ResultOf<C> {
    const { store, auth, status } = this;
    const result = perform(command, { store, auth, index: status.applied + 1 }, cause);
    // Something is in the log that makes no revision.
    if (!isWrite(command)) this.#entries++;
    return result as ResultOf<C>;
  }

  #performLate<C extends Command>(
    since: Micros,
    command: C,
    cause: CauseId | undefined,
  ): ResultOf<C> {
    const tell = (outcome: Outcome): void => this.warnings?.applied(since, command, outcome, cause);
    try {
      const value = this.#perform(command, cause);
      tell({ value });
      return value;
    } catch (error) {
      tell({ error: etcdErrorOf(error) });
      throw error;
    }
  }

  #rangeLate(
    wait: Promise<void>,
    request: RangeRequest,
    isSerializable: boolean,
  ): Promise<RangeResponse> {
    return this.#readLate(
      wait,
      () => this.store.rangeNow(request),
      (since, response) => this.warnings?.read(since, request, isSerializable, response),
    );
  }

  async #readLate<T>(
    wait: Promise<void>,
    read: () => T,
    tell: (since: Micros, response: T) => void,
  ): Promise<T> {
    const since = this.#clock?.now() ?? 0;
    await wait;
    const response = read();
    tell(since, response);
    return response;
  }

  /** A good disk is not waited for; what it would have taken is counted. */
  #written(): void {
    if (!this.disk || !this.#clock) return;
    const now = this.#clock.now();
    this.disk.write(now);
    this.disk.applied(now);
  }
}

const isWrite = (command: Command): boolean =>
  command.do === 'put' || command.do === 'delete' || command.do === 'txn';
