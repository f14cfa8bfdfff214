import { Disposable, toDisposable, type IDisposable } from '../../../base/disposable.ts';
import type { Random } from '../../../base/random.ts';
import { millisecond, type Clock, type Micros } from '../../../base/time.ts';
import type { CauseId, EventId, RaftEvent } from '../../../trace/event.ts';
import type { TraceSink } from '../../../trace/sink.ts';
import { errors, type EtcdError } from '../errors.ts';
import type { RangeRequest, RangeResponse, TxnRequest, TxnResponse } from '../kv.ts';
import type { Entry, MemberId, MembershipChange } from '../raft/message.ts';
import { quorumOf } from '../raft/progress.ts';
import { Raft } from '../raft/raft.ts';
import type { Backend, BackendState, Envelope } from './backend.ts';
import { Answers } from './answers.ts';
import { Changes } from './changes.ts';
import { sizeCostOf, wordsOf, type Command, type MemberInfo, type ResultOf } from './command.ts';
import type { RaftDisk } from './disk.ts';
import type { DiskTimes } from './diskTimes.ts';
import { Driver } from './driver.ts';
import type { Packet, Transport } from './packet.ts';
import { Presence } from './presence.ts';
import { Proposals } from './proposals.ts';
import { Questions } from './questions.ts';
import { Reads } from './reads.ts';
import type { EtcdServer, ServerCounts, ServerStatus, LeaseTime } from './server.ts';
import { etcdErrorOf, ignoreEtcdError } from './waiters.ts';
import type { Warnings } from './warnings.ts';

export interface ReplicaOptions {
  readonly id: MemberId;
  readonly name: string;
  /** Where clients reach it, as soon as that is known. */
  readonly clientUrls: () => readonly string[];
  /** Whom it may ask where it knows no member: etcd's --initial-cluster. */
  readonly peers: () => readonly MemberId[];
  readonly backend: Backend;
  readonly disk: RaftDisk<Envelope, BackendState>;
  /** How long that disk takes. */
  readonly times: DiskTimes;
  readonly warnings: Warnings;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: TraceSink | undefined;
  /** Differs with every start of this member. */
  readonly epoch: number;
  /** Applied entries after which the log is cut, and how many it keeps for slow followers; etcd's unless given. */
  readonly snapshotCount?: number;
  readonly catchUpEntries?: number;
  /** It was removed from the cluster: its process ends. */
  readonly removed: () => void;
  /** Called for every applied entry, before it is applied: for checkers, and for who traces writes. */
  readonly applying?: (entry: Entry<Envelope>, commit: EventId) => void;
}

const tickUs = 100 * millisecond;
const electionTicks = 10;
/** How long a member goes on that was removed. */
const leaveUs = 10 * tickUs;
/** etcd's maxGapBetweenApplyAndCommitIndex. */
const maxGap = 5000;
/** More than a member asks for before it starts anew. */
const callsOfEpoch = 1_000_000;

/**
 * A member of a cluster: drives its Raft with time, disk and network, applies what is committed to its own store, and
 * answers clients. Models go.etcd.io/etcd/server/v3/etcdserver EtcdServer and raftNode.
 */
export class Replica extends Disposable implements EtcdServer {
  readonly #options: ReplicaOptions;
  readonly #raft: Raft<Envelope, BackendState>;
  readonly #driver: Driver;
  readonly #proposals: Proposals;
  readonly #questions: Questions;
  readonly #reads: Reads;
  readonly #presence: Presence;
  readonly #changes: Changes;
  readonly #started: EventId;
  /** When it heard of others last. */
  readonly #heard = new Map<MemberId, Micros>();
  readonly #streams = new Set<() => void>();
  /** Numbers what this member asks for. */
  #count = 0;
  #leader: MemberId | undefined;
  #isLeading = false;
  #leaderSince: Micros = 0;
  #ticksAlone = 0;
  #leaderChanges = 0;
  #lastCommit: EventId = 0;
  #isStopped = false;
  #free: IDisposable | undefined;

