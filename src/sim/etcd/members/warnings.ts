import {
  formatMicroTime,
  millisecond,
  second,
  type Clock,
  type Micros,
} from '../../../base/time.ts';
import type { CauseId } from '../../../trace/event.ts';
import type { EtcdSlowEvent } from '../../../trace/event.ts';
import type { TraceSink } from '../../../trace/sink.ts';
import { EtcdError } from '../errors.ts';
import type { OpResponse, RangeRequest, RangeResponse, TxnRequest, TxnResponse } from '../kv.ts';
import type { Lease } from '../lessor.ts';
import type { MemberId } from '../raft/message.ts';
import type { Outcome } from './backend.ts';
import { wordsOf, type Command } from './command.ts';
import { textOfCommand, textOfRange, textOfTxn } from './requestText.ts';
import { sizeOf, sizeOfCompaction, sizeOfGrant, sizeOfRange, sizeOfTxn } from './responseSize.ts';

/** Hears a line of a member's log, JSON as etcd's. */
export type EtcdLog = (line: string, member: string) => void;

/** etcd's --warning-apply-duration, and what its log may take to sync. */
const expectedApply: Micros = 100 * millisecond;
const expectedSync: Micros = second;
const heartbeat: Micros = 100 * millisecond;

interface WarningsOptions {
  readonly id: MemberId;
  readonly name: string;
  readonly clock: Clock;
  readonly trace: TraceSink | undefined;
  readonly log: EtcdLog | undefined;
}

/**
 * Says what takes a member longer than it should, in etcd's log and in the trace.
 * Models go.etcd.io/etcd/server/v3/etcdserver/txn WarnOfExpensiveRequest, storage/wal sync and etcdserver processMessages.
 */
export class Warnings {
  readonly #options: WarningsOptions;
  readonly #heartbeats = new Map<MemberId, Micros>();
  #lastId = 0n;
  #slowApplies = 0;
  #lateHeartbeats = 0;

  constructor(options: WarningsOptions) {
    this.#options = options;
  }

  get slowApplies(): number {
    return this.#slowApplies;
  }

  get lateHeartbeats(): number {
    return this.#lateHeartbeats;
  }

