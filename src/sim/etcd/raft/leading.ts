import type { EventId } from '../../../trace/event.ts';
import type {
  MemberId,
  Membership,
  MessageBody,
  Proposal,
  ReadState,
  Snapshot,
} from './message.ts';
import { Progress, quorumOf } from './progress.ts';
import type { RaftLog } from './raftLog.ts';

/** What a leader needs of the member that it is. */
export interface LeadingPort<Command, State> {
  readonly id: MemberId;
  readonly term: number;
  readonly log: RaftLog<Command>;
  readonly membership: () => Membership;
  readonly send: (to: MemberId, body: MessageBody<Command, State>) => void;
  /** Everything up to here is with a majority. */
  readonly commit: (index: number) => void;
  readonly snapshot: () => Snapshot<State>;
  /** A read of this member itself may go on. */
  readonly read: (read: ReadState) => void;
}

/** Someone waits for the majority to confirm that this is still the leader. */
interface Waiting {
  readonly key: number;
  readonly from: MemberId;
  readonly request: number;
  readonly index: number;
  readonly acks: Set<MemberId>;
}

/** Entries in one message at most. */
const maxEntries = 128;
/** How long a snapshot may be under way, in ticks. */
const snapshotTicks = 10;

/** What a member does while it leads, for one term. Models go.etcd.io/raft/v3 stepLeader and readOnly. */
export class Leading<Command, State> {
  readonly #port: LeadingPort<Command, State>;
  readonly #progress = new Map<MemberId, Progress>();
  transferee: MemberId | undefined;
  /** Until this is applied, no further change of membership is taken. */
  #pendingChange: number;
  #reads: Waiting[] = [];
  #lastRead = 0;
  /** Reads from before the first commit of this term: the leader does not know yet what is committed. */
  #early: { readonly from: MemberId; readonly request: number; readonly cause: EventId }[] = [];

  constructor(port: LeadingPort<Command, State>) {
    this.#port = port;
    this.#pendingChange = port.log.lastIndex;
    this.#adjust();
  }

  progressOf(member: MemberId): Progress | undefined {
    return this.#progress.get(member);
  }

