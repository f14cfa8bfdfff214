import { create, toBinary } from '@bufbuild/protobuf';
import { bytesOfKey } from '../../sim/etcd/key.ts';
import type { Key, KeyValue } from '../../sim/etcd/kv.ts';
import { keyValue } from './convert.ts';
import { KeyValueSchema } from './gen/etcd_pb.js';

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

export const bytesOfRecord = ({ key, kv }: Record): Uint8Array =>
  toBinary(KeyValueSchema, create(KeyValueSchema, kv ? keyValue(kv) : { key: bytesOfKey(key) }));
