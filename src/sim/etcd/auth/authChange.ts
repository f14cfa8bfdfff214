import type { AuthStore, Permission } from './authStore.ts';
import type { KeyRange } from './keyRange.ts';

/**
 * What is done with users and roles, as it stands in the log. Passwords are hashed before: nobody could read them there.
 * Models go.etcd.io/etcd/api/v3/etcdserverpb InternalRaftRequest.
 */
export type AuthChange =
  | { readonly op: 'enable' | 'disable' }
  /** The password was right. `prefix` is the random part of the token. */
  | { readonly op: 'authenticate'; readonly user: string; readonly prefix: string }
  /** Without a hash: nobody can log in by password. */
  | { readonly op: 'addUser'; readonly user: string; readonly hash: string | undefined }
  | { readonly op: 'changePassword'; readonly user: string; readonly hash: string }
  | { readonly op: 'deleteUser'; readonly user: string }
  | { readonly op: 'grantRole' | 'revokeRole'; readonly user: string; readonly role: string }
  | { readonly op: 'addRole' | 'deleteRole'; readonly role: string }
  | {
      readonly op: 'grantPermission';
      readonly role: string;
      readonly permission: Permission | undefined;
    }
  | { readonly op: 'revokePermission'; readonly role: string; readonly range: KeyRange };

/** Does it. `index` is its place in the log. Returns the token that somebody gets who authenticates. */
export function performAuth(
  auth: AuthStore,
  change: AuthChange,
  index: number,
): string | undefined {
  switch (change.op) {
    case 'authenticate':
      return auth.assignToken(change.user, `${change.prefix}.${index}`);
    case 'enable':
      auth.enable();
      break;
    case 'disable':
      auth.disable();
      break;
    case 'addUser':
      auth.addUser(change.user, change.hash);
      break;
    case 'changePassword':
      auth.changePassword(change.user, change.hash);
      break;
    case 'deleteUser':
      auth.deleteUser(change.user);
      break;
    case 'grantRole':
      auth.grantRole(change.user, change.role);
      break;
    case 'revokeRole':
      auth.revokeRole(change.user, change.role);
      break;
    case 'addRole':
      auth.addRole(change.role);
      break;
    case 'deleteRole':
      auth.deleteRole(change.role);
      break;
    case 'grantPermission':
      auth.grantPermission(change.role, change.permission);
      break;
    case 'revokePermission':
      auth.revokePermission(change.role, change.range);
  }
  return undefined;
}

const words: Readonly<Record<AuthChange['op'], string>> = {
  enable: 'enable authentication',
  disable: 'disable authentication',
  authenticate: 'give a token to',
  addUser: 'add the user',
  changePassword: 'change the password of',
  deleteUser: 'delete the user',
  grantRole: 'grant a role to',
  revokeRole: 'revoke a role of',
  addRole: 'add the role',
  deleteRole: 'delete the role',
  grantPermission: 'grant a permission to the role',
  revokePermission: 'revoke a permission of the role',
};

/** For the trace: `add the user alice`. */
export function wordsOfAuth(change: AuthChange): string {
  const name = 'user' in change ? change.user : 'role' in change ? change.role : '';
  return `${words[change.op]} ${name}`.trim();
}
