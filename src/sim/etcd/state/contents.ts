import type { AuthContents } from '../auth/authStore.ts';
import type { Key, KeyValue } from '../kv.ts';
import type { Store } from '../store.ts';

/** What a store holds, as data: what a snapshot has, and what a store can begin with. */
export interface Contents {
  readonly revision: number;
  /** 0: never compacted. */
  readonly compactRevision: number;
  /** Every version that is kept, in the order of the writes; `kv` is absent for deletions. */
  readonly versions: readonly {
    readonly key: Key;
    readonly revision: number;
    readonly sub: number;
    readonly kv: KeyValue | undefined;
  }[];
  readonly leases: readonly { readonly id: bigint; readonly ttl: number }[];
  /** Whether the alarm NOSPACE is raised. */
  readonly isFull: boolean;
  /** Bytes of the database, free ones included. */
  readonly size: number;
  readonly auth: AuthContents | undefined;
}

export const contentsOf = (store: Store, auth?: AuthContents): Contents => ({
  revision: store.revision,
  compactRevision: store.compactRevision,
  versions: store.versions(),
  leases: store.leases.list().map((id) => ({ id, ttl: store.leases.get(id)?.grantedTtl ?? 0 })),
  isFull: store.space.isFull,
  size: store.space.size,
  auth,
});
