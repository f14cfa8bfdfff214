import { assert } from '../../base/assert.ts';
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
import { rangeOf, type View } from './range.ts';
import { Space } from './space.ts';
import { tombstone } from './tombstone.ts';
import type { Journal } from './state/journal.ts';
import { checkPut, checkTxn, costOf, planTxn, type Plan } from './txn.ts';
import { inRange, Watchers } from './watchers.ts';

export interface StoreOptions {
  readonly trace?: TraceSink;
  /** Needed for leases and for watch latency; without it, watchers hear at once. */
  readonly clock?: Clock;
  /** How long a watcher waits for a commit. */
  readonly watchLatencyUs?: Micros;
  /** The size in bytes at which it takes no more writes; etcd's default (2 GiB) unless given. */
  readonly quotaBytes?: number;
  /** Hears of every change, to keep it. */
  readonly journal?: Journal;
}

/** What a fork begins with, or a store that was kept. */
interface Start {
  readonly index: KeyIndex;
  readonly log: ChangeLog;
  readonly revision: number;
  readonly compactRevision: number;
  readonly leases: Lessor;
  readonly space: Space;
}

type PutResponse = Extract<OpResponse, { op: 'put' }>;
type DeleteResponse = Extract<OpResponse, { op: 'delete' }>;

/** One version of a key as it is kept; `kv` is absent for a deletion. */
export interface Version {
  readonly revision: number;
  readonly kv: KeyValue | undefined;
}

export interface KeyVersion extends Version {
  readonly key: Key;
  /** The place of the write within its revision. */
  readonly sub: number;
}

/**
 * The multi-version store: every write makes a revision, every revision can be read until it is compacted.
 * Models go.etcd.io/etcd/server/v3/storage/mvcc. The first write of a new store makes revision 2, as etcd's does.
 *
 * Invariant: a KeyValue never changes and is the same object wherever it is read, in forks too, so what was decoded
 * from it can be remembered by identity.
 */
export class Store implements EtcdKv {
  readonly #options: StoreOptions;
  #index: KeyIndex;
  #log: ChangeLog;
  readonly #watchers: Watchers;
  readonly leases: Lessor;
  space: Space;
  #revision: number;
  #compactRevision: number;
  readonly #pending: WatchedChange[] = [];
  /** Of this run. */
  readonly counts = { puts: 0, deletes: 0 };

