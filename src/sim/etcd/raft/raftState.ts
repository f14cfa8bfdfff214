import type { Random } from '../../../base/random.ts';
import type { EventId, RaftEvent } from '../../../trace/event.ts';
import type { Leading } from './leading.ts';
import type {
  HardState,
  MemberId,
  Membership,
  Message,
  MessageBody,
  ReadState,
  Snapshot,
  Stored,
} from './message.ts';
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

/**
 * What a member knows in this moment, whatever its role is, and how it speaks. The roles are Elections, Following and
 * Leading; Raft has them take turns.
 */
export class RaftState<Command, State> {
  readonly options: RaftOptions<Command, State>;
  readonly log: RaftLog<Command>;
  /** How many ticks without a leader make an election. */
  readonly electionTicks: number;
  membership: Membership;
  role: Role = 'follower';
  term: number;
  vote: MemberId | undefined;
  leader: MemberId | undefined;
  /** Set while this member leads. */
  leading: Leading<Command, State> | undefined;
  /** Ticks since this member began to wait. */
  elapsed = 0;
  /** Why what is done now is done. */
  cause: EventId;
  /** The last event that changed its role: why it waits, and why it beats. */
  origin: EventId;
  /** A snapshot that took the place of the log and is not on disk yet. */
  installed: Snapshot<State> | undefined;
  messages: Message<Command, State>[] = [];
  reads: ReadState[] = [];
  #timeout = 0;

  constructor(options: RaftOptions<Command, State>) {
    this.options = options;
    this.electionTicks = options.electionTicks ?? 10;
    this.cause = this.origin = options.started;
    const { stored } = options;
    this.membership = options.membership;
    this.log = new RaftLog<Command>(
      stored.base,
      stored.entries,
      Math.max(stored.hardState.commit, options.applied),
    );
    this.log.applied = options.applied;
    this.term = stored.hardState.term;
    this.vote = stored.hardState.vote;
    this.rest();
  }

  get id(): MemberId {
    return this.options.id;
  }

  /** What this member is called. */
  get me(): string {
    return this.options.name(this.id);
  }

  get hardState(): HardState {
    return { term: this.term, vote: this.vote, commit: this.log.committed };
  }

  get hasWaitedLong(): boolean {
    return this.elapsed >= this.#timeout;
  }

  get isPromotable(): boolean {
    return this.membership.voters.includes(this.id) && !this.installed;
  }

  /** Begins to wait anew. */
  rest(): void {
    this.elapsed = 0;
    this.#timeout = this.electionTicks + this.options.random.below(this.electionTicks);
  }

  note(kind: RaftEvent['kind'], summary: string): void {
    this.cause = this.options.note(kind, this.cause, summary);
    if (kind === 'election') this.origin = this.cause;
  }

  send(to: MemberId, body: MessageBody<Command, State>, term: number = this.term): void {
    this.messages.push({ ...body, from: this.id, to, term, cause: this.cause });
  }

  follow(term: number, leader: MemberId | undefined): void {
    if (term > this.term) {
      this.term = term;
      this.vote = undefined;
    }
    this.role = 'follower';
    this.leader = leader;
    this.leading = undefined;
    this.rest();
  }

  commit(index: number): void {
    if (!this.log.commitTo(Math.min(index, this.log.lastIndex))) return;
    this.note(
      'commit',
      `${this.me} knows that everything up to entry ${this.log.committed} is committed`,
    );
  }
}