  /** Whether a majority was heard of since the last time this was asked. */
  hasQuorum(): boolean {
    const membership = this.#port.membership();
    const active = membership.voters.filter(
      (id) => id === this.#port.id || this.#progress.get(id)?.isActive,
    );
    for (const progress of this.#progress.values()) progress.isActive = false;
    return active.length >= quorumOf(membership);
  }

  tick(): void {
    for (const progress of this.#progress.values())
      if (progress.state === 'snapshot' && ++progress.ticksInSnapshot > snapshotTicks)
        progress.giveUpSnapshot();
    this.#beat(this.#reads.at(-1)?.key);
  }

  propose(proposals: readonly Proposal<Command>[]): boolean {
    const { log, term } = this.#port;
    if (this.transferee !== undefined) return false;
    for (const proposal of proposals) {
      const index = log.lastIndex + 1;
      const { cause } = proposal;
      // One step at a time: a change before the last one is applied comes to nothing.
      if (proposal.change && this.#pendingChange > log.applied) log.add({ index, term, cause });
      else {
        if (proposal.change) this.#pendingChange = index;
        log.add({ ...proposal, index, term });
      }
    }
    this.#broadcast();
    return true;
  }

  readIndex(from: MemberId, request: number, cause: EventId): void {
    const { log, term } = this.#port;
    if (quorumOf(this.#port.membership()) === 1) {
      this.#release({ from, request, index: log.committed });
    } else if (log.termAt(log.committed) !== term) {
      this.#early.push({ from, request, cause });
    } else {
      const key = ++this.#lastRead;
      const acks = new Set([this.#port.id]);
      this.#reads.push({ key, from, request, index: log.committed, acks });
      this.#beat(key);
    }
  }

  startTransfer(transferee: MemberId): void {
    this.transferee = transferee;
    this.#transferWhenReady(transferee);
    if (this.#progress.get(transferee)?.match !== this.#port.log.lastIndex)
      this.#sendAppend(transferee, true);
  }

  appendReply(
    from: MemberId,
    index: number,
    hint: { readonly index: number; readonly term: number } | undefined,
  ): void {
    const progress = this.#progress.get(from);
    if (!progress) return;
    progress.isActive = true;
    if (hint) {
      const at = this.#port.log.findConflict(hint.index, hint.term).index;
      if (!progress.refused(index, at)) return;
      if (progress.state === 'replicate') progress.probe();
      this.#sendAppend(from, true);
      return;
    }
    const wasPaused = progress.mustWait;
    const isNews = progress.acknowledged(index);
    if (isNews || (progress.state === 'probe' && progress.match === index)) {
      if (progress.state === 'probe') progress.replicate();
      else if (progress.state === 'snapshot' && progress.match >= progress.snapshotIndex) {
        progress.probe();
        progress.replicate();
      }
      if (!isNews) return;
      if (this.#advance()) this.#broadcast(true);
      else if (wasPaused && from !== this.#port.id) this.#sendAppend(from, true);
      if (from !== this.#port.id) this.#sendAppend(from, false);
      if (this.transferee === from) this.#transferWhenReady(from);
    }
  }

  heartbeatReply(from: MemberId, read: number | undefined): void {
    const progress = this.#progress.get(from);
    if (!progress) return;
    progress.isActive = true;
    progress.isPaused = false;
    progress.freeOne();
    if (progress.match < this.#port.log.lastIndex || progress.state === 'probe')
      this.#sendAppend(from, true);
    if (read === undefined) return;
    const membership = this.#port.membership();
    const waiting = this.#reads.find(({ key }) => key === read);
    if (!waiting || !membership.voters.includes(from)) return;
    waiting.acks.add(from);
    if (waiting.acks.size < quorumOf(membership)) return;
    // Whoever asked before is confirmed as well.
    const confirmed = this.#reads.filter(({ key }) => key <= read);
    this.#reads = this.#reads.filter(({ key }) => key > read);
    for (const it of confirmed) this.#release(it);
  }

  membershipChanged(): void {
    this.#adjust();
    if (this.#advance()) this.#broadcast(true);
    else for (const id of this.#others()) this.#sendAppend(id, false);
    if (this.transferee !== undefined && !this.#port.membership().voters.includes(this.transferee))
      this.transferee = undefined;
  }

  #adjust(): void {
    const { voters, learners } = this.#port.membership();
    const members = [...voters, ...learners];
    for (const id of this.#progress.keys()) if (!members.includes(id)) this.#progress.delete(id);
    for (const id of members) {
      if (this.#progress.has(id)) continue;
      const progress = new Progress(this.#port.log.lastIndex + 1);
      // A new one has time until the quorum is looked at next.
      progress.isActive = true;
      if (id === this.#port.id) {
        progress.match = this.#port.log.stable;
        progress.replicate();
      }
      this.#progress.set(id, progress);
    }
  }

  #others(): MemberId[] {
    return [...this.#progress.keys()].filter((id) => id !== this.#port.id);
  }

  /** Commits what a majority has, if it is of this term; entries of terms before are committed with it. */
  #advance(): boolean {
    const { log, term } = this.#port;
    const membership = this.#port.membership();
    const matches = membership.voters
      .map((id) => this.#progress.get(id)?.match ?? 0)
      .sort((a, b) => b - a);
    const index = matches[quorumOf(membership) - 1] ?? 0;
    if (index <= log.committed || log.termAt(index) !== term) return false;
    this.#port.commit(index);
    const early = this.#early;
    this.#early = [];
    for (const { from, request, cause } of early) this.readIndex(from, request, cause);
    return true;
  }

  #broadcast(evenIfEmpty = false): void {
    for (const id of this.#others()) this.#sendAppend(id, evenIfEmpty);
  }

  #beat(read: number | undefined): void {
    const { log } = this.#port;
    for (const id of this.#others()) {
      const commit = Math.min(this.#progress.get(id)?.match ?? 0, log.committed);
      this.#port.send(id, { type: 'heartbeat', commit, ...(read !== undefined && { read }) });
    }
  }

  #sendAppend(to: MemberId, evenIfEmpty: boolean): void {
    const { log } = this.#port;
    const progress = this.#progress.get(to);
    while (progress && !progress.mustWait) {
      const previousIndex = progress.next - 1;
      const previousTerm = log.termAt(previousIndex);
      if (previousTerm === undefined || previousIndex < log.baseIndex) {
        if (!progress.isActive) return;
        const snapshot = this.#port.snapshot();
        progress.snapshot(snapshot.index);
        this.#port.send(to, { type: 'snapshot', snapshot });
        return;
      }
      const last = Math.min(log.lastIndex, previousIndex + maxEntries);
      const entries = log.slice(progress.next, last);
      if (!entries.length && !evenIfEmpty) return;
      this.#port.send(to, {
        type: 'append',
        previousIndex,
        previousTerm,
        entries,
        commit: log.committed,
      });
      progress.sent(last, entries.length);
      if (progress.state === 'probe' || !entries.length) return;
      evenIfEmpty = false;
    }
  }

  #transferWhenReady(to: MemberId): void {
    if (this.#progress.get(to)?.match === this.#port.log.lastIndex)
      this.#port.send(to, { type: 'timeoutNow' });
  }

  #release({ from, request, index }: Pick<Waiting, 'from' | 'request' | 'index'>): void {
    if (from === this.#port.id) this.#port.read({ request, index });
    else this.#port.send(from, { type: 'readIndexReply', request, index });
  }
}
