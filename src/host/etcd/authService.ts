import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Access, Permission } from '../../sim/etcd/auth/authStore.ts';
import { bytesOfKey, keyOfBytes } from '../../sim/etcd/key.ts';
import { rangeEnd } from './rangeEnd.ts';
import {
  Permission_Type as Type,
  type Auth,
  type Permission as WirePermission,
  type PermissionSchema,
} from './gen/etcd_pb.js';
import type { Caller, Handlers } from './grpcAdapter.ts';
import type { Etcd } from './services.ts';

/** Models go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc AuthServer, with who may ask what from apply authApplierV3. */
export function authService({ auth, member, note }: Etcd): Handlers<typeof Auth> {
  const asAdmin = ({ token }: Caller): void => auth.checkAdmin(auth.userOf(token));
  const done = () => {
    note();
    return { header: member.header() };
  };
  return {
    authEnable(_request, caller) {
      asAdmin(caller);
      auth.enable();
      return done();
    },
    authDisable(_request, caller) {
      asAdmin(caller);
      auth.disable();
      return done();
    },
    authStatus(_request, caller) {
      asAdmin(caller);
      return {
        header: member.header(),
        enabled: auth.isEnabled,
        authRevision: BigInt(auth.revision),
      };
    },
    async authenticate({ name, password }) {
      const token = await auth.authenticate(name, password);
      return { ...done(), token };
    },

    async userAdd({ name, password, options }, caller) {
      asAdmin(caller);
      await auth.addUser(name, options?.noPassword ? undefined : password);
      return done();
    },
    userGet({ name }, { token }) {
      const user = auth.userOf(token);
      if (user !== name) auth.checkAdmin(user);
      return { header: member.header(), roles: [...auth.rolesOf(name)] };
    },
    userList(_request, caller) {
      asAdmin(caller);
      return { header: member.header(), users: auth.users() };
    },
    userDelete({ name }, caller) {
      asAdmin(caller);
      auth.deleteUser(name);
      return done();
    },
    async userChangePassword({ name, password }, caller) {
      asAdmin(caller);
      await auth.changePassword(name, password);
      return done();
    },
    userGrantRole({ user, role }, caller) {
      asAdmin(caller);
      auth.grantRole(user, role);
      return done();
    },
    userRevokeRole({ name, role }, caller) {
      asAdmin(caller);
      auth.revokeRole(name, role);
      return done();
    },

    roleAdd({ name }, caller) {
      asAdmin(caller);
      auth.addRole(name);
      return done();
    },
    roleGet({ role }, { token }) {
      const user = auth.userOf(token);
      if (user === undefined || !auth.rolesOf(user).includes(role)) auth.checkAdmin(user);
      return { header: member.header(), perm: auth.permissionsOf(role).map(wirePermission) };
    },
    roleList(_request, caller) {
      asAdmin(caller);
      return { header: member.header(), roles: auth.roles() };
    },
    roleDelete({ role }, caller) {
      asAdmin(caller);
      auth.deleteRole(role);
      return done();
    },
    roleGrantPermission({ name, perm }, caller) {
      asAdmin(caller);
      auth.grantPermission(name, perm && permission(perm));
      return done();
    },
    roleRevokePermission({ role, key, rangeEnd: end }, caller) {
      asAdmin(caller);
      auth.revokePermission(role, { key: keyOfBytes(key), ...rangeEnd(end) });
      return done();
    },
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
