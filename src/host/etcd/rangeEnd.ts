import { keyOfBytes } from '../../sim/etcd/key.ts';
import type { Key } from '../../sim/etcd/kv.ts';

/** On the wire an empty range end is none. */
export const rangeEnd = (bytes: Uint8Array): { rangeEnd?: Key } =>
  bytes.length ? { rangeEnd: keyOfBytes(bytes) } : {};
