import { millisecond, type Clock } from '../../../base/time.ts';
import type { EventId } from '../../../trace/event.ts';
import { errors } from '../errors.ts';
import type { MembershipChange } from '../raft/message.ts';
import type { Store } from '../store.ts';
import type { Changes } from './changes.ts';
import type { MemberInfo } from './command.ts';
import type { Question } from './packet.ts';
import { requestTimeoutUs } from './reads.ts';
import type { LeaseTime } from './server.ts';

export interface AnswersPort {
  readonly clock: Clock;
  readonly store: Store;
  readonly changes: Changes;
  readonly leads: () => boolean;
  readonly isRunning: () => boolean;
  /** As soon as all is applied that was committed before. */
  readonly confirm: (cause: EventId) => Promise<void>;
  /** Resolves with the members after it. */
  readonly change: (
    change: MembershipChange,
    member: MemberInfo,
    cause: EventId,
  ) => Promise<readonly MemberInfo[]>;
}

const lookAgainUs = 100 * millisecond;

/** What a leader answers when members ask it. Models etcdserver LeaseRenew, LeaseTimeToLive and configure. */
export class Answers {
  readonly #port: AnswersPort;

  constructor(port: AnswersPort) {
    this.#port = port;
  }

  /** Rejects with EtcdError notLeader where another one has to be asked. */
  async answer(question: Question, cause: EventId): Promise<unknown> {
    const { leads, changes, change, confirm, store } = this.#port;
    if (!leads()) throw errors.notLeader();
    if (question.ask === 'change') {
      changes.check(question.change, question.member);
      return change(question.change, question.member, cause);
    }
    // Until a majority has confirmed that this is the leader, and all before is applied, an end may be on its way.
    await confirm(cause);
    if (question.ask === 'keepAlive') return this.#keepAlive(question.lease);
    return timeOf(store, question.lease);
  }

  async #keepAlive(id: bigint): Promise<number> {
    const { clock, store, leads, isRunning } = this.#port;
    const { leases } = store;
    const lease = leases.get(id);
    if (!lease) return 0;
    if (lease.expiry > clock.now() && leads()) return leases.keepAlive(lease.id);
    // Its end is proposed already.
    const until = clock.now() + requestTimeoutUs;
    while (leases.has(id)) {
      if (!isRunning() || clock.now() > until) throw errors.timeout();
      await clock.sleep(lookAgainUs);
    }
    return 0;
  }
}

export function timeOf({ leases }: Store, id: bigint): LeaseTime {
  const lease = leases.get(id);
  return {
    ttl: leases.remaining(id),
    grantedTtl: lease?.grantedTtl ?? 0,
    keys: [...(lease?.keys ?? [])].sort(),
  };
}
