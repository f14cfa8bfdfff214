import type { AuthStore } from '../../sim/etcd/auth/authStore.ts';
import type { EtcdServer } from '../../sim/etcd/members/server.ts';
import type { Store } from '../../sim/etcd/store.ts';
import type { Member } from './member.ts';

/** What the services of one door work on. */
export interface Etcd {
  /** What this member has applied. */
  readonly store: Store;
  /** Throws EtcdError while the member does not run. */
  readonly server: () => EtcdServer;
  readonly member: Member;
  /** What this member knows of users and roles. */
  readonly auth: AuthStore;
}

/** Goes on at once where there is nothing to wait for, so that a member that is alone answers without delay. */
export function after<T, R>(value: T | Promise<T>, then: (value: T) => R): R | Promise<R> {
  return value instanceof Promise ? value.then(then) : then(value);
}

/** What goes with a command of somebody who was found to be allowed to ask for it: it is so no longer when users change. */
export const checkedBy = (auth: AuthStore): { readonly authRevision?: number } =>
  auth.isEnabled ? { authRevision: auth.revision } : {};
