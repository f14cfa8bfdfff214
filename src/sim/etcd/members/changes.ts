import { errors } from '../errors.ts';
import type { MemberId, MembershipChange } from '../raft/message.ts';
import type { Raft } from '../raft/raft.ts';
import type { Backend, BackendState, Envelope } from './backend.ts';
import type { MemberInfo } from './command.ts';

/** A learner that has this share of its leader's log may vote. */
const readyShare = 0.9;

/**
 * Refuses changes of membership that would cost a cluster its quorum, as its leader sees it.
 * Models etcdserver mayAddMember, mayRemoveMember, isLearnerReady and membership IsReadyToAddVotingMember.
 */
export class Changes {
  readonly #raft: Raft<Envelope, BackendState>;
  readonly #backend: Backend;

  constructor(raft: Raft<Envelope, BackendState>, backend: Backend) {
    this.#raft = raft;
    this.#backend = backend;
  }

  check(change: MembershipChange, member: MemberInfo): void {
    const known = this.#backend.members.find(({ id }) => id === change.member);
    if (change.change === 'remove') this.#checkRemove(known);
    else if (known?.isLearner) this.#checkPromote(known);
    else if (known && !member.peerUrls.length) throw errors.memberNotLearner();
    else this.#checkAdd(change);
  }

  #checkAdd({ change }: MembershipChange): void {
    if (change === 'addVoter' && !this.#isReadyToAdd()) throw errors.notEnoughStarted();
    if (this.#connected().length < this.#voters().length) throw errors.unhealthy();
  }

  #isReadyToAdd(): boolean {
    const voters = this.#voters();
    const started = voters.filter(({ name }) => name).length;
    // The only member may always get a second one.
    if (started === 1 && voters.length === 1) return true;
    return started >= Math.floor((voters.length + 1) / 2) + 1;
  }

  #checkPromote({ id }: MemberInfo): void {
    const progress = this.#raft.progressOf(id);
    if (!progress || progress.match < this.#raft.log.lastIndex * readyShare)
      throw errors.learnerNotReady();
    if (!this.#isReadyToAdd()) throw errors.notEnoughStarted();
  }

  #checkRemove(member: MemberInfo | undefined): void {
    if (!member) throw errors.memberNotFound();
    if (member.isLearner) return;
    const left = this.#voters().filter(({ id }) => id !== member.id);
    const quorum = Math.floor(left.length / 2) + 1;
    if (left.filter(({ name }) => name).length < quorum || !left.length)
      throw errors.notEnoughStarted();
    const connected = this.#connected();
    // One that is down is no part of the quorum that works.
    if (!connected.some(({ id }) => id === member.id)) return;
    if (connected.length - 1 < quorum) throw errors.unhealthy();
  }

  #voters(): MemberInfo[] {
    return this.#backend.members.filter(({ isLearner }) => !isLearner);
  }

  #connected(): MemberInfo[] {
    const isActive = (id: MemberId) =>
      id === this.#raft.id || this.#raft.progressOf(id)?.isActive === true;
    return this.#voters().filter(({ id }) => isActive(id));
  }
}
