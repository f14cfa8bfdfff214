import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AuthChange } from '../../sim/etcd/auth/authChange.ts';
import type { Access, Permission } from '../../sim/etcd/auth/authStore.ts';
import { errors } from '../../sim/etcd/errors.ts';
import { bytesOfKey, keyOfBytes } from '../../sim/etcd/key.ts';
import { rangeEnd } from './rangeEnd.ts';
import {
  Permission_Type as Type,
  type Auth,
  type Permission as WirePermission,
  type PermissionSchema,
} from './gen/etcd_pb.js';
import type { Caller, Handlers } from './grpcAdapter.ts';
import { fitsPassword, hashOfPassword, newTokenPrefix } from './passwords.ts';
import { after, checkedBy, type Etcd } from './services.ts';

/**
 * Users and roles are changed through the log, and every member knows of them what it has applied.
 * Models go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc AuthServer, with who may ask what from apply authApplierV3.
 */
export function authService({ auth, server, member }: Etcd): Handlers<typeof Auth> {
  const asAdmin = ({ token }: Caller): void => auth.checkAdmin(auth.userOf(token));
  const done = () => ({ header: member.header() });
  const change = (what: AuthChange, caller: Caller) => {
    asAdmin(caller);
    const command = { do: 'auth', change: what, ...checkedBy(auth) } as const;
    return after(server().propose(command, undefined), done);
  };
  /** What everybody has agreed on before. */
  const known = <T>(read: () => T): T | Promise<T> => after(server().confirm(), read);
  return {
    authEnable: (_request, caller) => change({ op: 'enable' }, caller),
    authDisable: (_request, caller) => change({ op: 'disable' }, caller),
    authStatus: (_request, caller) =>
      known(() => {
        asAdmin(caller);
        return { ...done(), enabled: auth.isEnabled, authRevision: BigInt(auth.revision) };
      }),
    async authenticate({ name, password }) {
      await server().confirm();
      for (;;) {
        const { revision } = auth;
        if (!(await fitsPassword(password, auth.hashOf(name)))) throw errors.authFailed();
        const change = { op: 'authenticate', user: name, prefix: newTokenPrefix() } as const;
        const token = await server().propose({ do: 'auth', change }, undefined);
        // The password may have been changed meanwhile.
        if (auth.revision === revision && token !== undefined) return { ...done(), token };
      }
    },

    userAdd({ name: user, password, options }, caller) {
      asAdmin(caller);
      const add = (hash?: string) => change({ op: 'addUser', user, hash }, caller);
      return options?.noPassword ? add() : hashOfPassword(password).then(add);
    },
    userGet: ({ name }, { token }) =>
      known(() => {
        const user = auth.userOf(token);
        if (user !== name) auth.checkAdmin(user);
        return { ...done(), roles: [...auth.rolesOf(name)] };
      }),
    userList: (_request, caller) =>
      known(() => {
        asAdmin(caller);
        return { ...done(), users: auth.users() };
      }),
    userDelete: ({ name: user }, caller) => change({ op: 'deleteUser', user }, caller),
    userChangePassword({ name: user, password }, caller) {
      asAdmin(caller);
      return hashOfPassword(password).then((hash) =>
        change({ op: 'changePassword', user, hash }, caller),
      );
    },
    userGrantRole: ({ user, role }, caller) => change({ op: 'grantRole', user, role }, caller),
    userRevokeRole: ({ name: user, role }, caller) =>
      change({ op: 'revokeRole', user, role }, caller),

    roleAdd: ({ name: role }, caller) => change({ op: 'addRole', role }, caller),
    roleGet: ({ role }, { token }) =>
      known(() => {
        const user = auth.userOf(token);
        if (user === undefined || !auth.rolesOf(user).includes(role)) auth.checkAdmin(user);
        return { ...done(), perm: auth.permissionsOf(role).map(wirePermission) };
      }),
    roleList: (_request, caller) =>
      known(() => {
        asAdmin(caller);
        return { ...done(), roles: auth.roles() };
      }),
    roleDelete: ({ role }, caller) => change({ op: 'deleteRole', role }, caller),
    roleGrantPermission: ({ name: role, perm }, caller) =>
      change({ op: 'grantPermission', role, permission: perm && permission(perm) }, caller),
    roleRevokePermission: ({ role, key, rangeEnd: end }, caller) =>
      change(
        { op: 'revokePermission', role, range: { key: keyOfBytes(key), ...rangeEnd(end) } },
        caller,
      ),
  };
}

const accesses: Readonly<Record<Type, Access>> = {
  [Type.READ]: 'read',
  [Type.WRITE]: 'write',
  [Type.READWRITE]: 'readwrite',
};
const types: Readonly<Record<Access, Type>> = {
  read: Type.READ,
  write: Type.WRITE,
  readwrite: Type.READWRITE,
};

const permission = (wire: WirePermission): Permission => ({
  access: accesses[wire.permType],
  key: keyOfBytes(wire.key),
  ...rangeEnd(wire.rangeEnd),
});

const wirePermission = (from: Permission): MessageInitShape<typeof PermissionSchema> => ({
  permType: types[from.access],
  key: bytesOfKey(from.key),
  ...(from.rangeEnd !== undefined && { rangeEnd: bytesOfKey(from.rangeEnd) }),
});
