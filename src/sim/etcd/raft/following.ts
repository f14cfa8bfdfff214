import type { MemberId, Message, Snapshot } from './message.ts';
import type { RaftState } from './raftState.ts';

/** What a member does with what its leader says. Models go.etcd.io/raft/v3 handleAppendEntries, handleSnapshot. */
export class Following<Command, State> {
  readonly #state: RaftState<Command, State>;

  constructor(state: RaftState<Command, State>) {
    this.#state = state;
  }

  /** Whoever leads this term has spoken. */
  hear(leader: MemberId): void {
    const state = this.#state;
    if (state.leader !== leader) {
      state.follow(state.term, leader);
      state.note(
        'election',
        `${state.me} follows ${state.options.name(leader)} in term ${state.term}`,
      );
    }
    state.role = 'follower';
    state.elapsed = 0;
  }

  append({
    from,
    previousIndex,
    previousTerm,
    entries,
    commit,
  }: Message<Command, State> & { readonly type: 'append' }): void {
    const state = this.#state;
    const { log } = state;
    if (previousIndex < log.committed) {
      state.send(from, { type: 'appendReply', index: log.committed });
      return;
    }
    if (log.termAt(previousIndex) !== previousTerm) {
      const hint = log.findConflict(previousIndex, previousTerm);
      state.send(from, { type: 'appendReply', index: previousIndex, hint });
      return;
    }
    log.merge(entries);
    const index = previousIndex + entries.length;
    state.commit(Math.min(commit, index));
    state.send(from, { type: 'appendReply', index });
  }

  install(snapshot: Snapshot<State>): void {
    const state = this.#state;
    const { log } = state;
    if (snapshot.index <= log.committed) return;
    if (log.termAt(snapshot.index) === snapshot.term) {
      // All of it is there already; only the news of the commit was missing.
      state.commit(snapshot.index);
      return;
    }
    state.note(
      'snapshot',
      `${state.me} takes a snapshot of entry ${snapshot.index} in place of its log`,
    );
    log.restore(snapshot.index, snapshot.term);
    state.membership = snapshot.membership;
    state.installed = snapshot;
  }
}
