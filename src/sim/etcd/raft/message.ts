import type { EventId } from '../../../trace/event.ts';

/** As etcd numbers its members: 64 bits without a sign. */
export type MemberId = bigint;

/** One member more, one less, or a learner that becomes a voter: never more than one step at a time. */
export interface MembershipChange {
  readonly change: 'addVoter' | 'addLearner' | 'remove';
  readonly member: MemberId;
}

/** Who votes, and who only learns. */
export interface Membership {
  readonly voters: readonly MemberId[];
  readonly learners: readonly MemberId[];
}

/** A place in the log. `command` and `change` are both absent in the entry with which a leader begins its term. */
export interface Entry<Command> {
  readonly index: number;
  readonly term: number;
  readonly command?: Command;
  readonly change?: MembershipChange;
  /** The event of the proposal; 0 without a trace. */
  readonly cause: EventId;
}

export type Proposal<Command> = Pick<Entry<Command>, 'command' | 'change' | 'cause'>;

/** What takes the place of the log up to and with `index`. */
export interface Snapshot<State> {
  readonly index: number;
  readonly term: number;
  readonly membership: Membership;
  readonly state: State;
}

interface Header {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly term: number;
  /** The event of its sending: what the receiver does follows from it. 0 without a trace. */
  readonly cause: EventId;
}

/** What members say to one another. Models go.etcd.io/raft/v3 raftpb Message. */
export type MessageBody<Command, State> =
  | {
      /** In the pre-vote nobody's term changes: would you vote for me if I stood? */
      readonly type: 'preVote' | 'vote';
      readonly lastIndex: number;
      readonly lastTerm: number;
      /** The leader itself asked for this election, so its lease does not stand against it. */
      readonly isTransfer: boolean;
    }
  | { readonly type: 'preVoteReply' | 'voteReply'; readonly granted: boolean }
  | {
      readonly type: 'append';
      readonly previousIndex: number;
      readonly previousTerm: number;
      readonly entries: readonly Entry<Command>[];
      readonly commit: number;
    }
  | {
      readonly type: 'appendReply';
      /** Up to here the logs agree; for a refusal, the index that did not fit. */
      readonly index: number;
      /** Where the logs may agree at best. */
      readonly hint?: { readonly index: number; readonly term: number };
    }
  | { readonly type: 'heartbeat'; readonly commit: number; readonly read?: number }
  | { readonly type: 'heartbeatReply'; readonly read?: number }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot<State> }
  | { readonly type: 'readIndex'; readonly request: number }
  | { readonly type: 'readIndexReply'; readonly request: number; readonly index: number }
  | { readonly type: 'propose'; readonly proposals: readonly Proposal<Command>[] }
  | { readonly type: 'transfer'; readonly transferee: MemberId }
  | { readonly type: 'timeoutNow' };

export type Message<Command, State> = Header & MessageBody<Command, State>;

/** What must be on disk before its consequences leave the member. */
export interface HardState {
  readonly term: number;
  readonly vote: MemberId | undefined;
  readonly commit: number;
}

/** What a member is told by its disk when it starts. */
export interface Stored<Command> {
  readonly hardState: HardState;
  /** The place that the entries follow on. */
  readonly base: { readonly index: number; readonly term: number };
  readonly entries: readonly Entry<Command>[];
}

/** A read may be answered when everything up to `index` is applied. */
export interface ReadState {
  readonly request: number;
  readonly index: number;
}
