import { assert, defined } from '../../../base/assert.ts';
import { encodeUtf8 } from '../../../base/bytes.ts';
import type { IDisposable } from '../../../base/disposable.ts';
import { groupVersion, type KubeObject } from '../../../api/meta.ts';
import { inOrder } from '../../../api/schema/order.ts';
import { internalError, type StatusError } from '../../../api/status.ts';
import type { CauseId } from '../../../trace/event.ts';
import type { Compare, EtcdKv, KeyValue, Op, WatchedChange } from '../../etcd/kv.ts';
import { keyOfText, prefixEnd, textOfKey } from '../../etcd/key.ts';
import { keyText, type ServedResource, type StorageInfo } from '../registry/resources.ts';
import { convert } from './convert.ts';
import type { LeaseManager } from './leaseManager.ts';
import { storedObject } from './storedValue.ts';

/** An object as it is stored, in the version that was asked for, with the key-value pair that holds it. */
export interface Stored<T extends KubeObject = KubeObject> {
  readonly object: T;
  readonly kv: KeyValue;
}

export interface StoredList {
  /** The store's revision when it answered: the resourceVersion of the list. */
  readonly revision: number;
  readonly items: readonly Stored[];
  /** How many follow the last item. */
  readonly remaining: number;
}

/** What a write did: the new state, or that somebody else was first. */
export type WriteOutcome =
  { readonly done: true; readonly stored: Stored } | { readonly done: false };

/** kube-apiserver's --event-ttl, in seconds. */
const eventTtl = 3600;

const isEvent = ({ group, resource }: ServedResource): boolean =>
  resource === 'events' && (group === '' || group === 'events.k8s.io');

/** Brings an object that was stored without them its defaults; a strategy's `default_`. */
export type Defaulter = (object: KubeObject, resource: ServedResource) => void;

/**
 * Kubernetes objects over etcd: real keys, JSON values, resourceVersion = revision, every write guarded by the revision
 * that it was made from. Models apiserver/pkg/storage/etcd3.
 *
 * Invariant: what comes out is shared. It is remembered by the identity of its KeyValue, so a thousand readers decode once.
 */
export class ObjectStore {
  readonly kv: EtcdKv;
  readonly #defaulter: Defaulter;
  readonly #leases: LeaseManager;

  constructor(kv: EtcdKv, defaulter: Defaulter, leases: LeaseManager) {
    this.kv = kv;
    this.#defaulter = defaulter;
    this.#leases = leases;
  }

