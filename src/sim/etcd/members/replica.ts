import { Disposable, toDisposable, type IDisposable } from '../../../base/disposable.ts';
import type { Random } from '../../../base/random.ts';
import { millisecond, type Clock, type Micros } from '../../../base/time.ts';
import type { CauseId, EventId, RaftEvent } from '../../../trace/event.ts';
import type { TraceSink } from '../../../trace/sink.ts';
import { EtcdError, errors } from '../errors.ts';
import type { Entry, MemberId, MembershipChange, Message } from '../raft/message.ts';
import { Raft, type Ready } from '../raft/raft.ts';
import type { Backend, BackendState, Envelope, Outcome } from './backend.ts';
import { sizeCostOf, wordsOf, type Command, type MemberInfo, type ResultOf } from './command.ts';
import type { RaftDisk } from './disk.ts';
import { Reads, requestTimeoutUs } from './reads.ts';
import type { EtcdServer, ServerStatus } from './server.ts';
import { Changes } from './changes.ts';
import { noteOf } from './words.ts';

/** What a member asks of its leader beside Raft: a lease is renewed there, and only it knows who keeps up. */
export type Question =
  | { readonly ask: 'keepAlive'; readonly lease: bigint }
  | { readonly ask: 'change'; readonly change: MembershipChange; readonly member: MemberInfo };

/** What goes over the network between members. */
export type Packet =
  | { readonly raft: Message<Envelope, BackendState> }
  | { readonly question: Question; readonly call: number; readonly cause: EventId }
  | { readonly answer: Outcome; readonly call: number };

export interface Transport {
  attach(node: MemberId, receive: (packet: Packet, from: MemberId) => void): IDisposable;
  send(from: MemberId, to: MemberId, packet: Packet): void;
}

export interface ReplicaOptions {
  readonly id: MemberId;
  readonly name: string;
  /** Where clients reach it, as soon as that is known. */
  readonly clientUrls: () => readonly string[];
  readonly backend: Backend;
  readonly disk: RaftDisk<Envelope, BackendState>;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: TraceSink | undefined;
  /** Differs with every start of this member. */
  readonly epoch: number;
  /** Applied entries after which the log is cut, and how many it keeps for slow followers; etcd's unless given. */
  readonly snapshotCount?: number;
  readonly catchUpEntries?: number;
  /** Called for every applied entry, before it is applied: for checkers, and for who traces writes. */
  readonly applying?: (entry: Entry<Envelope>, commit: EventId) => void;
}

const tickUs = 100 * millisecond;
const electionTicks = 10;
/** etcd's maxGapBetweenApplyAndCommitIndex. */
const maxGap = 5000;

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: EtcdError) => void;
  readonly timer: IDisposable;
}

interface Unproposed {
  readonly id: string;
  readonly propose: () => boolean;
}

/**
 * A member of a cluster: drives its Raft with time, disk and network, applies what is committed to its own store, and
 * answers clients. Models go.etcd.io/etcd/server/v3/etcdserver EtcdServer and raftNode.
 */
export class Replica extends Disposable implements EtcdServer {
  readonly #options: ReplicaOptions;
  readonly #raft: Raft<Envelope, BackendState>;
  readonly #reads: Reads;
  readonly #changes: Changes;
  readonly #started: EventId;
  readonly #waiters = new Map<string, Waiter>();
  readonly #calls = new Map<number, Waiter>();
  readonly #streams = new Set<() => void>();
  #unproposed: Unproposed[] = [];
  #count = 0;
  #isWriting = false;
  #isProcessing = false;
  #leader: MemberId | undefined;
  #isLeading = false;
  #leaderSince: Micros = 0;
  #ticksAlone = 0;
  #lastCommit: EventId = 0;
  #isStopped = false;

