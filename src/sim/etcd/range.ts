import { errors } from './errors.ts';
import type { KeyValue, RangeRequest, RangeResponse, SortTarget } from './kv.ts';
import { noValue } from './tombstone.ts';

/** What a range looks at: the keys as they are now, or as they were at a revision. */
export interface View {
  /** The store's revision, for the answer. */
  readonly revision: number;
  count(): number;
  /** In order of key, until the callback returns false. */
  scan(visit: (kv: KeyValue) => boolean): void;
}

/** Answers a range. Models go.etcd.io/etcd/server/v3/etcdserver/txn executeRange. */
export function rangeOf(request: RangeRequest, view: View): RangeResponse {
  if (request.key === '') throw errors.emptyKey();
  const { revision } = view;
  // Counted before filters and limit.
  const count = view.count();
  if (request.countOnly) return { revision, kvs: [], count, more: false };
  const limit = request.limit || Number.POSITIVE_INFINITY;
  const sort =
    request.sort && !(request.sort.target === 'key' && !request.sort.descending)
      ? request.sort
      : undefined;
  const needsAll = sort !== undefined || isFiltered(request);
  const kvs: KeyValue[] = [];
  view.scan((kv) => {
    if (passes(kv, request)) kvs.push(kv);
    // One more than asked for tells that there are more.
    return needsAll || kvs.length <= limit;
  });
  if (sort) kvs.sort(comparer(sort.target, sort.descending));
  const more = kvs.length > limit;
  if (more) kvs.length = limit;
  return {
    revision,
    kvs: request.keysOnly ? kvs.map((kv) => ({ ...kv, value: noValue })) : kvs,
    count,
    more,
  };
}

const isFiltered = (request: RangeRequest): boolean =>
  Boolean(
    request.minModRevision ||
    request.maxModRevision ||
    request.minCreateRevision ||
    request.maxCreateRevision,
  );

function passes(kv: KeyValue, request: RangeRequest): boolean {
  if (request.minModRevision && kv.modRevision < request.minModRevision) return false;
  if (request.maxModRevision && kv.modRevision > request.maxModRevision) return false;
  if (request.minCreateRevision && kv.createRevision < request.minCreateRevision) return false;
  return !(request.maxCreateRevision && kv.createRevision > request.maxCreateRevision);
}

const comparers: Readonly<Record<SortTarget, (a: KeyValue, b: KeyValue) => number>> = {
  key: (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  version: (a, b) => a.version - b.version,
  create: (a, b) => a.createRevision - b.createRevision,
  mod: (a, b) => a.modRevision - b.modRevision,
  value: (a, b) => compareBytes(a.value, b.value),
};

function comparer(target: SortTarget, descending: boolean) {
  const compare = comparers[target];
  return descending ? (a: KeyValue, b: KeyValue) => compare(b, a) : compare;
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference) return difference;
  }
  return a.length - b.length;
}
