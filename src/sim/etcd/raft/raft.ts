import type { EventId } from '../../../trace/event.ts';
import { Elections } from './elections.ts';
import { Following } from './following.ts';
import type {
  Entry,
  HardState,
  MemberId,
  Membership,
  MembershipChange,
  Message,
  Proposal,
  ReadState,
  Snapshot,
} from './message.ts';
import { changed } from './progress.ts';
import type { RaftLog } from './raftLog.ts';
import { RaftState, type RaftOptions, type Role } from './raftState.ts';

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

/**
 * One member's part of Raft: takes messages and ticks, gives what is to be stored and sent. It knows no time, no disk and
 * no network. Elections with pre-vote, a leader that steps down without its quorum, read index, snapshots, single steps
 * of membership, transfer of leadership. Models go.etcd.io/raft/v3 raft, as etcd sets it up (PreVote, CheckQuorum,
 * ReadOnlySafe, StepDownOnRemoval).
 */
export class Raft<Command, State> {
  readonly #state: RaftState<Command, State>;
  readonly #elections: Elections<Command, State>;
  readonly #following: Following<Command, State>;
  /** The hard state that the disk was given last. */
  #written: HardState;

  constructor(options: RaftOptions<Command, State>) {
    this.#state = new RaftState(options);
    this.#elections = new Elections(this.#state);
    this.#following = new Following(this.#state);
    this.#written = this.#state.hardState;
  }

  get id(): MemberId {
    return this.#state.id;
  }

  get log(): RaftLog<Command> {
    return this.#state.log;
  }

  get role(): Role {
    return this.#state.role;
  }

  get term(): number {
    return this.#state.term;
  }

  get leader(): MemberId | undefined {
    return this.#state.leader;
  }

  get membership(): Membership {
    return this.#state.membership;
  }

  get isLearner(): boolean {
    const state = this.#state;
    return state.membership.learners.includes(state.id);
  }

  /** A leader's view of how far a member is. */
  progressOf(member: MemberId): { readonly match: number; readonly isActive: boolean } | undefined {
    return this.#state.leading?.progressOf(member);
  }

  get isTransferring(): boolean {
    return this.#state.leading?.transferee !== undefined;
  }

  /** A tenth of the election timeout has gone by. */
  tick(): void {
    const state = this.#state;
    state.cause = state.origin;
    state.elapsed++;
    if (state.leading) {
      if (state.elapsed >= state.electionTicks) {
        state.elapsed = 0;
        state.leading.transferee = undefined;
        if (!state.leading.hasQuorum()) {
          state.note('election', `${state.me} hears of no majority and steps down`);
          state.follow(state.term, undefined);
          return;
        }
      }
      state.leading.tick();
    } else if (state.hasWaitedLong && state.isPromotable) {
      state.rest();
      this.#elections.campaign('preCandidate', false);
    }
  }

  /** Returns false when nobody leads, or leadership is on its way to somebody else: the proposal is dropped. */
  propose(proposals: readonly Proposal<Command>[]): boolean {
    this.#state.cause = Math.max(...proposals.map(({ cause }) => cause));
    return this.#take(proposals);
  }

  /** Asks how far one has to have applied to read what is committed now. Returns false when nobody leads. */
  readIndex(request: number, cause: EventId): boolean {
    const state = this.#state;
    state.cause = cause || state.origin;
    if (state.leading) state.leading.readIndex(state.id, request, state.cause);
    else if (state.leader === undefined) return false;
    else state.send(state.leader, { type: 'readIndex', request });
    return true;
  }

  transfer(transferee: MemberId, cause: EventId): void {
    const state = this.#state;
    state.cause = cause || state.origin;
    if (state.leading) this.#transfer(transferee);
    else if (state.leader !== undefined) state.send(state.leader, { type: 'transfer', transferee });
  }

  /** Stands at once, without waiting for the timeout. */
  campaign(): void {
    const state = this.#state;
    state.cause = state.origin;
    if (!state.leading && state.isPromotable) this.#elections.campaign('preCandidate', false);
  }