  constructor(options: ReplicaOptions) {
    super();
    this.#options = options;
    const { id, name, backend, disk, clock, random, trace } = options;
    this.#started =
      trace?.emit(`etcd/${name}`, undefined, {
        type: 'lifecycle',
        action: 'started',
        summary: `etcd member ${name} starts`,
      }) ?? 0;
    this.#raft = new Raft<Envelope, BackendState>({
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
    this.#reads = new Reads(
      {
        clock,
        ask: (request, cause) => {
          this.#raft.readIndex(request, cause);
          this.#process();
        },
        applied: () => backend.index,
        timeoutError: (since) => this.#timeoutError(since),
      },
      options.epoch * 1_000_000,
    );
    this.#changes = new Changes(this.#raft, backend);
    this.store.leases.propose = (lease, cause) => {
      if (this.#raft.role !== 'leader') return;
      this.propose({ do: 'revoke', lease }, cause).catch(ignoreEtcdError);
    };
    this.store.leases.demote();
    this._register(options.transport.attach(id, (packet, from) => this.#receive(packet, from)));
    this._register(toDisposable(() => this.#stop()));
    // Members do not start in the same moment.
    this.#tickAfter(random.below(tickUs));
  }

  get store() {
    return this.#options.backend.store;
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
    const { clock, backend, name, epoch } = this.#options;
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
    const id = `${name}/${epoch}/${++this.#count}`;
    const since = clock.now();
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(requestTimeoutUs, () => {
        this.#waiters.delete(id);
        this.#unproposed = this.#unproposed.filter((other) => other.id !== id);
        reject(this.#timeoutError(since));
      });
      this.#waiters.set(id, { resolve: resolve as (value: unknown) => void, reject, timer });
      const proposal = { command: { id, command }, cause: event, ...(change && { change }) };
      const propose = (): boolean => this.#raft.propose([proposal]);
      if (!this.hasLeader) this.#unproposed.push({ id, propose });
      else if (!propose()) this.#settle(id, { error: errors.proposalDropped() });
      this.#process();
    });
  }

  confirm(cause?: CauseId): Promise<void> {
    if (this.#isStopped) return Promise.reject(errors.stopped());
    if (this.#raft.isLearner) return Promise.reject(errors.notForLearner());
    return this.#reads.barrier(cause ?? 0);
  }

  keepAlive(lease: bigint): Promise<number> {
    return this.#ask({ ask: 'keepAlive', lease }) as Promise<number>;
  }

  changeMember(change: MembershipChange, member: MemberInfo): Promise<readonly MemberInfo[]> {
    return this.#ask({ ask: 'change', change, member }) as Promise<readonly MemberInfo[]>;
  }

  /** Resolves when the other one leads. Models etcdserver MoveLeader. */
  async moveLeader(to: MemberId, cause: CauseId | undefined): Promise<void> {
    const { clock } = this.#options;
    if (this.#raft.role !== 'leader') throw errors.notLeader();
    if (!this.#raft.membership.voters.includes(to)) throw errors.badLeaderTransferee();
    const until = clock.now() + electionTicks * tickUs;
    this.#raft.transfer(to, cause ?? 0);
    this.#process();
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

  #stop(): void {
    this.#isStopped = true;
    this.#options.disk.crash();
    this.store.leases.demote();
    for (const id of [...this.#waiters.keys()]) this.#settle(id, { error: errors.stopped() });
    for (const call of [...this.#calls.keys()]) this.#settleCall(call, { error: errors.stopped() });
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
      this.#process();
    });
    this._register(timer);
  }

  #receive(packet: Packet, from: MemberId): void {
    if ('raft' in packet) {
      // Who was removed does not know it yet, and would disturb the others.
      if (this.#options.backend.isRemoved(from)) return;
      this.#raft.step(packet.raft);
      this.#process();
    } else if ('question' in packet) {
      const answer = (outcome: Outcome): void =>
        this.#options.transport.send(this.id, from, { answer: outcome, call: packet.call });
      this.#answer(packet.question, packet.cause).then(
        (value) => answer({ value }),
        (error: unknown) => answer({ error: etcdErrorOf(error) }),
      );
    } else this.#settleCall(packet.call, packet.answer);
  }

  /** Does all that Raft has ready, in its order. */
  #process(): void {
    if (this.#isWriting || this.#isProcessing || this.#isStopped) return;
    this.#isProcessing = true;
    try {
      do {
        while (this.#mayHandle()) this.#handle(this.#raft.takeReady());
        this.#noteLeader();
        this.#apply();
        for (const { request, index } of this.#raft.takeReads())
          this.#reads.confirmed(request, index);
      } while (this.#mayHandle());
    } finally {
      this.#isProcessing = false;
    }
  }

  #mayHandle(): boolean {
    return this.#raft.hasReady && !this.#isWriting;
  }

  #isLeader(): boolean {
    return this.#raft.role === 'leader';
  }

  #handle(ready: Ready<Envelope, BackendState>): void {
    if (ready.mayHurry) this.#sendAll(ready);
    this.#isWriting = true;
    this.#options.disk.write(ready, () => {
      this.#isWriting = false;
      if (ready.snapshot) this.#options.backend.restore(ready.snapshot);
      const last = ready.entries.at(-1);
      if (last) this.#raft.stableTo(last.index, last.term);
      if (!ready.mayHurry) this.#sendAll(ready);
      this.#process();
    });
  }

  #sendAll({ messages }: Ready<Envelope, BackendState>): void {
    const { transport, trace } = this.#options;
    for (const message of messages) {
      const to = this.#nameOf(message.to);
      const note = trace && noteOf(message, this.name, to);
      const cause = note
        ? trace.emit(`etcd/${this.name}`, causeOf(message), {
            type: 'raft',
            ...note,
            to,
            term: message.term,
          })
        : message.cause;
      transport.send(this.id, message.to, { raft: { ...message, cause } });
    }
  }

  #apply(): void {
    const { backend, snapshotCount = 10_000, disk, catchUpEntries = 5000 } = this.#options;
    const { log } = this.#raft;
    for (const entry of log.toApply()) {
      this.#options.applying?.(entry, this.#lastCommit);
      const outcome = backend.apply(entry, entry.cause || undefined);
      log.applied = entry.index;
      if (entry.change && !('error' in outcome)) this.#raft.applyChange(entry.change);
      // A change that was superseded leaves its proposer waiting, as it does in etcd.
      if (entry.command) this.#settle(entry.command.id, outcome);
    }
    this.#reads.applied();
    if (log.applied - log.baseIndex <= snapshotCount + catchUpEntries) return;
    log.compact(log.applied - catchUpEntries);
    disk.compact({ index: log.baseIndex, term: log.termAt(log.baseIndex) ?? 0 });
  }

  #noteLeader(): void {
    const { leader, role } = this.#raft;
    const isLeading = role === 'leader';
    if (isLeading !== this.#isLeading) {
      this.#isLeading = isLeading;
      if (isLeading) this.store.leases.promote(electionTicks * tickUs);
      else this.store.leases.demote();
    }
    if (leader === this.#leader) return;
    this.#leader = leader;
    if (leader === undefined) return;
    this.#leaderSince = this.#options.clock.now();
    this.#reads.fail(errors.leaderChanged());
    const waiting = this.#unproposed;
    this.#unproposed = [];
    for (const { id, propose } of waiting)
      if (!propose()) this.#settle(id, { error: errors.proposalDropped() });
    this.publish();
  }

  /** Tells the others its name and where clients reach it, when they do not know. */
  publish(): void {
    const info = this.members.find(({ id }) => id === this.id);
    const { name } = this.#options;
    const clientUrls = this.#options.clientUrls();
    if (!info || (info.name === name && info.clientUrls.join() === clientUrls.join())) return;
    this.propose({ do: 'member', member: { ...info, name, clientUrls } }, this.#started).catch(
      ignoreEtcdError,
    );
  }

  #settle(id: string, outcome: Outcome): void {
    settle(this.#waiters, id, outcome);
  }

  #settleCall(call: number, outcome: Outcome): void {
    settle(this.#calls, call, outcome);
  }

  #loseStreams(): void {
    for (const callback of [...this.#streams]) callback();
  }

  /** Asks the leader, which may be this member; again while there is none. */
  async #ask(question: Question): Promise<unknown> {
    const { clock } = this.#options;
    const since = clock.now();
    for (;;) {
      if (this.#isStopped) throw errors.stopped();
      const left = since + requestTimeoutUs - clock.now();
      if (left <= 0) throw this.#timeoutError(since);
      const { leader } = this.#raft;
      if (leader === this.id) return this.#answer(question, this.#started);
      if (leader !== undefined) {
        try {
          return await this.#call(leader, question, left);
        } catch (error) {
          if (etcdErrorOf(error).message !== errors.notLeader().message) throw error;
        }
      }
      await clock.sleep(50 * millisecond);
    }
  }

  #call(to: MemberId, question: Question, timeoutUs: Micros): Promise<unknown> {
    const { clock, transport } = this.#options;
    const call = ++this.#count + this.#options.epoch * 1_000_000;
    const since = clock.now();
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(Math.min(timeoutUs, 10 * electionTicks * tickUs), () => {
        this.#calls.delete(call);
        reject(this.#timeoutError(since));
      });
      this.#calls.set(call, { resolve, reject, timer });
      transport.send(this.id, to, { question, call, cause: this.#started });
    });
  }

  async #answer(question: Question, cause: EventId): Promise<unknown> {
    if (!this.#isLeader()) throw errors.notLeader();
    if (question.ask === 'change') {
      const { change, member } = question;
      this.#changes.check(change, member);
      await this.propose({ do: 'member', member }, cause, change);
      return this.members;
    }
    // Until a majority has confirmed that this is the leader, and all before is applied, an end may be on its way.
    await this.confirm(cause);
    const { leases } = this.store;
    const lease = leases.get(question.lease);
    if (!lease) return 0;
    if (lease.expiry > this.#options.clock.now() && this.#isLeader())
      return leases.keepAlive(lease.id);
    // Its end is proposed already.
    const until = this.#options.clock.now() + requestTimeoutUs;
    while (leases.has(question.lease)) {
      if (this.#isStopped || this.#options.clock.now() > until) throw errors.timeout();
      await this.#options.clock.sleep(tickUs);
    }
    return 0;
  }

  /** Models etcdserver parseProposeCtxErr. */
  #timeoutError(since: Micros): EtcdError {
    const lost = this.#leaderSince - 2 * electionTicks * tickUs;
    if (since > lost && since < this.#leaderSince) return errors.timeoutLeaderFailed();
    return errors.timeout();
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

/** The message before it, and for entries their proposals: the newest leads. */
function causeOf(message: Message<Envelope, BackendState>) {
  const causes = new Set([message.cause]);
  if (message.type === 'append') for (const { cause } of message.entries) causes.add(cause);
  if (message.type === 'propose') for (const { cause } of message.proposals) causes.add(cause);
  causes.delete(0);
  const [cause, ...also] = [...causes].sort((a, b) => b - a);
  return cause === undefined ? undefined : { cause, ...(also.length && { also }) };
}

function settle<Id>(waiters: Map<Id, Waiter>, id: Id, outcome: Outcome): void {
  const waiter = waiters.get(id);
  if (!waiter) return;
  waiters.delete(id);
  waiter.timer.dispose();
  if ('error' in outcome) waiter.reject(outcome.error);
  else waiter.resolve(outcome.value);
}

function etcdErrorOf(error: unknown): EtcdError {
  if (error instanceof EtcdError) return error;
  throw error;
}

const ignoreEtcdError = (error: unknown): void => {
  etcdErrorOf(error);
};
