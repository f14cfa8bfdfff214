import type { Key, KeyValue } from '../../sim/etcd/kv.ts';
import { tombstone } from '../../sim/etcd/tombstone.ts';
import { keyValueMessage } from './wire/responses.ts';

/** A version of a key as etcd's backend keeps it; without `kv` a deletion. */
export interface Record {
  readonly key: Key;
  readonly revision: number;
  readonly sub: number;
  readonly kv: KeyValue | undefined;
}

/** Its key there: revision, '_', place within the revision, and 't' for a tombstone. Models mvcc BucketKeyToBytes. */
export function bytesOfRevision({ revision, sub, kv }: Omit<Record, 'key'>): Uint8Array {
  const bytes = Buffer.alloc(kv ? 17 : 18);
  bytes.writeBigUInt64BE(BigInt(revision));
  bytes.write('_', 8);
  bytes.writeBigUInt64BE(BigInt(sub), 9);
  if (!kv) bytes.write('t', 17);
  return bytes;
}

/** Of a deletion, only the key. */
export const bytesOfRecord = ({ key, kv }: Record): Uint8Array =>
  keyValueMessage(kv ?? tombstone(key, 0, 0));
