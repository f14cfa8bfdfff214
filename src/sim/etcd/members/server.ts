import type { IDisposable } from '../../../base/disposable.ts';
import type { CauseId } from '../../../trace/event.ts';
import type { Key, RangeRequest, RangeResponse, TxnRequest, TxnResponse } from '../kv.ts';
import type { MemberId, MembershipChange } from '../raft/message.ts';
import type { Role } from '../raft/raftState.ts';
import type { Store } from '../store.ts';
import type { DiskTimes } from './diskTimes.ts';
import type { Warnings } from './warnings.ts';
import type { Command, MemberInfo, ResultOf } from './command.ts';

export interface ServerStatus {
  readonly role: Role;
  readonly term: number;
  /** 0n: nobody leads, as far as this member knows. */
  readonly leader: MemberId;
  readonly isLearner: boolean;
  /** The last entry of the log, the last committed one, and the last one that the store has. */
  readonly index: number;
  readonly committed: number;
  readonly applied: number;
}

/** Since this member started. */
export interface ServerCounts {
  readonly leaderChanges: number;
  /** Commands that are on their way, and those that failed on it. */
  readonly pending: number;
  readonly failed: number;
}

export interface LeaseTime {
  /** Seconds; -1 when there is no such lease. */
  readonly ttl: number;
  readonly grantedTtl: number;
  readonly keys: readonly Key[];
}

/**
 * What a door of etcd stands before. A member that is alone answers at once; one of several must agree with the others,
 * and rejects with EtcdError when that takes too long.
 */
export interface EtcdServer {
  readonly id: MemberId;
  readonly name: string;
  /** What this member has applied: without `confirm`, others may be ahead. */
  readonly store: Store;
  readonly members: readonly MemberInfo[];
  readonly status: ServerStatus;
  readonly hasLeader: boolean;
  readonly counts: ServerCounts;
  /** Undefined where there is no time that it could take. */
  readonly disk: DiskTimes | undefined;
  readonly warnings: Warnings | undefined;
  propose<C extends Command>(
    command: C,
    cause: CauseId | undefined,
  ): ResultOf<C> | Promise<ResultOf<C>>;
  /** What is read afterwards has all that was acknowledged before; undefined: now already. */
  confirm(cause?: CauseId): Promise<void> | undefined;
  /** Reads what `confirm` promises; serializable: what this member has. */
  read(request: RangeRequest, isSerializable: boolean): RangeResponse | Promise<RangeResponse>;
  /** The same for a transaction that only reads. */
  readTxn(request: TxnRequest): TxnResponse | Promise<TxnResponse>;
  /** Seconds to live; 0 when there is no such lease. */
  keepAlive(lease: bigint): number | Promise<number>;
  /** As the leader has it: the others do not hear of renewals. */
  timeToLive(lease: bigint): LeaseTime | Promise<LeaseTime>;
  moveLeader(to: MemberId, cause: CauseId | undefined): Promise<void> | undefined;
  /** Calls back when this member has been without a leader for so long that watchers should go elsewhere, or stops. */
  onLost(callback: () => void): IDisposable;
  /** Returns the members after it. */
  changeMember(
    change: MembershipChange,
    member: MemberInfo,
  ): Promise<readonly MemberInfo[]> | readonly MemberInfo[];
}
