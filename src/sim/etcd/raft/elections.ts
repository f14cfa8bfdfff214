import { Leading } from './leading.ts';
import type { MemberId, Message } from './message.ts';
import { quorumOf } from './progress.ts';
import type { RaftState } from './raftState.ts';

/** How a member stands for election, and votes for others. Models go.etcd.io/raft/v3 campaign, stepCandidate and poll. */
export class Elections<Command, State> {
  readonly #state: RaftState<Command, State>;
  readonly #votes = new Map<MemberId, boolean>();

  constructor(state: RaftState<Command, State>) {
    this.#state = state;
  }

  campaign(role: 'preCandidate' | 'candidate', isTransfer: boolean): void {
    const state = this.#state;
    if (this.#hasUnappliedChange()) return;
    state.role = role;
    state.leader = undefined;
    this.#votes.clear();
    const isPre = role === 'preCandidate';
    if (!isPre) {
      state.term++;
      state.vote = state.id;
      state.rest();
    }
    const term = isPre ? state.term + 1 : state.term;
    state.note(
      'election',
      isPre
        ? `${state.me} hears of no leader and asks who would vote for it in term ${term}`
        : `${state.me} stands for term ${term}`,
    );
    this.#votes.set(state.id, true);
    if (this.#tally()) return;
    for (const member of state.membership.voters) {
      if (member === state.id) continue;
      const { lastIndex, lastTerm } = state.log;
      const type = isPre ? ('preVote' as const) : ('vote' as const);
      state.send(member, { type, lastIndex, lastTerm, isTransfer }, term);
    }
  }

  answerVote(message: Message<Command, State> & { readonly type: 'preVote' | 'vote' }): void {
    const state = this.#state;
    const { from, type, lastIndex, lastTerm, term } = message;
    const isFree =
      state.vote === from ||
      (state.vote === undefined && state.leader === undefined) ||
      (type === 'preVote' && term > state.term);
    const granted = isFree && state.log.isUpToDate(lastIndex, lastTerm);
    const reply = type === 'vote' ? ('voteReply' as const) : ('preVoteReply' as const);
    // Who grants answers in the candidate's term; who refuses tells its own.
    state.send(from, { type: reply, granted }, granted ? term : state.term);
    if (granted && type === 'vote') {
      state.elapsed = 0;
      state.vote = from;
    }
  }

  countVote({
    from,
    type,
    granted,
  }: Message<Command, State> & { readonly type: 'preVoteReply' | 'voteReply' }): void {
    const state = this.#state;
    const mine = state.role === 'preCandidate' ? 'preVoteReply' : 'voteReply';
    if (type !== mine || (state.role !== 'preCandidate' && state.role !== 'candidate')) return;
    if (!this.#votes.has(from)) this.#votes.set(from, granted);
    this.#tally();
  }

  #hasUnappliedChange(): boolean {
    const { log } = this.#state;
    return (
      log.committed > log.applied &&
      log.slice(log.applied + 1, log.committed).some(({ change }) => change)
    );
  }

  /** Returns whether the election is over. */
  #tally(): boolean {
    const state = this.#state;
    const { voters } = state.membership;
    const quorum = quorumOf(state.membership);
    const count = (vote: boolean) => voters.filter((id) => this.#votes.get(id) === vote).length;
    if (count(true) >= quorum) {
      if (state.role === 'preCandidate') this.campaign('candidate', false);
      else this.#lead();
      return true;
    }
    if (voters.length - count(false) >= quorum) return false;
    state.note('election', `${state.me} does not get a majority in term ${state.term}`);
    state.follow(state.term, undefined);
    return true;
  }

  #lead(): void {
    const state = this.#state;
    state.role = 'leader';
    state.leader = state.id;
    state.elapsed = 0;
    state.note('election', `${state.me} has the votes of a majority and leads term ${state.term}`);
    state.leading = new Leading<Command, State>({
      id: state.id,
      term: state.term,
      log: state.log,
      membership: () => state.membership,
      send: (to, body) => state.send(to, body),
      commit: (index) => state.commit(index),
      snapshot: state.options.snapshot,
      read: (read) => state.reads.push(read),
    });
    state.leading.propose([{ cause: state.cause }]);
  }
}
