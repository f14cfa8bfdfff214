import type { KeyIndex } from './keyIndex.ts';
import { errors } from './errors.ts';
import type { KeyValue, RangeRequest, RangeResponse, SortTarget } from './kv.ts';

const noValue = new Uint8Array();

/** Answers a range at a revision. Models the range of go.etcd.io/etcd/server/v3/etcdserver/txn. */
export function rangeOf(index: KeyIndex, request: RangeRequest, revision: number): RangeResponse {
  if (request.key === '') throw errors.emptyKey();
  const limit = request.limit || Number.POSITIVE_INFINITY;
  const mustSort =
    request.sort !== undefined && !(request.sort.target === 'key' && !request.sort.descending);
  const isFiltered =
    request.minModRevision ||
    request.maxModRevision ||
    request.minCreateRevision ||
    request.maxCreateRevision;
  const takeAll = mustSort || Boolean(isFiltered);
  const found: KeyValue[] = [];
  let count = 0;
  index.scan(request.key, request.rangeEnd, revision, (kv) => {
    count++;
    // One more than asked for tells that there are more; the others are only counted.
    if (!request.countOnly && (takeAll || found.length <= limit)) found.push(kv);
    return true;
  });
  const kvs = isFiltered ? found.filter((kv) => passes(kv, request)) : found;
  if (request.sort && mustSort) sort(kvs, request.sort.target, request.sort.descending);
  const more = kvs.length > limit;
  const page = more ? kvs.slice(0, limit) : kvs;
  return {
    revision,
    kvs: request.keysOnly ? page.map((kv) => ({ ...kv, value: noValue })) : page,
    count,
    more,
  };
}

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

function sort(kvs: KeyValue[], target: SortTarget, descending: boolean): void {
  const compare = comparers[target];
  kvs.sort(descending ? (a, b) => compare(b, a) : compare);
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference) return difference;
  }
  return a.length - b.length;
}
