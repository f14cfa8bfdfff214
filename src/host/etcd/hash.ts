import { errors } from '../../sim/etcd/errors.ts';
import type { Key } from '../../sim/etcd/kv.ts';
import type { Store } from '../../sim/etcd/store.ts';
import type { Bucket } from './boltFile.ts';
import { crc32c } from './crc32c.ts';
import { bytesOfRecord, bytesOfRevision } from './record.ts';

/**
 * The hash by which members compare what they hold up to a revision (0: now), beginning with what compaction left.
 * Models go.etcd.io/etcd/server/v3/storage/mvcc kvHasher: the same contents give the same number as in etcd.
 */
export function hashOf(
  store: Store,
  revision: number,
): { readonly hash: number; readonly hashRevision: number } {
  const upTo = revision || store.revision;
  if (upTo > store.revision) throw errors.futureRevision();
  if (upTo < store.compactRevision) throw errors.compacted();
  const newest = new Map<Key, number>();
  const versions = store.versions().filter((version) => version.revision <= upTo);
  for (const { key, revision: written } of versions) newest.set(key, written);
  let hash = crc32c(Buffer.from('key'));
  for (const version of versions) {
    // Members compact at times of their own: of what is compacted, only what is still read counts.
    if (
      version.revision <= store.compactRevision &&
      (!version.kv || newest.get(version.key) !== version.revision)
    )
      continue;
    hash = crc32c(bytesOfRevision(version), hash);
    hash = crc32c(bytesOfRecord(version), hash);
  }
  return { hash, hashRevision: upTo };
}

/** The hash of the whole database, without what differs between members. Models backend Hash with schema DefaultIgnores. */
export function hashOfBuckets(buckets: readonly Bucket[]): number {
  const differing = new Set(['consistent_index', 'term', 'storageVersion']);
  let hash = 0;
  for (const { name, entries } of buckets) {
    hash = crc32c(Buffer.from(name), hash);
    for (const { key, value } of entries) {
      if (name === 'meta' && differing.has(Buffer.from(key).toString())) continue;
      hash = crc32c(value, crc32c(key, hash));
    }
  }
  return hash;
}