  constructor(options: StoreOptions = {}, start?: Start) {
    this.#options = options;
    this.#index = start?.index ?? new KeyIndex();
    this.#revision = start?.revision ?? 1;
    this.#compactRevision = start?.compactRevision ?? 0;
    this.#log = start?.log ?? new ChangeLog(this.#revision + 1);
    this.#watchers = new Watchers(this.#log, this, options.clock, options.watchLatencyUs ?? 0);
    this.leases = new Lessor(
      options.clock,
      (keys, cause) => this.#expire(keys, cause),
      start?.leases,
      options.journal,
    );
    this.space = start?.space ?? new Space(options.quotaBytes);
    this.space.journal = options.journal;
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

  compactAt(revision: number, cause: CauseId | undefined): Promise<void> {
    return Promise.resolve().then(() => this.compact(revision, cause));
  }

  grantLease(id: bigint, ttl: number, cause: CauseId | undefined): Promise<void> {
    this.leases.grant(id, ttl, cause);
    return Promise.resolve();
  }

  watch(request: WatchRequest, listener: WatchListener): IDisposable {
    return this.#watchers.add(request, listener);
  }

  /** Calls back when all watchers have heard of what is written now. */
  afterDelivery(callback: () => void): void {
    this.#watchers.afterDelivery(callback);
  }

  rangeNow(request: RangeRequest): RangeResponse {
    return rangeOf(request, this.#view(request));
  }

  getNow(key: Key, revision = this.#revision): KeyValue | undefined {
    return at(this.#index.get(key), revision);
  }

  putNow(request: PutRequest, cause: CauseId | undefined): PutResponse {
    checkPut(request);
    this.space.checkPut(1, request.key.length + request.value.length);
    if (request.lease && !this.leases.has(request.lease)) throw errors.leaseNotFound();
    if ((request.ignoreValue || request.ignoreLease) && !this.getNow(request.key))
      throw errors.keyNotFound();
    return this.#write(() => this.#put(request, cause));
  }

  deleteNow(request: DeleteRequest, cause: CauseId | undefined): DeleteResponse {
    if (request.key === '') throw errors.emptyKey();
    return this.#write(() => this.#delete(request, cause));
  }

  txnNow(request: TxnRequest, cause: CauseId | undefined): TxnResponse {
    checkTxn(request);
    const { puts, bytes } = costOf(request);
    if (puts) this.space.checkPut(puts, bytes);
    const plan = planTxn(request, this.#index);
    this.#checkPlan(plan);
    return this.#write(() => this.#txn(plan, cause));
  }

  /** The versions of a key that are not compacted, newest first. */
  history(key: Key, limit = Number.POSITIVE_INFINITY): Version[] {
    const versions: Version[] = [];
    for (
      let node: History | undefined = this.#index.get(key);
      node && versions.length < limit;
      node = node.previous
    ) {
      versions.push({ revision: node.revision, kv: node.kv });
    }
    return versions;
  }

  /** What the write that made a revision changed; nothing when it is compacted. */
  changesAt(revision: number): readonly WatchedChange[] {
    return this.#log.at(revision)?.changes ?? [];
  }

  /** Every version of every key that is not compacted, in the order of the writes: what a snapshot consists of. */
  versions(): KeyVersion[] {
    return [...this.eachVersion()];
  }

  /** The same, one after another; nothing may be written meanwhile. */
  *eachVersion(): Generator<KeyVersion> {
    // The log has what came after the compaction, in order already.
    yield* this.#index
      .versionsUpTo(this.#compactRevision)
      .sort((a, b) => a.revision - b.revision || a.sub - b.sub);
    for (const { revision, changes } of this.#log.from(this.#compactRevision + 1))
      for (const [sub, { type, kv }] of changes.entries())
        yield { key: kv.key, revision, sub, kv: type === 'put' ? kv : undefined };
  }

  /** Forgets what was overwritten before `revision`; reads and watches from before it are refused from now on. */
  compact(revision: number, cause: CauseId | undefined): void {
    if (revision <= this.#compactRevision) throw errors.compacted();
    if (revision > this.#revision) throw errors.futureRevision();
    this.#compactRevision = revision;
    this.#index.compact(revision, (key, kv) =>
      this.space.remove(key.length, kv?.value.length ?? 0),
    );
    this.#log.compact(revision);
    this.#watchers.compact(revision);
    this.#options.journal?.({ type: 'compact', revision });
    this.#options.trace?.emit('etcd', cause, { type: 'etcd.compact', revision });
  }

  /**
   * A store of its own that begins with what this one held at `revision` (now unless given) and goes on from there. It
   * shares all data with this one: making it costs as much as was written since, and neither sees what the other
   * writes or compacts afterwards. Its leases end by its own clock.
   */
  fork(revision: number = this.#revision, options: StoreOptions = {}): Store {
    const then = this.#revisionFor(revision);
    const index = this.#index.clone();
    const leases = this.leases.fork();
    for (const { changes } of this.#log.from(then + 1))
      for (const { kv } of changes) {
        const now = at(index.get(kv.key), this.#revision);
        index.rewind(kv.key, then);
        leases.attach(kv.key, now?.lease ?? 0n, at(index.get(kv.key), then)?.lease ?? 0n);
      }
    return new Store(options, {
      index,
      log: this.#log.fork(then),
      revision: then,
      compactRevision: this.#compactRevision,
      leases,
      space: this.space.copy(),
    });
  }

  /**
   * Takes what another store holds in place of its own, as a member does that gets a snapshot. Watchers stay, and hear of
   * what they missed. Models mvcc watchableStore.Restore.
   */
  restore(from: Store): void {
    assert(from.revision >= this.#revision, 'a snapshot from the past');
    const { index, log } = this.#partsOf(from);
    this.#index = index;
    this.#log = log;
    this.#compactRevision = from.compactRevision;
    this.#revision = from.revision;
    this.leases.restore(from.leases);
    this.space = from.space.copy();
    this.space.journal = this.#options.journal;
    this.#watchers.restore(log, this.#revision, this.#compactRevision);
  }

  #partsOf(from: Store): { readonly index: KeyIndex; readonly log: ChangeLog } {
    return { index: from.#index.clone(), log: from.#log.fork(from.revision) };
  }

  #revisionFor(asked: number | undefined): number {
    const revision = asked || this.#revision;
    if (revision > this.#revision) throw errors.futureRevision();
    if (revision < this.#compactRevision) throw errors.compacted();
    return revision;
  }

  /** In a transaction, the present has its own writes so far. */
  #view({ key, rangeEnd, revision }: RangeRequest): View {
    const index = this.#index;
    const then = this.#revisionFor(revision);
    const isPast = revision && (then < this.#revision || this.#pending.length > 0);
    if (!isPast)
      return {
        revision: this.#after(),
        count: () => index.count(key, rangeEnd),
        scan: (visit) => {
          index.scan(key, rangeEnd, visit);
        },
      };
    return {
      revision: this.#after(),
      count: () => this.#countAt(key, rangeEnd, then),
      scan: (visit) => {
        index.scanAt(key, rangeEnd, then, visit);
      },
    };
  }

  /** Counts back from now: what was created since was not there, what was deleted was. */
  #countAt(key: Key, rangeEnd: Key | undefined, revision: number): number {
    let count = this.#index.count(key, rangeEnd);
    const undo = ({ type, kv }: WatchedChange): void => {
      if (!inRange(kv.key, key, rangeEnd)) return;
      if (type === 'delete') count++;
      else if (kv.version === 1) count--;
    };
    for (const { changes } of this.#log.from(revision + 1)) changes.forEach(undo);
    this.#pending.forEach(undo);
    return count;
  }

  /** Runs writes as one revision; watchers hear of it afterwards. A write that changes nothing makes no revision. */
  #write<T>(run: () => T): T {
    assert(!this.#pending.length, 'a write within a write');
    const result = run();
    if (this.#pending.length) {
      this.#revision++;
      // A copy has room for no more than there is, and most revisions are of one change.
      const changes = this.#pending.slice();
      this.#pending.length = 0;
      this.#log.add({ revision: this.#revision, changes });
      this.#options.journal?.({
        type: 'commit',
        revision: this.#revision,
        changes: changes.map(({ type, kv }) => ({
          key: kv.key,
          kv: type === 'put' ? kv : undefined,
        })),
      });
      this.#watchers.notify(this.#revision);
    }
    return result;
  }

  /** Whatever could fail is looked at before the first write. Models etcdserver/txn checkTxn. */
  #checkPlan(plan: Plan): void {
    for (const step of plan.steps) {
      if (step.op === 'txn') this.#checkPlan(step.plan);
      else if (step.op === 'range') this.#revisionFor(step.revision);
      else if (step.op === 'put') {
        if ((step.ignoreValue || step.ignoreLease) && !this.getNow(step.key))
          throw errors.keyNotFound();
        if (step.lease && !this.leases.has(step.lease)) throw errors.leaseNotFound();
      }
    }
  }

  #txn({ succeeded, steps }: Plan, cause: CauseId | undefined): TxnResponse {
    const responses = steps.map((step): OpResponse => {
      switch (step.op) {
        case 'range':
          return { op: 'range', ...this.rangeNow(step) };
        case 'put':
          return this.#put(step, cause);
        case 'delete':
          return this.#delete(step, cause);
        case 'txn':
          return { op: 'txn', ...this.#txn(step.plan, cause) };
      }
    });
    return { revision: this.#after(), succeeded, responses };
  }

  /** The revision that the store will have when the writes so far are committed. */
  #after(): number {
    return this.#revision + (this.#pending.length ? 1 : 0);
  }

  #put(request: PutRequest, cause: CauseId | undefined): PutResponse {
    const { key } = request;
    const revision = this.#revision + 1;
    const old = this.#index.get(key)?.kv;
    const lease = request.ignoreLease ? (old?.lease ?? 0n) : (request.lease ?? 0n);
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
    this.counts.puts++;
    this.#index.add(key, revision, this.#pending.length, kv);
    this.space.add(key.length, value.length);
    this.leases.attach(key, old?.lease ?? 0n, lease);
    this.#pending.push(old ? { type: 'put', kv, prevKv: old } : { type: 'put', kv });
    return { op: 'put', kv, ...(request.prevKv && old && { prevKv: old }) };
  }

  #delete(request: DeleteRequest, cause: CauseId | undefined): DeleteResponse {
    const revision = this.#revision + 1;
    const old: KeyValue[] = [];
    this.#index.scan(request.key, request.rangeEnd, (kv) => old.push(kv) > 0);
    this.counts.deletes += old.length;
    for (const prevKv of old) {
      const { key, lease } = prevKv;
      const writtenBy =
        this.#options.trace?.emit('etcd', cause, {
          type: 'etcd.delete',
          key: textOfKey(key),
          revision,
        }) ?? 0;
      this.#index.add(key, revision, this.#pending.length, undefined);
      this.space.add(key.length, 0);
      this.leases.attach(key, lease, 0n);
      const kv = tombstone(key, revision, writtenBy);
      this.#pending.push({ type: 'delete', kv, prevKv });
    }
    return {
      op: 'delete',
      revision: this.#after(),
      deleted: old.length,
      prevKvs: request.prevKv ? old : [],
    };
  }

  /** The keys of a lease that ended go in one revision. */
  #expire(keys: readonly Key[], cause: CauseId | undefined): void {
    this.#write(() => {
      for (const key of [...keys].sort()) this.#delete({ key }, cause);
    });
  }
}