  async get(
    resource: ServedResource,
    namespace: string,
    name: string,
  ): Promise<Stored | undefined> {
    const { kvs } = await this.kv.range({ key: this.#key(resource, namespace, name) });
    const kv = kvs[0];
    return kv && { object: this.decode(kv, resource), kv };
  }

  /** All objects of a namespace ('': of all namespaces), in order of key. `after` is the key to go on behind. */
  async list(
    resource: ServedResource,
    namespace: string,
    options: {
      readonly revision?: number;
      readonly limit?: number;
      readonly startKey?: string;
    } = {},
  ): Promise<StoredList> {
    const prefix = this.prefix(resource, namespace);
    const key = keyOfText(prefix);
    const answer = await this.kv.range({
      key: options.startKey === undefined ? key : keyOfText(prefix + options.startKey),
      rangeEnd: prefixEnd(key),
      ...(options.revision !== undefined && { revision: options.revision }),
      ...(options.limit !== undefined && { limit: options.limit }),
    });
    const items: Stored[] = answer.kvs.map((kv) => ({ object: this.decode(kv, resource), kv }));
    return { revision: answer.revision, items, remaining: answer.count - answer.kvs.length };
  }

  /** Writes a new key. `object` becomes the store's: the caller does not change it any more. */
  async create(
    resource: ServedResource,
    object: KubeObject,
    cause: CauseId | undefined,
    also: readonly Op[] = [],
  ): Promise<WriteOutcome> {
    const key = this.#keyOf(resource, object);
    const guard: Compare = { key, target: 'mod', result: 'equal', operand: 0 };
    return this.#put(resource, object, [guard], cause, also);
  }

  /** Replaces what `old` holds, if it is still there unchanged. */
  async replace(
    resource: ServedResource,
    old: Stored,
    object: KubeObject,
    cause: CauseId | undefined,
    also: readonly Op[] = [],
  ): Promise<WriteOutcome> {
    const guard: Compare = {
      key: old.kv.key,
      target: 'mod',
      result: 'equal',
      operand: old.kv.modRevision,
    };
    return this.#put(resource, object, [guard], cause, also);
  }

  /** Removes the key of `old`, if it is still there unchanged; the revision of the deletion. */
  async delete(
    old: Stored,
    cause: CauseId | undefined,
    also: readonly Op[] = [],
  ): Promise<number | undefined> {
    const { key, modRevision } = old.kv;
    const { succeeded, revision } = await this.kv.txn(
      {
        compare: [{ key, target: 'mod', result: 'equal', operand: modRevision }],
        success: [{ op: 'delete', key }, ...also],
        failure: [],
      },
      cause,
    );
    return succeeded ? revision : undefined;
  }

  watch(
    resource: ServedResource,
    namespace: string,
    name: string | undefined,
    startRevision: number,
    listener: {
      changes(changes: readonly WatchedChange[]): void;
      compacted(compactRevision: number): void;
    },
  ): IDisposable {
    const key = keyOfText(
      name === undefined
        ? this.prefix(resource, namespace)
        : keyText(info(resource), namespace, name),
    );
    return this.kv.watch(
      { key, ...(name === undefined && { rangeEnd: prefixEnd(key) }), startRevision },
      {
        changes: (changes) => listener.changes(changes),
        compacted: (revision) => listener.compacted(revision),
      },
    );
  }

  prefix(resource: ServedResource, namespace: string): string {
    const { prefix } = info(resource);
    return namespace ? `${prefix}${namespace}/` : prefix;
  }

  /** A key below the resource's prefix: `default/web`. */
  relativeKey(resource: ServedResource, namespace: string, kv: KeyValue): string {
    return textOfKey(kv.key).slice(this.prefix(resource, namespace).length);
  }

  /** The object that a key-value pair holds, in the served version of the resource. */
  decode(kv: KeyValue, resource: ServedResource): KubeObject {
    let versions = decoded.get(kv);
    if (!versions) decoded.set(kv, (versions = new Map<string, KubeObject>()));
    const wanted = versionKey(resource);
    let object = versions.get(wanted);
    if (!object) {
      object = convert(this.#parse(kv, resource), resource.gvk);
      // What was parsed is nobody else's yet.
      if (isConverted(resource)) resource.custom?.prune(object);
      versions.set(wanted, object);
    }
    return object;
  }

  #parse(kv: KeyValue, resource: ServedResource): KubeObject {
    const storage = info(resource);
    let object: KubeObject;
    try {
      object = storedObject(kv.value) as unknown as KubeObject;
    } catch {
      throw undecodable(kv, storage);
    }
    if (typeof object !== 'object' || typeof object.metadata !== 'object')
      throw undecodable(kv, storage);
    object.metadata.resourceVersion = String(kv.modRevision);
    if (resource.custom) resource.custom.fromStorage(object);
    else this.#defaulter(object, resource);
    return inOrder(object, storage.gvk);
  }

  async #put(
    resource: ServedResource,
    object: KubeObject,
    compare: readonly Compare[],
    cause: CauseId | undefined,
    also: readonly Op[],
  ): Promise<WriteOutcome> {
    const key = this.#keyOf(resource, object);
    const metadata = { ...object.metadata, resourceVersion: '' };
    const written = inOrder({ ...object, metadata }, resource.gvk);
    // Go's JSON encoder ends what it writes with a newline.
    const value = encodeUtf8(`${JSON.stringify(this.#stored(written, resource))}\n`);
    const lease = isEvent(resource) ? await this.#leases.leaseFor(eventTtl, cause) : 0n;
    const { succeeded, responses } = await this.kv.txn(
      { compare, success: [{ op: 'put', key, value, lease }, ...also], failure: [] },
      cause,
    );
    if (!succeeded) return { done: false };
    const put = responses[0];
    assert(put?.op === 'put', 'a put is answered by a put');
    if (isConverted(resource))
      return { done: true, stored: { object: this.decode(put.kv, resource), kv: put.kv } };
    // What is answered is what would be read: with its version, and with the defaults that follow from what was generated.
    written.metadata.resourceVersion = String(put.kv.modRevision);
    this.#defaulter(written, resource);
    decoded.set(put.kv, new Map([[versionKey(resource), written]]));
    return { done: true, stored: { object: written, kv: put.kv } };
  }

  /** As it stands in etcd: in the storage version, without a resourceVersion. */
  #stored(object: KubeObject, resource: ServedResource): KubeObject {
    const { gvk } = info(resource);
    const metadata = { ...object.metadata };
    delete metadata.resourceVersion;
    const stored = { ...object, metadata };
    if (groupVersion(gvk) === groupVersion(resource.gvk)) return stored;
    const converted = inOrder(convert(stored, gvk), gvk);
    resource.custom?.toStorage(converted);
    return converted;
  }

  #key(resource: ServedResource, namespace: string, name: string): string {
    return keyOfText(keyText(info(resource), namespace, name));
  }

  #keyOf(resource: ServedResource, object: KubeObject): string {
    const name = defined(object.metadata.name, 'a stored object has a name');
    return this.#key(resource, object.metadata.namespace ?? '', name);
  }
}

/** Versions of custom resources have schemas of their own. */
const isConverted = ({ custom, storage, version }: ServedResource): boolean =>
  custom !== undefined && storage?.gvk.version !== version;

/** Custom resources are read anew when their definition changes. */
const versionKey = ({ group, version, custom }: ServedResource): string =>
  custom ? `${group}/${version} ${custom.id}` : `${group}/${version}`;

/** By key-value pair, then by version: shared by all stores, for a fork holds the same pairs. */
const decoded = new WeakMap<KeyValue, Map<string, KubeObject>>();

const info = (resource: ServedResource): StorageInfo =>
  defined(resource.storage, `${resource.resource} is stored`);

function undecodable(kv: KeyValue, storage: StorageInfo): StatusError {
  return internalError(
    `the value of ${textOfKey(kv.key)} is not the JSON of a ${storage.gvk.kind}: somebody wrote it past the API server`,
  );
}
