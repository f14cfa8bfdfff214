import type { Random } from '../../../base/random.ts';
import type { EventId, RaftEvent } from '../../../trace/event.ts';
import { Leading } from './leading.ts';
import type {
  Entry,
  HardState,
  MemberId,
  Membership,
  MembershipChange,
  Message,
  MessageBody,
  Proposal,
  Snapshot,
  Stored,
} from './message.ts';
import { changed, quorumOf } from './progress.ts';
import { RaftLog } from './raftLog.ts';

export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader';

export interface RaftOptions<Command, State> {
  readonly id: MemberId;
  /** As of what was applied; empty for a member that joins: its leader tells it. */
  readonly membership: Membership;
  readonly stored: Stored<Command>;
  /** The last entry that this member has applied. */
  readonly applied: number;
  readonly random: Random;
  /** What a member is called in sentences. */
  readonly name: (member: MemberId) => string;
  /** How many ticks without a leader make an election; etcd's default is 10 of 100 ms. */
  readonly electionTicks?: number;
  /** What this member has applied, for a follower that is too far behind for the log. */
  readonly snapshot: () => Snapshot<State>;
  /** Writes what happened into the trace; returns the event. */
  readonly note: (kind: RaftEvent['kind'], cause: EventId, summary: string) => EventId;
  /** The event of the member's start. */
  readonly started: EventId;
}

/** What has to be done in this order: to disk, then to others. A leader's messages need not wait for its disk. */
export interface Ready<Command, State> {
  readonly hardState: HardState | undefined;
  readonly snapshot: Snapshot<State> | undefined;
  readonly entries: readonly Entry<Command>[];
  readonly messages: readonly Message<Command, State>[];
  readonly mayHurry: boolean;
  /** Whether the disk must be waited for: a new commit alone is known again after a restart. */
  readonly mustSync: boolean;
}

/** A read may be answered when everything up to `index` is applied. */
export interface ReadState {
  readonly request: number;
  readonly index: number;
}

/**
 * One member's part of Raft: takes messages and ticks, gives what is to be stored and sent. It knows no time, no disk and
 * no network. Elections with pre-vote, a leader that steps down without its quorum, read index, snapshots, single steps
 * of membership, transfer of leadership. Models go.etcd.io/raft/v3 raft, as etcd sets it up (PreVote, CheckQuorum,
 * ReadOnlySafe, StepDownOnRemoval).
 */
export class Raft<Command, State> {
  readonly id: MemberId;
  readonly log: RaftLog<Command>;
  readonly #options: RaftOptions<Command, State>;
  readonly #electionTicks: number;
  #membership: Membership;
  #role: Role = 'follower';
  #term = 0;
  #vote: MemberId | undefined;
  #leader: MemberId | undefined;
  #leading: Leading<Command, State> | undefined;
  #votes = new Map<MemberId, boolean>();
  #elapsed = 0;
  #timeout = 0;
  /** Why what is done now is done. */
  #cause: EventId;
  /** The last event that changed its role: why it waits, and why it beats. */
  #origin: EventId;
  #messages: Message<Command, State>[] = [];
  #reads: ReadState[] = [];
  #installed: Snapshot<State> | undefined;
  #written: HardState;

  constructor(options: RaftOptions<Command, State>) {
    this.#options = options;
    this.id = options.id;
    this.#electionTicks = options.electionTicks ?? 10;
    this.#cause = this.#origin = options.started;
    const { stored } = options;
    this.#membership = options.membership;
    this.log = new RaftLog<Command>(
      stored.base,
      stored.entries,
      Math.max(stored.hardState.commit, options.applied),
    );
    this.log.applied = options.applied;
    this.#term = stored.hardState.term;
    this.#vote = stored.hardState.vote;
    this.#written = this.#hardState();
    this.#rest();
  }

  get role(): Role {
    return this.#role;
  }

  get term(): number {
    return this.#term;
  }

  get leader(): MemberId | undefined {
    return this.#leader;
  }

  get membership(): Membership {
    return this.#membership;
  }

  get isLearner(): boolean {
    return this.#membership.learners.includes(this.id);
  }

  /** A leader's view of how far a member is. */
  progressOf(member: MemberId): { readonly match: number; readonly isActive: boolean } | undefined {
    return this.#leading?.progressOf(member);
  }

  get isTransferring(): boolean {
    return this.#leading?.transferee !== undefined;
  }