  /** A command was applied. @param since when it could have been */
  applied(since: Micros, command: Command, outcome: Outcome, cause: CauseId | undefined): void {
    const took = this.#tookTooLong(since);
    if (took === undefined) return;
    this.#slowApply(took, '', textOfCommand(command, this.#nextId()), {
      response: 'error' in outcome ? '' : `size:${sizeOfValue(command, outcome.value)}`,
      ...('error' in outcome && { error: outcome.error.message }),
    });
    this.#tell('apply', took, expectedApply, cause, `to ${wordsOf(command)}`);
  }

  /** A range was read. @param since when it was asked for */
  read(
    since: Micros,
    request: RangeRequest,
    isSerializable: boolean,
    outcome: RangeResponse | EtcdError,
  ): void {
    const took = this.#tookTooLong(since);
    if (took === undefined) return;
    this.#slowApply(took, 'read-only range ', textOfRange(request, isSerializable), {
      ...(outcome instanceof EtcdError
        ? { response: '', error: outcome.message }
        : { response: `range_response_count:${outcome.kvs.length} size:${sizeOfRange(outcome)}` }),
    });
  }

  /** The same of a transaction that only reads. */
  readTxn(since: Micros, request: TxnRequest, outcome: TxnResponse | EtcdError): void {
    const took = this.#tookTooLong(since);
    if (took === undefined) return;
    this.#slowApply(took, 'read-only txn ', textOfTxn(request), {
      ...(outcome instanceof EtcdError
        ? { response: '', error: outcome.message }
        : { response: `responses:<${countsOf(outcome)}> size:${sizeOfTxn(outcome)}` }),
    });
  }

  /** A sync of the log ended. */
  synced(took: Micros, cause: CauseId | undefined): void {
    if (took <= expectedSync) return;
    this.#warn('wal/wal.go:845', 'slow fdatasync', {
      took: goDuration(took),
      'expected-duration': goDuration(expectedSync),
    });
    this.#tell('sync', took, expectedSync, cause, 'to sync its log');
  }

  /** A heartbeat is sent. */
  heartbeat(to: MemberId, cause: CauseId | undefined): void {
    const now = this.#options.clock.now();
    const last = this.#heartbeats.get(to);
    this.#heartbeats.set(to, now);
    const expected = 2 * heartbeat;
    if (last === undefined || now - last <= expected) return;
    this.#lateHeartbeats++;
    this.#warn(
      'etcdserver/raft.go:387',
      'leader failed to send out heartbeat on time; took too long, leader is overloaded likely from slow disk',
      {
        to: to.toString(16),
        'heartbeat-interval': goDuration(heartbeat),
        'expected-duration': goDuration(expected),
        'exceeded-duration': goDuration(now - last - expected),
      },
    );
    this.#tell('heartbeat', now - last, expected, cause, 'to send a heartbeat');
  }

  /** Its process ends, for it is no member any more. */
  removed(): void {
    this.#warn('etcdserver/server.go:860', 'server error', {
      error: 'the member has been permanently removed from the cluster',
    });
    this.#warn('etcdserver/server.go:861', 'data-dir used by this member must be removed', {});
  }

  /** It leads no more, or begins to. */
  resetHeartbeats(): void {
    this.#heartbeats.clear();
  }

  #tookTooLong(since: Micros): Micros | undefined {
    const took = this.#options.clock.now() - since;
    return took > expectedApply ? took : undefined;
  }

  #slowApply(
    took: Micros,
    prefix: string,
    request: string,
    outcome: { readonly response: string; readonly error?: string },
  ): void {
    this.#slowApplies++;
    this.#warn('txn/util.go:93', 'apply request took too long', {
      took: goDuration(took),
      'expected-duration': goDuration(expectedApply),
      prefix,
      request,
      ...outcome,
    });
  }

  #warn(caller: string, msg: string, fields: Readonly<Record<string, string>>): void {
    const { log, clock, name } = this.#options;
    if (!log) return;
    const ts = formatMicroTime(clock.now());
    log(JSON.stringify({ level: 'warn', ts, caller, msg, ...fields }), name);
  }

  /** Whose cause nobody knows is in the log only. */
  #tell(
    what: EtcdSlowEvent['what'],
    took: Micros,
    expected: Micros,
    cause: CauseId | undefined,
    toDo: string,
  ): void {
    const { trace, name } = this.#options;
    if (!cause) return;
    trace?.emit(`etcd/${name}`, cause, {
      type: 'etcd.slow',
      what,
      took,
      summary: `etcd took ${goDuration(took)} instead of ${goDuration(expected)} at most ${toDo}`,
    });
  }

  /** Models go.etcd.io/etcd/pkg/v3/idutil Generator. */
  #nextId(): bigint {
    const { id, clock } = this.#options;
    const milliseconds = BigInt(Math.floor(clock.now() / millisecond));
    const fresh = ((id & 0xffffn) << 48n) | ((milliseconds & 0xff_ffff_ffffn) << 8n);
    this.#lastId = fresh > this.#lastId ? fresh : this.#lastId + 1n;
    return this.#lastId;
  }
}

const countsOf = ({ responses }: TxnResponse): string =>
  responses
    .flatMap((it) => (it.op === 'range' ? `range_response_count:${it.kvs.length}` : []))
    .join(' ');

function sizeOfValue(command: Command, value: unknown): number {
  if (command.do === 'txn') return sizeOfTxn(value as TxnResponse);
  if (command.do === 'put' || command.do === 'delete') return sizeOf(value as OpResponse);
  if (command.do === 'compact') return sizeOfCompaction(command.revision);
  if (command.do === 'grant') return sizeOfGrant(value as Lease);
  return 0;
}

const minuteUs = 60 * second;

/** As Go prints durations: 512µs, 1.5ms, 2.000001s, 1m3.5s. */
export function goDuration(us: Micros): string {
  if (us < millisecond) return us === 0 ? '0s' : `${us}µs`;
  if (us < second) return `${us / millisecond}ms`;
  const minutes = Math.floor(us / minuteUs);
  return `${minutes ? `${minutes}m` : ''}${(us % minuteUs) / second}s`;
}