  constructor(options: ReplicaOptions) {
    super();
    this.#options = options;
    const { id, name, backend, clock, random, trace, transport, epoch } = options;
    this.#started =
      trace?.emit(`etcd/${name}`, undefined, {
        type: 'lifecycle',
        action: 'started',
        summary: `etcd member ${name} starts`,
      }) ?? 0;
    const raft = (this.#raft = this.#newRaft());
    this.#changes = new Changes(raft, backend);
    this.#driver = this.#newDriver();
    const process = (): void => this.#driver.process();
    const timeoutError = (since: Micros) => this.#timeoutError(since);
    this.#proposals = new Proposals({ clock, raft, process, timeoutError });
    const answers = new Answers({
      clock,
      store: backend.store,
      changes: this.#changes,
      leads: () => this.#leads(),
      isRunning: () => !this.#isStopped,
      confirm: (cause) => this.confirm(cause),
      change: (change, member, cause) =>
        this.propose({ do: 'member', member }, cause, change).then(() => this.members),
    });
    this.#questions = new Questions({
      id,
      clock,
      nextCall: () => ++this.#count + epoch * callsOfEpoch,
      leader: () => raft.leader,
      isRunning: () => !this.#isStopped,
      send: (to, packet) => transport.send(id, to, packet),
      answer: (question, cause) => answers.answer(question, cause),
      timeoutError,
      started: this.#started,
    });
    const ask = (request: number, cause: EventId): void => {
      raft.readIndex(request, cause);
      process();
    };
    const applied = () => backend.index;
    this.#reads = new Reads({ clock, ask, applied, timeoutError }, epoch * callsOfEpoch);
    this.#presence = this._register(
      new Presence({
        id,
        name,
        clientUrls: options.clientUrls,
        backend,
        clock,
        peers: options.peers,
        send: (to, packet) => transport.send(id, to, packet),
        tell: (member) => this.propose({ do: 'member', member }, this.#started),
        removed: () => {
          options.warnings.removed();
          options.removed();
        },
      }),
    );
    this.store.leases.propose = (lease, cause) => {
      if (raft.role === 'leader')
        this.propose({ do: 'revoke', lease }, cause).catch(ignoreEtcdError);
      return true;
    };
    this.store.leases.demote();
    this._register(transport.attach(id, (packet, from) => this.#receive(packet, from)));
    this._register(toDisposable(() => this.#stop()));
    // Members do not start in the same moment.
    this.#tickAfter(random.below(tickUs));
  }

  get store() {
    return this.#options.backend.store;
  }

  get disk(): DiskTimes {
    return this.#options.times;
  }

  get counts(): ServerCounts {
    const { pending, failed } = this.#proposals;
    return { leaderChanges: this.#leaderChanges, pending, failed };
  }

  get warnings(): Warnings {
    return this.#options.warnings;
  }

  get id(): MemberId {
    return this.#options.id;
  }

  get name(): string {
    return this.#options.name;
  }

  get members(): readonly MemberInfo[] {
    return this.#options.backend.members;
  }

  get status(): ServerStatus {
    const { role, term, leader, isLearner, log } = this.#raft;
    return {
      role,
      term,
      leader: leader ?? 0n,
      isLearner,
      index: log.lastIndex,
      committed: log.committed,
      applied: this.#options.backend.index,
    };
  }

  get hasLeader(): boolean {
    return this.#raft.leader !== undefined;
  }

  propose<C extends Command>(
    command: C,
    cause: CauseId | undefined,
    change?: MembershipChange,
  ): Promise<ResultOf<C>> {
    const { backend, name, epoch } = this.#options;
    if (this.#isStopped) return Promise.reject(errors.stopped());
    if (this.#raft.isLearner && command.do !== 'member')
      return Promise.reject(errors.notForLearner());
    if (this.#raft.log.committed > backend.index + maxGap)
      return Promise.reject(errors.tooManyRequests());
    const cost = sizeCostOf(command);
    if (cost && !this.store.space.isFull && !this.store.space.fits(cost)) {
      this.propose({ do: 'raiseNoSpace' }, cause).catch(ignoreEtcdError);
      return Promise.reject(errors.noSpace());
    }
    const event = this.#emit('propose', cause, `${name} is to ${wordsOf(command)}`);
    const id = `${this.id.toString(16)}/${epoch}/${++this.#count}`;
    return this.#proposals.propose(id, command, event, change) as Promise<ResultOf<C>>;
  }

  confirm(cause?: CauseId): Promise<void> {
    if (this.#isStopped) return Promise.reject(errors.stopped());
    if (this.#raft.isLearner) return Promise.reject(errors.notForLearner());
    const read = this.#reads.barrier(cause ?? 0);
    return this.#options.times.isSlow ? read.then(() => this.#readable()) : read;
  }

  read(request: RangeRequest, isSerializable: boolean): Promise<RangeResponse> {
    return this.#read(
      isSerializable ? this.#readable() : this.confirm(),
      () => this.store.rangeNow(request),
      (since, outcome) => this.warnings.read(since, request, isSerializable, outcome),
    );
  }

  readTxn(request: TxnRequest): Promise<TxnResponse> {
    return this.#read(
      this.confirm(),
      () => this.store.txnNow(request, undefined),
      (since, outcome) => this.warnings.readTxn(since, request, outcome),
    );
  }

  async #read<T>(
    wait: Promise<void> | undefined,
    read: () => T,
    tell: (since: Micros, outcome: T | EtcdError) => void,
  ): Promise<T> {
    const since = this.#options.clock.now();
    try {
      await wait;
      const response = read();
      tell(since, response);
      return response;
    } catch (error) {
      tell(since, etcdErrorOf(error));
      throw error;
    }
  }

  #readable(): Promise<void> | undefined {
    const { clock, times } = this.#options;
    const wait = times.freeAt(clock.now()) - clock.now();
    return wait ? clock.sleep(wait) : undefined;
  }

  keepAlive(lease: bigint): Promise<number> {
    return this.#questions.ask({ ask: 'keepAlive', lease }) as Promise<number>;
  }

  timeToLive(lease: bigint): Promise<LeaseTime> {
    return this.#questions.ask({ ask: 'timeToLive', lease }) as Promise<LeaseTime>;
  }

  changeMember(change: MembershipChange, member: MemberInfo): Promise<readonly MemberInfo[]> {
    // Who has lost the others refuses at once. Models etcdserver mayAddMember.
    const isNew = this.members.every(({ id }) => id !== change.member);
    const wasLed = this.#leaderSince > 0;
    const isLost = wasLed && !this.hasLeader && this.#ticksAlone >= electionTicks;
    if (isNew && change.change !== 'remove' && isLost) return Promise.reject(errors.unhealthy());
    return this.#questions.ask({ ask: 'change', change, member }) as Promise<readonly MemberInfo[]>;
  }

  /** Resolves when the other one leads. Models etcdserver MoveLeader. */
  async moveLeader(to: MemberId, cause: CauseId | undefined): Promise<void> {
    const { clock } = this.#options;
    if (this.#raft.role !== 'leader') throw errors.notLeader();
    if (!this.#raft.membership.voters.includes(to)) throw errors.badLeaderTransferee();
    const until = clock.now() + electionTicks * tickUs;
    this.#raft.transfer(to, cause ?? 0);
    this.#driver.process();
    while (this.#raft.leader !== to) {
      if (clock.now() >= until) throw errors.timeoutLeaderTransfer();
      await clock.sleep(tickUs / 10);
    }
  }

  /** Calls back when this member has been without a leader for three election timeouts, or stops. */
  onLost(callback: () => void): IDisposable {
    this.#streams.add(callback);
    return toDisposable(() => this.#streams.delete(callback));
  }

  /** Tells the others where clients reach it. */
  publish(): void {
    this.#presence.publish();
  }

  #newRaft(): Raft<Envelope, BackendState> {
    const { id, backend, disk, random } = this.#options;
    return new Raft<Envelope, BackendState>({
      id,
      membership: backend.membership,
      stored: disk.load(),
      applied: backend.index,
      random,
      name: (member) => this.#nameOf(member),
      electionTicks,
      snapshot: () => backend.snapshot(),
      started: this.#started,
      note: (kind, cause, summary) => {
        const event = this.#emit(kind, cause, summary);
        if (kind === 'commit') this.#lastCommit = event;
        return event;
      },
    });
  }

  #newDriver(): Driver {
    const { id, name, backend, disk, trace, transport, times, clock } = this.#options;
    const { snapshotCount, catchUpEntries } = this.#options;
    return new Driver({
      name,
      raft: this.#raft,
      backend,
      disk,
      send: (to, packet) => transport.send(id, to, packet),
      trace,
      nameOf: (member) => this.#nameOf(member),
      snapshotCount,
      catchUpEntries,
      clock,
      warnings: this.#options.warnings,
      isBusy: () => this.#isBusy(),
      applying: (entry) => this.#options.applying?.(entry, this.#lastCommit),
      applied: (proposal, outcome) => this.#proposals.settle(proposal, outcome),
      wrote: () => times.applied(clock.now()),
      driven: () => this.#noteLeader(),
      caughtUp: () => {
        this.#reads.applied();
        if (backend.isRemoved(id)) this.#presence.leave(leaveUs);
        if (this.hasLeader) this.publish();
      },
      readAt: (request, index) => this.#reads.confirmed(request, index),
    });
  }

  /** While the backend is committed nothing is applied; goes on when it is free. */
  #isBusy(): boolean {
    const { clock, times } = this.#options;
    const wait = times.freeAt(clock.now()) - clock.now();
    if (!wait) return false;
    this.#free ??= clock.setTimer(wait, () => {
      this.#free = undefined;
      this.#driver.process();
    });
    return true;
  }

  #stop(): void {
    this.#isStopped = true;
    this.#driver.stop();
    this.store.leases.demote();
    this.#proposals.stop();
    this.#questions.stop();
    this.#reads.fail(errors.stopped(), true);
    this.#loseStreams();
  }

  #tickAfter(delayUs: Micros): void {
    const timer = this.#options.clock.setTimer(delayUs, () => {
      this._store.delete(timer);
      this.#tickAfter(tickUs);
      this.#raft.tick();
      this.#ticksAlone = this.hasLeader ? 0 : this.#ticksAlone + 1;
      if (this.#ticksAlone === 3 * electionTicks) this.#loseStreams();
      const isSilent = !this.#raft.membership.voters.includes(this.id);
      if (isSilent && this.#ticksAlone % electionTicks === electionTicks - 1)
        this.#presence.greet();
      this.#driver.process();
    });
    this._register(timer);
  }

  #receive(packet: Packet, from: MemberId): void {
    this.#heard.set(from, this.#options.clock.now());
    if ('removed' in packet) this.#presence.leave(0);
    else if (this.#options.backend.isRemoved(from)) {
      // It does not know it yet, and would disturb the others.
      this.#options.transport.send(this.id, from, { removed: true });
    } else if ('hello' in packet) return;
    else if ('raft' in packet) {
      this.#raft.step(packet.raft);
      this.#driver.process();
    } else if ('question' in packet)
      this.#questions.asked(from, packet.question, packet.call, packet.cause);
    else this.#questions.answered(packet.call, packet.answer);
  }

