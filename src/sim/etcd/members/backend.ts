import { assert } from '../../../base/assert.ts';
import type { EventId } from '../../../trace/event.ts';
import type { AuthContents, AuthStore } from '../auth/authStore.ts';
import { EtcdError, errors } from '../errors.ts';
import type { Entry, MemberId, Membership, MembershipChange, Snapshot } from '../raft/message.ts';
import type { Store } from '../store.ts';
import { perform, type Command, type MemberInfo } from './command.ts';

/** A command as it stands in the log: who waits for it, under which name. */
export interface Envelope {
  readonly id: string;
  readonly command: Command;
}

/** What a snapshot holds: a store that nobody changes any more, users and roles, and the members. */
export interface BackendState {
  readonly store: Store;
  readonly auth: AuthContents;
  readonly members: readonly MemberInfo[];
  readonly removed: readonly MemberId[];
}

type BackendParts = Omit<BackendState, 'auth'> & { readonly auth: AuthStore };

/** How far a member is in the log. */
export interface Place {
  readonly index: number;
  readonly term: number;
}

export type Outcome = { readonly value: unknown } | { readonly error: EtcdError };

/**
 * What one member made of the log so far. It lives on disk, so it outlives a crash of its member, together with the number
 * of the last entry that went into it. Models go.etcd.io/etcd/server/v3/etcdserver/apply and its consistent index.
 */
export class Backend {
  readonly store: Store;
  readonly auth: AuthStore;
  readonly #members = new Map<MemberId, MemberInfo>();
  readonly #removed = new Set<MemberId>();
  #index = 0;
  #term = 0;

  constructor({ store, auth, members, removed }: BackendParts, { index, term }: Place) {
    this.store = store;
    this.auth = auth;
    this.#index = index;
    this.#term = term;
    for (const member of members) this.#members.set(member.id, member);
    for (const id of removed) this.#removed.add(id);
  }

  /** @param members of a new cluster; none for a member that joins one */
  static begin(store: Store, auth: AuthStore, members: readonly MemberInfo[]): Backend {
    // A new cluster begins with an entry for each of its members, of term 1.
    const place = { index: members.length, term: members.length ? 1 : 0 };
    return new Backend({ store, auth, members, removed: [] }, place);
  }

  get index(): number {
    return this.#index;
  }

  get members(): readonly MemberInfo[] {
    return [...this.#members.values()];
  }

  get term(): number {
    return this.#term;
  }

  get membership(): Membership {
    const ids = (isLearner: boolean) =>
      this.members.filter((member) => member.isLearner === isLearner).map(({ id }) => id);
    return { voters: ids(false), learners: ids(true) };
  }

  get removed(): readonly MemberId[] {
    return [...this.#removed];
  }

  isRemoved(member: MemberId): boolean {
    return this.#removed.has(member);
  }

  /** A change of membership that is refused has an error, and must not reach Raft. */
  apply(entry: Entry<Envelope>, cause: EventId | undefined): Outcome {
    assert(entry.index === this.#index + 1, 'entries are applied one after another');
    this.#index = entry.index;
    this.#term = entry.term;
    const { command } = entry.command ?? {};
    if (!command) return { value: undefined };
    try {
      if (command.do !== 'member') return { value: perform(command, this, cause) };
      this.auth.checkRevision(command.authRevision);
      this.#applyMember(command.member, entry.change);
      return { value: this.members };
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      return { error };
    }
  }

  snapshot(): Snapshot<BackendState> {
    const state = {
      store: this.store.fork(),
      auth: this.auth.contents(),
      members: this.members,
      removed: this.removed,
    };
    return { index: this.#index, term: this.#term, membership: this.membership, state };
  }

  restore({ index, term, state }: Snapshot<BackendState>): void {
    if (index <= this.#index) return;
    this.#index = index;
    this.#term = term;
    this.store.restore(state.store);
    this.auth.restore(state.auth);
    this.#members.clear();
    for (const member of state.members) this.#members.set(member.id, member);
    for (const id of state.removed) this.#removed.add(id);
  }

  // Models etcdserver/api/membership ValidateConfigurationChange.
  #applyMember(member: MemberInfo, change: MembershipChange | undefined): void {
    const known = this.#members.get(member.id);
    const isTaken = member.peerUrls.some((url) =>
      this.members.some((other) => other.id !== member.id && other.peerUrls.includes(url)),
    );
    switch (change?.change) {
      case undefined:
        if (!known) throw errors.memberNotFound();
        if (isTaken) throw errors.peerUrlExists();
        this.#members.set(member.id, { ...member, isLearner: known.isLearner });
        break;
      case 'remove':
        if (!known) throw errors.memberNotFound();
        this.#members.delete(member.id);
        this.#removed.add(member.id);
        break;
      case 'addVoter':
        if (known && !known.isLearner && known.name === member.name)
          throw errors.memberNotLearner();
        if (isTaken) throw errors.peerUrlExists();
        this.#members.set(member.id, { ...(known ?? member), isLearner: false });
        break;
      case 'addLearner':
        if (known) throw errors.memberExists();
        if (isTaken) throw errors.peerUrlExists();
        if (this.members.some(({ isLearner }) => isLearner)) throw errors.tooManyLearners();
        this.#members.set(member.id, { ...member, isLearner: true });
    }
  }
}