  step(message: Message<Command, State>): void {
    const state = this.#state;
    state.cause = message.cause || state.origin;
    if (message.term > state.term) {
      if (!this.#takeNewerTerm(message)) return;
    } else if (message.term < state.term) {
      this.#answerOlderTerm(message);
      return;
    }
    switch (message.type) {
      case 'preVote':
      case 'vote':
        this.#elections.answerVote(message);
        break;
      case 'preVoteReply':
      case 'voteReply':
        this.#elections.countVote(message);
        break;
      case 'append':
        if (state.leading) break;
        this.#following.hear(message.from);
        this.#following.append(message);
        break;
      case 'heartbeat':
        if (state.leading) break;
        this.#following.hear(message.from);
        state.commit(message.commit);
        state.send(message.from, {
          type: 'heartbeatReply',
          ...(message.read !== undefined && { read: message.read }),
        });
        break;
      case 'snapshot':
        if (state.leading) break;
        this.#following.hear(message.from);
        this.#following.install(message.snapshot);
        state.send(message.from, { type: 'appendReply', index: state.log.lastIndex });
        break;
      case 'appendReply':
        state.leading?.appendReply(message.from, message.index, message.hint);
        break;
      case 'heartbeatReply':
        state.leading?.heartbeatReply(message.from, message.read);
        break;
      case 'propose':
        this.#take(message.proposals);
        break;
      case 'readIndex':
        state.leading?.readIndex(message.from, message.request, state.cause);
        break;
      case 'readIndexReply':
        state.reads.push({ request: message.request, index: message.index });
        break;
      case 'transfer':
        if (state.leading) this.#transfer(message.transferee);
        break;
      case 'timeoutNow':
        // Pre-votes would lose against the lease of the leader that asks for this.
        if (state.isPromotable) this.#elections.campaign('candidate', true);
    }
  }

  /** A change of membership is applied; `undefined`: it was refused by the one who applies. */
  applyChange(change: MembershipChange): void {
    const state = this.#state;
    state.membership = changed(state.membership, change);
    if (!state.leading) return;
    if (!state.membership.voters.includes(state.id)) {
      state.note('election', `${state.me} is a voter no more and steps down`);
      state.follow(state.term, undefined);
    } else state.leading.membershipChanged();
  }

  get hasReady(): boolean {
    const state = this.#state;
    return (
      state.messages.length > 0 ||
      state.installed !== undefined ||
      state.log.lastIndex > state.log.stable ||
      !isSame(state.hardState, this.#written)
    );
  }

  takeReady(): Ready<Command, State> {
    const state = this.#state;
    const { hardState, messages } = state;
    state.messages = [];
    const snapshot = state.installed;
    state.installed = undefined;
    const { term, vote } = this.#written;
    const entries = state.log.slice(state.log.stable + 1);
    const ready = {
      hardState: isSame(hardState, this.#written) ? undefined : hardState,
      snapshot,
      entries,
      messages,
      mayHurry: state.leading !== undefined,
      mustSync:
        entries.length > 0 || !!snapshot || hardState.term !== term || hardState.vote !== vote,
    };
    this.#written = hardState;
    return ready;
  }

  takeReads(): readonly ReadState[] {
    const state = this.#state;
    const reads = state.reads;
    state.reads = [];
    return reads;
  }

  /** The disk has the entries up to this one. */
  stableTo(index: number, term: number): void {
    const state = this.#state;
    state.log.stableTo(index, term);
    if (state.leading && state.log.termAt(index) === term) {
      state.cause = state.log.at(index)?.cause || state.origin;
      state.leading.appendReply(state.id, index, undefined);
    }
  }

  #take(proposals: readonly Proposal<Command>[]): boolean {
    const state = this.#state;
    if (state.leading) return state.leading.propose(proposals);
    if (state.leader === undefined || state.role !== 'follower') return false;
    state.send(state.leader, { type: 'propose', proposals });
    return true;
  }

  /** Returns whether the message is still to be answered. */
  #takeNewerTerm(message: Message<Command, State>): boolean {
    const state = this.#state;
    const { type, term } = message;
    if (type === 'vote' || type === 'preVote') {
      const isLed = state.leader !== undefined && state.elapsed < state.electionTicks;
      if (isLed && !message.isTransfer) return false;
    }
    if (type === 'preVote' || (type === 'preVoteReply' && message.granted)) return true;
    const isFromLeader = type === 'append' || type === 'heartbeat' || type === 'snapshot';
    const wasLeading = state.leading !== undefined;
    state.follow(term, undefined);
    if (wasLeading) state.note('election', `${state.me} hears of term ${term} and steps down`);
    else if (!isFromLeader) state.note('election', `${state.me} enters term ${term}`);
    return true;
  }

  #answerOlderTerm({ type, from }: Message<Command, State>): void {
    const state = this.#state;
    // Tells a leader of the past, or a member that stands without a chance, which term it is.
    if (type === 'heartbeat' || type === 'append')
      state.send(from, { type: 'appendReply', index: 0 });
    else if (type === 'preVote') state.send(from, { type: 'preVoteReply', granted: false });
  }

  #transfer(transferee: MemberId): void {
    const state = this.#state;
    if (!state.leading || transferee === state.id) return;
    if (!state.membership.voters.includes(transferee)) return;
    if (state.leading.transferee === transferee) return;
    state.elapsed = 0;
    state.note(
      'member',
      `${state.me} hands the leadership over to ${state.options.name(transferee)}`,
    );
    state.leading.startTransfer(transferee);
  }
}

const isSame = (a: HardState, b: HardState): boolean =>
  a.term === b.term && a.vote === b.vote && a.commit === b.commit;
