import type { IDisposable } from '../../base/disposable.ts';
import type { CauseId, EventId } from '../../trace/event.ts';

/**
 * A key or the end of a range: bytes, one char each (char codes 0 to 255), so that comparing strings compares bytes.
 * `key.ts` turns text into such keys and back.
 */
export type Key = string;

/** One version of a key. Never changed once made: its identity may be used to remember what was decoded from it. */
export interface KeyValue {
  readonly key: Key;
  readonly value: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  /** 1 on creation, then counting; a deletion starts again. */
  readonly version: number;
  /** 0n: no lease. */
  readonly lease: bigint;
  /** The etcd event of the write; the cause of everything that follows from it. 0 in stores without a trace. */
  readonly writtenBy: EventId;
}

export type SortTarget = 'key' | 'version' | 'create' | 'mod' | 'value';

export interface RangeRequest {
  readonly key: Key;
  /** Absent: this key alone. '\0': from `key` to the end. */
  readonly rangeEnd?: Key;
  /** 0 or absent: now. */
  readonly revision?: number;
  /** 0 or absent: no limit. */
  readonly limit?: number;
  readonly sort?: { readonly target: SortTarget; readonly descending: boolean };
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
  readonly minModRevision?: number;
  readonly maxModRevision?: number;
  readonly minCreateRevision?: number;
  readonly maxCreateRevision?: number;
}

export interface RangeResponse {
  /** The store's revision when it answered. */
  readonly revision: number;
  readonly kvs: readonly KeyValue[];
  /** How many keys are in the range, whatever the limit. */
  readonly count: number;
  readonly more: boolean;
}

export interface PutRequest {
  readonly key: Key;
  readonly value: Uint8Array;
  readonly lease?: bigint;
  readonly prevKv?: boolean;
  readonly ignoreValue?: boolean;
  readonly ignoreLease?: boolean;
}

export interface DeleteRequest {
  readonly key: Key;
  readonly rangeEnd?: Key;
  readonly prevKv?: boolean;
}

export interface Compare {
  readonly key: Key;
  readonly rangeEnd?: Key;
  readonly target: 'version' | 'create' | 'mod' | 'value' | 'lease';
  readonly result: 'equal' | 'greater' | 'less' | 'notEqual';
  readonly operand: number | bigint | Uint8Array;
}

export type Op =
  | ({ readonly op: 'range' } & RangeRequest)
  | ({ readonly op: 'put' } & PutRequest)
  | ({ readonly op: 'delete' } & DeleteRequest)
  | ({ readonly op: 'txn' } & TxnRequest);

export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly Op[];
  readonly failure: readonly Op[];
}

export type OpResponse =
  | ({ readonly op: 'range' } & RangeResponse)
  | { readonly op: 'put'; readonly prevKv?: KeyValue; readonly kv: KeyValue }
  | {
      readonly op: 'delete';
      /** The store's revision with the deletion, when it deleted anything. */
      readonly revision: number;
      readonly deleted: number;
      readonly prevKvs: readonly KeyValue[];
    }
  | ({ readonly op: 'txn' } & TxnResponse);

export interface TxnResponse {
  readonly revision: number;
  readonly succeeded: boolean;
  readonly responses: readonly OpResponse[];
}

/** A change as watchers get it. For a deletion `kv` has key and modRevision only (value empty, version 0). */
export interface WatchedChange {
  readonly type: 'put' | 'delete';
  readonly kv: KeyValue;
  /** The value before, unless it was compacted or the key is new. */
  readonly prevKv?: KeyValue;
}

export interface WatchRequest {
  readonly key: Key;
  readonly rangeEnd?: Key;
  /** The first revision to deliver; 0 or absent: what comes from now on. */
  readonly startRevision?: number;
}

export interface WatchListener {
  /**
   * Changes in order of revision; all of one revision come together. What a watch from the past catches up with comes
   * in one call. `revision` is the store's when the last of them was written, or later: nothing up to it is missing.
   */
  changes(changes: readonly WatchedChange[], revision: number): void;
  /** The start revision is compacted away: the watch is over. */
  compacted(compactRevision: number): void;
}

/**
 * What a client of etcd may do: the API server's storage, the etcd door and tests. Answers may be slow or fail (latency,
 * faults, quorum), hence promises. Rejects with EtcdError (errors.ts), which has the gRPC code and etcd's own text.
 * `cause` undefined means: a client from outside, a root of its own.
 */
export interface EtcdKv {
  range(request: RangeRequest): Promise<RangeResponse>;
  txn(request: TxnRequest, cause: CauseId | undefined): Promise<TxnResponse>;
  watch(request: WatchRequest, listener: WatchListener): IDisposable;
  /** Of `ttl` seconds. */
  grantLease(id: bigint, ttl: number, cause: CauseId | undefined): Promise<void>;
  /** Forgets what was overwritten up to a revision. */
  compactAt(revision: number, cause: CauseId | undefined): Promise<void>;
  /** Whether answers may take long or never come, so that who asks should look at the time. */
  readonly mayStall?: boolean;
  /** The newest revision. */
  readonly revision: number;
  readonly compactRevision: number;
}
