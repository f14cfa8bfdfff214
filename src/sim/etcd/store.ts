import type { IDisposable } from '../../base/disposable.ts';
import type { Clock, Micros } from '../../base/time.ts';
import type { CauseId } from '../../trace/event.ts';
import type { TraceSink } from '../../trace/sink.ts';
import { ChangeLog } from './changeLog.ts';
import { errors } from './errors.ts';
import { textOfKey } from './key.ts';
import { at, KeyIndex, type History } from './keyIndex.ts';
import type {
  DeleteRequest,
  EtcdKv,
  Key,
  KeyValue,
  OpResponse,
  PutRequest,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
  WatchedChange,
  WatchListener,
  WatchRequest,
} from './kv.ts';
import { Lessor } from './lessor.ts';
import { rangeOf } from './range.ts';
import { checkTxn, compareHolds } from './txn.ts';
import { Watchers } from './watchers.ts';

export interface StoreOptions {
  readonly trace?: TraceSink;
  /** Needed for leases and for watch latency; without it, watchers hear at once. */
  readonly clock?: Clock;
  /** How long a watcher waits for a commit. */
  readonly watchLatencyUs?: Micros;
}

const noValue = new Uint8Array();

/**
 * The multi-version store: every write makes a revision, every revision can be read until it is compacted.
 * Models go.etcd.io/etcd/server/v3/storage/mvcc. The first write of a new store makes revision 2, as etcd's does.
 *
 * Invariant: a KeyValue never changes and is the same object wherever it is read, in forks too, so what was decoded
 * from it can be remembered by identity.
 */
export class Store implements EtcdKv {
  readonly #options: StoreOptions;
  readonly #index: KeyIndex;
  readonly #log: ChangeLog;
  readonly #watchers: Watchers;
  readonly leases: Lessor;
  #revision: number;
  #compactRevision: number;
  #pending: WatchedChange[] = [];

  constructor(
    options: StoreOptions = {},
    from?: {
      readonly index: KeyIndex;
      readonly revision: number;
      readonly compactRevision: number;
    },
  ) {
    this.#options = options;
    this.#index = from?.index ?? new KeyIndex();
    this.#revision = from?.revision ?? 1;
    this.#compactRevision = from?.compactRevision ?? 0;
    this.#log = new ChangeLog(this.#revision + 1);
    this.#watchers = new Watchers(
      this.#log,
      this.#revision,
      options.clock,
      options.watchLatencyUs ?? 0,
    );
    this.leases = new Lessor(options.clock, (keys, cause) => this.#expire(keys, cause));
  }

  get revision(): number {
    return this.#revision;
  }

  get compactRevision(): number {
    return this.#compactRevision;
  }

  /** How many keys are known, deleted ones that are not compacted included. */
  get indexSize(): number {
    return this.#index.size;
  }

  get watcherCount(): number {
    return this.#watchers.size;
  }

  // Promises, because an etcd that is reached over a network or has lost its quorum answers late or never.

  range(request: RangeRequest): Promise<RangeResponse> {
    return Promise.resolve().then(() => this.rangeNow(request));
  }

  txn(request: TxnRequest, cause: CauseId | undefined): Promise<TxnResponse> {
    return Promise.resolve().then(() => this.txnNow(request, cause));
  }

  watch(request: WatchRequest, listener: WatchListener): IDisposable {
    return this.#watchers.add(request, listener);
  }

