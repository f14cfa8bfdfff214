import { errors } from '../../sim/etcd/errors.ts';
import type { Store } from '../../sim/etcd/store.ts';
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
  let hash = crc32c(Buffer.from('key'));
  for (const version of store.versions()) {
    if (version.revision > upTo) break;
    // What a compaction only keeps for watches does not count: members that never had it must agree.
    if (!version.kv && version.revision <= store.compactRevision) continue;
    hash = crc32c(bytesOfRevision(version), hash);
    hash = crc32c(bytesOfRecord(version), hash);
  }
  return { hash, hashRevision: upTo };
}
