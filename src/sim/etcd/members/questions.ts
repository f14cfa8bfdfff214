import { millisecond, type Clock, type Micros } from '../../../base/time.ts';
import type { EventId } from '../../../trace/event.ts';
import { errors, type EtcdError } from '../errors.ts';
import type { MemberId } from '../raft/message.ts';
import type { Outcome } from './backend.ts';
import type { Packet, Question } from './packet.ts';
import { requestTimeoutUs } from './reads.ts';
import { etcdErrorOf, Waiters } from './waiters.ts';

export interface QuestionsPort {
  readonly id: MemberId;
  readonly clock: Clock;
  /** Differs from every number that this member has used since it was installed. */
  readonly nextCall: () => number;
  readonly leader: () => MemberId | undefined;
  /** Whether this member is going on. */
  readonly isRunning: () => boolean;
  readonly send: (to: MemberId, packet: Packet) => void;
  /** The answer of this member, should it lead: EtcdError notLeader if not. */
  readonly answer: (question: Question, cause: EventId) => Promise<unknown>;
  readonly timeoutError: (since: Micros) => EtcdError;
  /** The event of this member's start. */
  readonly started: EventId;
}

const retryUs = 50 * millisecond;
/** What is said when nobody led for all the time. Models etcdserver waitLeader and configure. */
const lateError = ({ ask }: Question): EtcdError =>
  ask === 'change' ? errors.deadlineExceeded() : errors.noLeader();

/** How long one member waits for the answer of another. */
const callTimeoutUs = 10_000 * millisecond;

/** What this member asks its leader, and answers while it leads. Models etcdserver LeaseRenew and forwarding of members. */
export class Questions {
  readonly #port: QuestionsPort;
  readonly #calls: Waiters<number>;

  constructor(port: QuestionsPort) {
    this.#port = port;
    this.#calls = new Waiters(port.clock);
  }

  /** Asks the leader, which may be this member; again while there is none. */
  async ask(question: Question): Promise<unknown> {
    const { id, clock, leader, isRunning, answer, started, timeoutError } = this.#port;
    const since = clock.now();
    for (;;) {
      if (!isRunning()) throw errors.stopped();
      const left = since + requestTimeoutUs - clock.now();
      if (left <= 0) throw leader() === undefined ? lateError(question) : timeoutError(since);
      const to = leader();
      if (to === id) return answer(question, started);
      if (to !== undefined) {
        try {
          return await this.#call(to, question, left);
        } catch (error) {
          if (etcdErrorOf(error).message !== errors.notLeader().message) throw error;
        }
      }
      await clock.sleep(retryUs);
    }
  }

  /** Another member asks. */
  asked(from: MemberId, question: Question, call: number, cause: EventId): void {
    const answer = (outcome: Outcome): void => this.#port.send(from, { answer: outcome, call });
    this.#port.answer(question, cause).then(
      (value) => answer({ value }),
      (error: unknown) => answer({ error: etcdErrorOf(error) }),
    );
  }

  answered(call: number, outcome: Outcome): void {
    this.#calls.settle(call, outcome);
  }

  stop(): void {
    this.#calls.settleAll({ error: errors.stopped() });
  }

  #call(to: MemberId, question: Question, timeoutUs: Micros): Promise<unknown> {
    const { clock, nextCall, send, started, timeoutError } = this.#port;
    const call = nextCall();
    const since = clock.now();
    const outcome = this.#calls.wait(call, Math.min(timeoutUs, callTimeoutUs), () =>
      timeoutError(since),
    );
    send(to, { question, call, cause: started });
    return outcome;
  }
}