  /** A tenth of the election timeout has gone by. */
  tick(): void {
    this.#cause = this.#origin;
    this.#elapsed++;
    if (this.#leading) {
      if (this.#elapsed >= this.#electionTicks) {
        this.#elapsed = 0;
        this.#leading.transferee = undefined;
        if (!this.#leading.hasQuorum()) {
          this.#note('election', `${this.#me} hears of no majority and steps down`);
          this.#follow(this.#term, undefined);
          return;
        }
      }
      this.#leading.tick();
    } else if (this.#elapsed >= this.#timeout && this.#isPromotable()) {
      this.#rest();
      this.#campaign('preCandidate', false);
    }
  }

  /** Returns false when nobody leads, or leadership is on its way to somebody else: the proposal is dropped. */
  propose(proposals: readonly Proposal<Command>[]): boolean {
    this.#cause = Math.max(...proposals.map(({ cause }) => cause));
    return this.#take(proposals);
  }

  /** Asks how far one has to have applied to read what is committed now. Returns false when nobody leads. */
  readIndex(request: number, cause: EventId): boolean {
    this.#cause = cause || this.#origin;
    if (this.#leading) this.#leading.readIndex(this.id, request, this.#cause);
    else if (this.#leader === undefined) return false;
    else this.#send(this.#leader, { type: 'readIndex', request });
    return true;
  }

  transfer(transferee: MemberId, cause: EventId): void {
    this.#cause = cause || this.#origin;
    if (this.#leading) this.#transfer(transferee);
    else if (this.#leader !== undefined) this.#send(this.#leader, { type: 'transfer', transferee });
  }

  /** Stands at once, without waiting for the timeout. */
  campaign(): void {
    this.#cause = this.#origin;
    if (!this.#leading && this.#isPromotable()) this.#campaign('preCandidate', false);
  }

  step(message: Message<Command, State>): void {
    this.#cause = message.cause || this.#origin;
    if (message.term > this.#term) {
      if (!this.#takeNewerTerm(message)) return;
    } else if (message.term < this.#term) {
      this.#answerOlderTerm(message);
      return;
    }
    switch (message.type) {
      case 'preVote':
      case 'vote':
        this.#answerVote(message);
        break;
      case 'preVoteReply':
      case 'voteReply':
        this.#countVote(message);
        break;
      case 'append':
        if (this.#leading) break;
        this.#hear(message.from);
        this.#append(message);
        break;
      case 'heartbeat':
        if (this.#leading) break;
        this.#hear(message.from);
        this.#commit(message.commit);
        this.#send(message.from, {
          type: 'heartbeatReply',
          ...(message.read !== undefined && { read: message.read }),
        });
        break;
      case 'snapshot':
        if (this.#leading) break;
        this.#hear(message.from);
        this.#install(message.snapshot);
        this.#send(message.from, { type: 'appendReply', index: this.log.lastIndex });
        break;
      case 'appendReply':
        this.#leading?.appendReply(message.from, message.index, message.hint);
        break;
      case 'heartbeatReply':
        this.#leading?.heartbeatReply(message.from, message.read);
        break;
      case 'propose':
        this.#take(message.proposals);
        break;
      case 'readIndex':
        this.#leading?.readIndex(message.from, message.request, this.#cause);
        break;
      case 'readIndexReply':
        this.#reads.push({ request: message.request, index: message.index });
        break;
      case 'transfer':
        if (this.#leading) this.#transfer(message.transferee);
        break;
      case 'timeoutNow':
        // Pre-votes would lose against the lease of the leader that asks for this.
        if (this.#isPromotable()) this.#campaign('candidate', true);
    }
  }

  /** A change of membership is applied; `undefined`: it was refused by the one who applies. */
  applyChange(change: MembershipChange): void {
    this.#membership = changed(this.#membership, change);
    if (!this.#leading) return;
    if (!this.#membership.voters.includes(this.id)) {
      this.#note('election', `${this.#me} is a voter no more and steps down`);
      this.#follow(this.#term, undefined);
    } else this.#leading.membershipChanged();
  }

  get hasReady(): boolean {
    return (
      this.#messages.length > 0 ||
      this.#installed !== undefined ||
      this.log.lastIndex > this.log.stable ||
      !isSame(this.#hardState(), this.#written)
    );
  }

  takeReady(): Ready<Command, State> {
    const hardState = this.#hardState();
    const messages = this.#messages;
    this.#messages = [];
    const snapshot = this.#installed;
    this.#installed = undefined;
    const { term, vote } = this.#written;
    const entries = this.log.slice(this.log.stable + 1);
    const ready = {
      hardState: isSame(hardState, this.#written) ? undefined : hardState,
      snapshot,
      entries,
      messages,
      mayHurry: this.#leading !== undefined,
      mustSync:
        entries.length > 0 || !!snapshot || hardState.term !== term || hardState.vote !== vote,
    };
    this.#written = hardState;
    return ready;
  }

  takeReads(): readonly ReadState[] {
    const reads = this.#reads;
    this.#reads = [];
    return reads;
  }

  /** The disk has the entries up to this one. */
  stableTo(index: number, term: number): void {
    this.log.stableTo(index, term);
    if (this.#leading && this.log.termAt(index) === term) {
      this.#cause = this.log.at(index)?.cause || this.#origin;
      this.#leading.appendReply(this.id, index, undefined);
    }
  }

  get #me(): string {
    return this.#options.name(this.id);
  }

  #take(proposals: readonly Proposal<Command>[]): boolean {
    if (this.#leading) return this.#leading.propose(proposals);
    if (this.#leader === undefined || this.#role !== 'follower') return false;
    this.#send(this.#leader, { type: 'propose', proposals });
    return true;
  }

  #hardState(): HardState {
    return { term: this.#term, vote: this.#vote, commit: this.log.committed };
  }

  /** Begins to wait anew. */
  #rest(): void {
    this.#elapsed = 0;
    this.#timeout = this.#electionTicks + this.#options.random.below(this.#electionTicks);
  }

  #note(kind: RaftEvent['kind'], summary: string): void {
    this.#cause = this.#options.note(kind, this.#cause, summary);
    if (kind === 'election') this.#origin = this.#cause;
  }

  #send(to: MemberId, body: MessageBody<Command, State>, term: number = this.#term): void {
    this.#messages.push({ ...body, from: this.id, to, term, cause: this.#cause });
  }

  #isPromotable(): boolean {
    return this.#membership.voters.includes(this.id) && !this.#installed;
  }

  #follow(term: number, leader: MemberId | undefined): void {
    if (term > this.#term) {
      this.#term = term;
      this.#vote = undefined;
    }
    this.#role = 'follower';
    this.#leader = leader;
    this.#leading = undefined;
    this.#votes.clear();
    this.#rest();
  }

  /** Whoever leads this term has spoken. */
  #hear(leader: MemberId): void {
    if (this.#leader !== leader) {
      this.#follow(this.#term, leader);
      this.#note(
        'election',
        `${this.#me} follows ${this.#options.name(leader)} in term ${this.#term}`,
      );
    }
    this.#role = 'follower';
    this.#elapsed = 0;
  }

  /** Returns whether the message is still to be answered. */
  #takeNewerTerm(message: Message<Command, State>): boolean {
    const { type, term } = message;
    if (type === 'vote' || type === 'preVote') {
      const isLed = this.#leader !== undefined && this.#elapsed < this.#electionTicks;
      if (isLed && !message.isTransfer) return false;
    }
    if (type === 'preVote' || (type === 'preVoteReply' && message.granted)) return true;
    const isFromLeader = type === 'append' || type === 'heartbeat' || type === 'snapshot';
    const wasLeading = this.#leading !== undefined;
    this.#follow(term, undefined);
    if (wasLeading) this.#note('election', `${this.#me} hears of term ${term} and steps down`);
    else if (!isFromLeader) this.#note('election', `${this.#me} enters term ${term}`);
    return true;
  }

  #answerOlderTerm({ type, from }: Message<Command, State>): void {
    // Tells a leader of the past, or a member that stands without a chance, which term it is.
    if (type === 'heartbeat' || type === 'append')
      this.#send(from, { type: 'appendReply', index: 0 });
    else if (type === 'preVote') this.#send(from, { type: 'preVoteReply', granted: false });
  }

  #campaign(role: 'preCandidate' | 'candidate', isTransfer: boolean): void {
    if (this.#hasUnappliedChange()) return;
    this.#role = role;
    this.#leader = undefined;
    this.#votes.clear();
    const isPre = role === 'preCandidate';
    if (!isPre) {
      this.#term++;
      this.#vote = this.id;
      this.#rest();
    }
    const term = isPre ? this.#term + 1 : this.#term;
    this.#note(
      'election',
      isPre
        ? `${this.#me} hears of no leader and asks who would vote for it in term ${term}`
        : `${this.#me} stands for term ${term}`,
    );
    this.#votes.set(this.id, true);
    if (this.#tally()) return;
    for (const member of this.#membership.voters) {
      if (member === this.id) continue;
      const { lastIndex, lastTerm } = this.log;
      const type = isPre ? ('preVote' as const) : ('vote' as const);
      this.#send(member, { type, lastIndex, lastTerm, isTransfer }, term);
    }
  }

  #hasUnappliedChange(): boolean {
    const { log } = this;
    return (
      log.committed > log.applied &&
      log.slice(log.applied + 1, log.committed).some(({ change }) => change)
    );
  }

  #answerVote(message: Message<Command, State> & { readonly type: 'preVote' | 'vote' }): void {
    const { from, type, lastIndex, lastTerm, term } = message;
    const isFree =
      this.#vote === from ||
      (this.#vote === undefined && this.#leader === undefined) ||
      (type === 'preVote' && term > this.#term);
    const granted = isFree && this.log.isUpToDate(lastIndex, lastTerm);
    const reply = type === 'vote' ? ('voteReply' as const) : ('preVoteReply' as const);
    // Who grants answers in the candidate's term; who refuses tells its own.
    this.#send(from, { type: reply, granted }, granted ? term : this.#term);
    if (granted && type === 'vote') {
      this.#elapsed = 0;
      this.#vote = from;
    }
  }

  #countVote({
    from,
    type,
    granted,
  }: Message<Command, State> & { readonly type: 'preVoteReply' | 'voteReply' }): void {
    const mine = this.#role === 'preCandidate' ? 'preVoteReply' : 'voteReply';
    if (type !== mine || (this.#role !== 'preCandidate' && this.#role !== 'candidate')) return;
    if (!this.#votes.has(from)) this.#votes.set(from, granted);
    this.#tally();
  }

  /** Returns whether the election is over. */
  #tally(): boolean {
    const { voters } = this.#membership;
    const quorum = quorumOf(this.#membership);
    const count = (vote: boolean) => voters.filter((id) => this.#votes.get(id) === vote).length;
    if (count(true) >= quorum) {
      if (this.#role === 'preCandidate') this.#campaign('candidate', false);
      else this.#lead();
      return true;
    }
    if (voters.length - count(false) >= quorum) return false;
    this.#note('election', `${this.#me} does not get a majority in term ${this.#term}`);
    this.#follow(this.#term, undefined);
    return true;
  }

  #lead(): void {
    this.#role = 'leader';
    this.#leader = this.id;
    this.#elapsed = 0;
    this.#note('election', `${this.#me} has the votes of a majority and leads term ${this.#term}`);
    this.#leading = new Leading<Command, State>({
      id: this.id,
      term: this.#term,
      log: this.log,
      membership: () => this.#membership,
      send: (to, body) => this.#send(to, body),
      commit: (index) => this.#commit(index),
      snapshot: this.#options.snapshot,
      read: (read) => this.#reads.push(read),
    });
    this.#leading.propose([{ cause: this.#cause }]);
  }

  #transfer(transferee: MemberId): void {
    if (!this.#leading || transferee === this.id) return;
    if (!this.#membership.voters.includes(transferee)) return;
    if (this.#leading.transferee === transferee) return;
    this.#elapsed = 0;
    this.#note(
      'member',
      `${this.#me} hands the leadership over to ${this.#options.name(transferee)}`,
    );
    this.#leading.startTransfer(transferee);
  }

  #append({
    from,
    previousIndex,
    previousTerm,
    entries,
    commit,
  }: Message<Command, State> & { readonly type: 'append' }): void {
    const { log } = this;
    if (previousIndex < log.committed) {
      this.#send(from, { type: 'appendReply', index: log.committed });
      return;
    }
    if (log.termAt(previousIndex) !== previousTerm) {
      const hint = log.findConflict(previousIndex, previousTerm);
      this.#send(from, { type: 'appendReply', index: previousIndex, hint });
      return;
    }
    log.merge(entries);
    const index = previousIndex + entries.length;
    this.#commit(Math.min(commit, index));
    this.#send(from, { type: 'appendReply', index });
  }

  #commit(index: number): void {
    if (!this.log.commitTo(Math.min(index, this.log.lastIndex))) return;
    this.#note(
      'commit',
      `${this.#me} knows that everything up to entry ${this.log.committed} is committed`,
    );
  }

  #install(snapshot: Snapshot<State>): void {
    const { log } = this;
    if (snapshot.index <= log.committed) return;
    if (log.termAt(snapshot.index) === snapshot.term) {
      // All of it is there already; only the news of the commit was missing.
      this.#commit(snapshot.index);
      return;
    }
    this.#note(
      'snapshot',
      `${this.#me} takes a snapshot of entry ${snapshot.index} in place of its log`,
    );
    log.restore(snapshot.index, snapshot.term);
    this.#membership = snapshot.membership;
    this.#installed = snapshot;
  }
}

const isSame = (a: HardState, b: HardState): boolean =>
  a.term === b.term && a.vote === b.vote && a.commit === b.commit;
