import type { Clock, Micros } from '../../../base/time.ts';
import type { EventId } from '../../../trace/event.ts';
import { errors, type EtcdError } from '../errors.ts';
import type { MembershipChange } from '../raft/message.ts';
import type { Raft } from '../raft/raft.ts';
import type { BackendState, Envelope, Outcome } from './backend.ts';
import type { Command } from './command.ts';
import { requestTimeoutUs } from './reads.ts';
import { Waiters } from './waiters.ts';

export interface ProposalsPort {
  readonly clock: Clock;
  readonly raft: Raft<Envelope, BackendState>;
  /** Raft has something to do. */
  readonly process: () => void;
  readonly timeoutError: (since: Micros) => EtcdError;
}

interface Unproposed {
  readonly id: string;
  readonly propose: () => boolean;
}

/**
 * Commands of this member's clients that are on their way through the log. While nobody leads they wait for a leader.
 * Models go.etcd.io/etcd/server/v3/etcdserver processInternalRaftRequestOnce.
 */
export class Proposals {
  readonly #port: ProposalsPort;
  readonly #waiters: Waiters<string>;
  #unproposed: Unproposed[] = [];
  #failed = 0;

  constructor(port: ProposalsPort) {
    this.#port = port;
    this.#waiters = new Waiters(port.clock);
  }

  /** Resolves with what this member's store made of it. */
  propose(
    id: string,
    command: Command,
    cause: EventId,
    change: MembershipChange | undefined,
  ): Promise<unknown> {
    const { clock, raft, timeoutError } = this.#port;
    const since = clock.now();
    const outcome = this.#waiters.wait(id, requestTimeoutUs, () => {
      this.#failed++;
      const isProposed = this.#unproposed.every((other) => other.id !== id);
      if (isProposed) return timeoutError(since);
      this.#unproposed = this.#unproposed.filter((other) => other.id !== id);
      return errors.deadlineExceeded();
    });
    const proposal = { command: { id, command }, cause, ...(change && { change }) };
    const propose = (): boolean => raft.propose([proposal]);
    if (raft.leader === undefined) this.#unproposed.push({ id, propose });
    else if (!propose()) this.#drop(id);
    this.#port.process();
    return outcome;
  }

  settle(id: string, outcome: Outcome): void {
    this.#waiters.settle(id, outcome);
  }

  /** Somebody leads. */
  retry(): void {
    const waiting = this.#unproposed;
    this.#unproposed = [];
    for (const { id, propose } of waiting) if (!propose()) this.#drop(id);
  }

  get pending(): number {
    return this.#waiters.size;
  }

  get failed(): number {
    return this.#failed;
  }

  stop(): void {
    this.#waiters.settleAll({ error: errors.stopped() });
  }

  #drop(id: string): void {
    this.#failed++;
    this.settle(id, { error: errors.proposalDropped() });
  }
}
