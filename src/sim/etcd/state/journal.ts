import type { AuthContents } from '../auth/authStore.ts';
import type { Key, KeyValue } from '../kv.ts';

/** A key as a commit left it; `kv` is absent for a deletion. */
export interface WrittenKey {
  readonly key: Key;
  readonly kv: KeyValue | undefined;
}

/**
 * A change of what etcd holds. All of them in order, from an empty store, make the store again. Renewals of leases are not
 * among them: after a restart each lease has its whole time again, as in etcd.
 */
export type JournalEntry =
  | { readonly type: 'commit'; readonly revision: number; readonly changes: readonly WrittenKey[] }
  | { readonly type: 'compact'; readonly revision: number }
  | { readonly type: 'grant'; readonly id: bigint; readonly ttl: number }
  | { readonly type: 'revoke'; readonly id: bigint }
  | { readonly type: 'alarm'; readonly isFull: boolean }
  | { readonly type: 'defragment' }
  | { readonly type: 'auth'; readonly auth: AuthContents };

/** Hears of every change at once when it was made. */
export type Journal = (entry: JournalEntry) => void;
