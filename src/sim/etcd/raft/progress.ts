import type { Membership, MembershipChange, MemberId } from './message.ts';

/** Entries in flight to one follower, at most as many messages. etcd's maxInflightMsgs is 512; its links are longer. */
const maxInFlight = 64;

/**
 * How far a follower is, as its leader knows it. While it probes, one message is under way; when the logs are known to
 * agree, it sends on without waiting. Models go.etcd.io/raft/v3/tracker Progress.
 */
export class Progress {
  match = 0;
  next: number;
  state: 'probe' | 'replicate' | 'snapshot' = 'probe';
  /** The snapshot that is under way to it. */
  snapshotIndex = 0;
  ticksInSnapshot = 0;
  /** Whether it was heard of since the last check of the quorum. */
  isActive = false;
  /** While probing: a message is under way. */
  isPaused = false;
  /** The last index of each append that is under way. */
  #inFlight: number[] = [];

  constructor(next: number) {
    this.next = next;
  }

  get mustWait(): boolean {
    if (this.state === 'snapshot') return true;
    return this.state === 'probe' ? this.isPaused : this.#inFlight.length >= maxInFlight;
  }

  probe(): void {
    this.next =
      this.state === 'snapshot' ? Math.max(this.match + 1, this.snapshotIndex + 1) : this.match + 1;
    this.#enter('probe');
  }

  replicate(): void {
    this.next = this.match + 1;
    this.#enter('replicate');
  }

  /** The snapshot was not acknowledged in time: begins again. */
  giveUpSnapshot(): void {
    this.snapshotIndex = 0;
    this.probe();
  }

  snapshot(index: number): void {
    this.#enter('snapshot');
    this.snapshotIndex = index;
    this.next = index + 1;
  }

  sent(lastIndex: number, count: number): void {
    if (this.state === 'probe') this.isPaused = true;
    else if (count) {
      this.next = lastIndex + 1;
      this.#inFlight.push(lastIndex);
    }
  }

  /** Heard back from it: what was under way before may have been lost. */
  freeOne(): void {
    if (this.#inFlight.length >= maxInFlight) this.#inFlight.shift();
  }

  /** Returns whether the answer tells something new. */
  acknowledged(index: number): boolean {
    this.#inFlight = this.#inFlight.filter((last) => last > index);
    this.next = Math.max(this.next, index + 1);
    if (index <= this.match) return false;
    this.match = index;
    this.isPaused = false;
    return true;
  }

  /** It refused `rejected`; the logs agree at `hint` at best. Returns false for an answer that came too late. */
  refused(rejected: number, hint: number): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.match) return false;
      this.next = this.match + 1;
      return true;
    }
    if (this.next - 1 !== rejected) return false;
    this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);
    this.isPaused = false;
    return true;
  }

  #enter(state: Progress['state']): void {
    this.state = state;
    this.isPaused = false;
    this.snapshotIndex = 0;
    this.ticksInSnapshot = 0;
    this.#inFlight = [];
  }
}

export const quorumOf = ({ voters }: Membership): number => Math.floor(voters.length / 2) + 1;

/** The membership after a step. */
export function changed(
  { voters, learners }: Membership,
  { change, member }: MembershipChange,
): Membership {
  const without = (ids: readonly MemberId[]) => ids.filter((id) => id !== member);
  switch (change) {
    case 'addVoter':
      return {
        voters: voters.includes(member) ? voters : [...voters, member],
        learners: without(learners),
      };
    case 'addLearner':
      return voters.includes(member) || learners.includes(member)
        ? { voters, learners }
        : { voters, learners: [...learners, member] };
    case 'remove':
      return { voters: without(voters), learners: without(learners) };
  }
}