  rangeNow(request: RangeRequest): RangeResponse {
    return rangeOf(this.#index, request, this.#revisionFor(request.revision));
  }

  getNow(key: Key, revision = this.#revision): KeyValue | undefined {
    return at(this.#index.get(key), revision);
  }

  putNow(request: PutRequest, cause: CauseId | undefined): Extract<OpResponse, { op: 'put' }> {
    return this.#write(() => this.#put(request, cause));
  }

  deleteNow(
    request: DeleteRequest,
    cause: CauseId | undefined,
  ): Extract<OpResponse, { op: 'delete' }> {
    return this.#write(() => this.#delete(request, cause));
  }

  txnNow(request: TxnRequest, cause: CauseId | undefined): TxnResponse {
    checkTxn(request, (key) => this.getNow(key), this.leases);
    return this.#write(() => this.#txn(request, cause));
  }

  /** The versions of a key that are not compacted, newest first; `kv` is absent for deletions. */
  history(
    key: Key,
    limit = Number.POSITIVE_INFINITY,
  ): { readonly revision: number; readonly kv: KeyValue | undefined }[] {
    const versions: { revision: number; kv: KeyValue | undefined }[] = [];
    for (
      let node: History | undefined = this.#index.get(key);
      node && versions.length < limit;
      node = node.previous
    ) {
      versions.push({ revision: node.revision, kv: node.kv });
    }
    return versions;
  }

  /** Forgets what was overwritten before `revision`; reads and watches from before it are refused from now on. */
  compact(revision: number, cause: CauseId | undefined): void {
    if (revision <= this.#compactRevision) throw errors.compacted();
    if (revision > this.#revision) throw errors.futureRevision();
    this.#compactRevision = revision;
    this.#index.compact(revision);
    this.#log.compact(revision);
    this.#options.trace?.emit('etcd', cause, { type: 'etcd.compact', revision });
  }

  /**
   * A store of its own that begins with what this one held at `revision` (now unless given). It shares all that is older
   * and costs nothing to make; what either writes afterwards, the other does not see. Leases are not taken over: nothing
   * expires in a fork.
   */
  fork(revision: number = this.#revision, options: StoreOptions = {}): Store {
    const exact = this.#revisionFor(revision);
    const index = exact === this.#revision ? this.#index.clone() : this.#index.asOf(exact);
    return new Store(options, { index, revision: exact, compactRevision: this.#compactRevision });
  }

  #revisionFor(asked: number | undefined): number {
    const revision = asked || this.#revision;
    if (revision > this.#revision) throw errors.futureRevision();
    if (revision < this.#compactRevision) throw errors.compacted();
    return revision;
  }

  /** Runs writes as one revision; watchers hear of it afterwards. A write that changes nothing makes no revision. */
  #write<T>(run: () => T): T {
    this.#pending = [];
    const result = run();
    if (this.#pending.length) {
      this.#revision++;
      this.#log.add({ revision: this.#revision, changes: this.#pending });
      this.#pending = [];
      this.#watchers.notify(this.#revision);
    }
    return result;
  }

  #txn(request: TxnRequest, cause: CauseId | undefined): TxnResponse {
    const succeeded = request.compare.every((compare) =>
      compareHolds(compare, this.#index, this.#revision + 1),
    );
    const responses = (succeeded ? request.success : request.failure).map((op): OpResponse => {
      switch (op.op) {
        case 'range':
          // A transaction sees its own writes, which have the next revision.
          return {
            op: 'range',
            ...rangeOf(
              this.#index,
              op,
              op.revision ? this.#revisionFor(op.revision) : this.#revision + 1,
            ),
            revision: this.#after(),
          };
        case 'put':
          return this.#put(op, cause);
        case 'delete':
          return this.#delete(op, cause);
        case 'txn':
          return { op: 'txn', ...this.#txn(op, cause) };
      }
    });
    return { revision: this.#after(), succeeded, responses };
  }

  /** The revision that the store will have when the writes so far are committed. */
  #after(): number {
    return this.#revision + (this.#pending.length ? 1 : 0);
  }

  #put(request: PutRequest, cause: CauseId | undefined): Extract<OpResponse, { op: 'put' }> {
    const { key } = request;
    if (key === '') throw errors.emptyKey();
    const revision = this.#revision + 1;
    const old = at(this.#index.get(key), revision);
    if ((request.ignoreValue || request.ignoreLease) && !old) throw errors.keyNotFound();
    const lease = request.ignoreLease ? (old?.lease ?? 0n) : (request.lease ?? 0n);
    if (lease !== 0n && !this.leases.has(lease)) throw errors.leaseNotFound();
    const value = request.ignoreValue && old ? old.value : request.value;
    const version = (old?.version ?? 0) + 1;
    const writtenBy =
      this.#options.trace?.emit('etcd', cause, {
        type: 'etcd.put',
        key: textOfKey(key),
        revision,
        version,
        bytes: value.length,
      }) ?? 0;
    const kv: KeyValue = {
      key,
      value,
      createRevision: old?.createRevision ?? revision,
      modRevision: revision,
      version,
      lease,
      writtenBy,
    };
    this.#index.add(key, revision, kv);
    this.leases.attach(key, old?.lease ?? 0n, lease);
    this.#pending.push({ type: 'put', kv, ...(old && { prevKv: old }) });
    return { op: 'put', kv, ...(request.prevKv && old && { prevKv: old }) };
  }

  #delete(
    request: DeleteRequest,
    cause: CauseId | undefined,
  ): Extract<OpResponse, { op: 'delete' }> {
    if (request.key === '') throw errors.emptyKey();
    const revision = this.#revision + 1;
    const old: KeyValue[] = [];
    this.#index.scan(request.key, request.rangeEnd, revision, (kv) => {
      old.push(kv);
      return true;
    });
    for (const prevKv of old) {
      const { key, lease } = prevKv;
      const writtenBy =
        this.#options.trace?.emit('etcd', cause, {
          type: 'etcd.delete',
          key: textOfKey(key),
          revision,
        }) ?? 0;
      this.#index.add(key, revision, undefined);
      this.leases.attach(key, lease, 0n);
      const kv: KeyValue = {
        key,
        value: noValue,
        createRevision: 0,
        modRevision: revision,
        version: 0,
        lease: 0n,
        writtenBy,
      };
      this.#pending.push({ type: 'delete', kv, prevKv });
    }
    return { op: 'delete', deleted: old.length, prevKvs: request.prevKv ? old : [] };
  }

  /** The keys of a lease that ended go in one revision. */
  #expire(keys: readonly Key[], cause: CauseId | undefined): void {
    this.#write(() => {
      for (const key of [...keys].sort()) this.#delete({ key }, cause);
    });
  }
}