  #noteLeader(): void {
    const { leader, role } = this.#raft;
    const isLeading = role === 'leader';
    if (isLeading !== this.#isLeading) {
      this.#isLeading = isLeading;
      this.#options.warnings.resetHeartbeats();
      if (isLeading) this.store.leases.promote(electionTicks * tickUs);
      else this.store.leases.demote();
    }
    if (leader === this.#leader) return;
    this.#leader = leader;
    if (leader === undefined) return;
    this.#leaderSince = this.#options.clock.now();
    this.#leaderChanges++;
    this.#reads.fail(errors.leaderChanged());
    this.#proposals.retry();
    this.publish();
  }

  #loseStreams(): void {
    for (const callback of [...this.#streams]) callback();
  }

  #leads(): boolean {
    return this.#raft.role === 'leader';
  }

  /** Models etcdserver parseProposeCtxErr. */
  #timeoutError(since: Micros): EtcdError {
    const lost = this.#leaderSince - 2 * electionTicks * tickUs;
    if (since > lost && since < this.#leaderSince) return errors.timeoutLeaderFailed();
    return this.hasLeader && !this.#isConnected()
      ? errors.timeoutConnectionLost()
      : errors.timeout();
  }

  /** Whether it hears of those without whom nothing is committed: its leader, or a majority. */
  #isConnected(): boolean {
    const { leader, membership } = this.#raft;
    const since = this.#options.clock.now() - 2 * electionTicks * tickUs;
    const hears = (id: MemberId) => id === this.id || (this.#heard.get(id) ?? -1) >= since;
    if (leader !== undefined && leader !== this.id) return hears(leader);
    return membership.voters.filter(hears).length >= quorumOf(membership);
  }

  #emit(kind: RaftEvent['kind'], cause: CauseId | undefined, summary: string): EventId {
    const { trace, name } = this.#options;
    const term = (this.#raft as Raft<Envelope, BackendState> | undefined)?.term ?? 0;
    return trace?.emit(`etcd/${name}`, cause, { type: 'raft', kind, term, summary }) ?? 0;
  }

  #nameOf(id: MemberId): string {
    if (id === this.id) return this.name;
    const name = this.members.find((member) => member.id === id)?.name;
    return name === undefined || name === '' ? id.toString(16) : name;
  }
}
