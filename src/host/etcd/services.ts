import type { AuthStore } from '../../sim/etcd/auth/authStore.ts';
import type { Store } from '../../sim/etcd/store.ts';
import type { Member } from './member.ts';

/** What the services of one door work on. */
export interface Etcd {
  readonly store: Store;
  readonly member: Member;
  readonly auth: AuthStore;
}
