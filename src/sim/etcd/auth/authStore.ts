import type { Clock } from '../../../base/time.ts';
import { errors } from '../errors.ts';
import type { Key } from '../kv.ts';
import { covers, isValidRange, type KeyRange } from './keyRange.ts';
import { Tokens } from './tokens.ts';

export type Access = 'read' | 'write' | 'readwrite';

export interface Permission extends KeyRange {
  readonly access: Access;
}

/** Users and roles as data, without the tokens, which end with the process. */
export interface AuthContents {
  readonly isEnabled: boolean;
  readonly revision: number;
  readonly users: readonly {
    readonly name: string;
    /** What the hasher made of it; absent: nobody can log in by password. */
    readonly password?: string;
    readonly roles: readonly string[];
  }[];
  readonly roles: readonly {
    readonly name: string;
    readonly permissions: readonly Permission[];
  }[];
}

interface User {
  /** undefined: nobody can log in by password. */
  readonly password: string | undefined;
  readonly roles: readonly string[];
}

const rootName = 'root';
const everything: Permission = { access: 'readwrite', key: '\0', rangeEnd: '\0' };

/**
 * Users, their roles, and what roles may read and write. Models go.etcd.io/etcd/server/v3/auth authStore with its
 * simple tokens. While it is disabled, everybody may do everything; users and roles can be made ready all the same.
 */
export class AuthStore {
  readonly tokens: Tokens;
  /** Hears of every change of users, roles, and whether they count. */
  onChange: (() => void) | undefined;
  readonly #users = new Map<string, User>();
  readonly #roles = new Map<string, readonly Permission[]>();
  #isEnabled = false;
  #revision = 1;

  /** @param clock ends tokens; without it they do not end */
  constructor(clock: Clock | undefined) {
    this.tokens = new Tokens(clock);
  }

  /** All there is but tokens. */
  contents(): AuthContents {
    return {
      isEnabled: this.#isEnabled,
      revision: this.#revision,
      users: [...this.#users].map(([name, { password, roles }]) => ({
        name,
        ...(password !== undefined && { password }),
        roles,
      })),
      roles: [...this.#roles].map(([name, permissions]) => ({ name, permissions })),
    };
  }

  /** Takes the users and roles of another in place of its own. */
  restore({ isEnabled, revision, users, roles }: AuthContents): void {
    this.#users.clear();
    this.#roles.clear();
    for (const { name, password, roles: granted } of users)
      this.#users.set(name, { password, roles: granted });
    for (const { name, permissions } of roles) this.#roles.set(name, permissions);
    this.#isEnabled = isEnabled;
    this.#revision = revision;
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** Counts the changes of users and roles. */
  get revision(): number {
    return this.#revision;
  }

  enable(): void {
    if (this.#isEnabled) return;
    const root = this.#users.get(rootName);
    if (!root) throw errors.rootUserNotExist();
    if (!root.roles.includes(rootName)) throw errors.rootRoleNotExist();
    this.#isEnabled = true;
    this.onChange?.();
  }

  disable(): void {
    if (!this.#isEnabled) return;
    this.#isEnabled = false;
    this.tokens.forget();
    this.#count();
  }

  /** What the password of a user must fit; refuses who cannot log in by one. */
  hashOf(name: string): string {
    if (!this.#isEnabled) throw errors.authNotEnabled();
    const user = this.#users.get(name);
    if (!user) throw errors.authFailed();
    if (user.password === undefined) throw errors.noPasswordUser();
    return user.password;
  }

  /** The user's password was right: from now on the token stands for it. Returns the token. */
  assignToken(name: string, token: string): string {
    if (!this.#isEnabled) throw errors.authNotEnabled();
    if (!this.#users.has(name)) throw errors.authFailed();
    this.tokens.assign(token, name);
    return token;
  }

  /** The user of a token; undefined for calls without one and while authentication is disabled. */
  userOf(token: string | undefined): string | undefined {
    if (!this.#isEnabled || token === undefined) return undefined;
    const user = this.tokens.userOf(token);
    if (user === undefined) throw errors.invalidAuthToken();
    return user;
  }

  /** What was checked at `revision` may not be so any more. */
  checkRevision(revision: number | undefined): void {
    if (this.#isEnabled && revision !== undefined && revision < this.#revision)
      throw errors.authOldRevision();
  }

  checkAdmin(user: string | undefined): void {
    if (!this.#isEnabled) return;
    if (user === undefined) throw errors.userEmpty();
    const found = this.#users.get(user);
    if (!found) throw errors.userNotFound();
    if (!found.roles.includes(rootName)) throw errors.permissionDenied();
  }

  isAdmin(user: string | undefined): boolean {
    return (
      !this.#isEnabled ||
      (user !== undefined && (this.#users.get(user)?.roles.includes(rootName) ?? false))
    );
  }

  /** Whether the user may read or write all of a range. */
  checkAccess(user: string | undefined, access: 'read' | 'write', key: Key, rangeEnd?: Key): void {
    if (!this.#isEnabled) return;
    if (user === undefined) throw errors.userEmpty();
    const roles = this.#users.get(user)?.roles ?? [];
    if (roles.includes(rootName)) return;
    const granted = roles
      .flatMap((role) => this.#roles.get(role) ?? [])
      .filter((permission) => permission.access === access || permission.access === 'readwrite');
    if (!covers(granted, { key, ...(rangeEnd !== undefined && { rangeEnd }) }))
      throw errors.permissionDenied();
  }

  /** @param password what the hasher made of it; undefined: nobody can log in by password */
  addUser(name: string, password: string | undefined): void {
    if (!name) throw errors.userEmpty();
    if (this.#users.has(name)) throw errors.userAlreadyExists();
    this.#putUser(name, { password, roles: [] });
  }

  deleteUser(name: string): void {
    if (this.#isEnabled && name === rootName) throw errors.invalidAuthManagement();
    this.#user(name);
    this.#users.delete(name);
    this.#count();
    this.tokens.forget(name);
  }

  changePassword(name: string, hash: string): void {
    const user = this.#user(name);
    // Who has none gets none.
    this.#putUser(name, { ...user, password: user.password === undefined ? undefined : hash });
    this.tokens.forget(name);
  }

  grantRole(name: string, role: string): void {
    const user = this.#user(name);
    if (role !== rootName) this.#role(role);
    if (user.roles.includes(role)) return;
    this.#putUser(name, { ...user, roles: [...user.roles, role].sort() });
  }

  revokeRole(name: string, role: string): void {
    if (this.#isEnabled && name === rootName && role === rootName)
      throw errors.invalidAuthManagement();
    const user = this.#user(name);
    if (!user.roles.includes(role)) throw errors.roleNotGranted();
    this.#putUser(name, { ...user, roles: user.roles.filter((other) => other !== role) });
  }

  rolesOf(name: string): readonly string[] {
    return this.#user(name).roles;
  }

  users(): string[] {
    return [...this.#users.keys()].sort();
  }

  roles(): string[] {
    return [...this.#roles.keys()].sort();
  }

  addRole(name: string): void {
    if (!name) throw errors.roleEmpty();
    if (this.#roles.has(name)) throw errors.roleAlreadyExists();
    this.#putRole(name, []);
  }

  deleteRole(name: string): void {
    if (this.#isEnabled && name === rootName) throw errors.invalidAuthManagement();
    this.#role(name);
    this.#roles.delete(name);
    for (const [user, value] of this.#users)
      if (value.roles.includes(name))
        this.#users.set(user, { ...value, roles: value.roles.filter((role) => role !== name) });
    this.#count();
  }

  permissionsOf(role: string): readonly Permission[] {
    const permissions = this.#role(role);
    return role === rootName ? [everything] : permissions;
  }

  grantPermission(role: string, permission: Permission | undefined): void {
    if (!permission) throw errors.permissionNotGiven();
    if (!isValidRange(permission)) throw errors.invalidAuthManagement();
    const others = this.#role(role).filter((other) => !isSameRange(other, permission));
    const sorted = [...others, permission].sort((a, b) => (a.key < b.key ? -1 : 1));
    this.#putRole(role, sorted);
  }

  revokePermission(role: string, range: KeyRange): void {
    const permissions = this.#role(role);
    const others = permissions.filter((permission) => !isSameRange(permission, range));
    if (others.length === permissions.length) throw errors.permissionNotGranted();
    this.#putRole(role, others);
  }

  #count(): void {
    this.#revision++;
    this.onChange?.();
  }

  #user(name: string): User {
    const user = this.#users.get(name);
    if (!user) throw errors.userNotFound();
    return user;
  }

  #role(name: string): readonly Permission[] {
    const role = this.#roles.get(name);
    if (!role) throw errors.roleNotFound();
    return role;
  }

  #putUser(name: string, user: User): void {
    this.#users.set(name, user);
    this.#count();
  }

  #putRole(name: string, permissions: readonly Permission[]): void {
    this.#roles.set(name, permissions);
    this.#count();
  }
}

const isSameRange = (a: KeyRange, b: KeyRange): boolean =>
  a.key === b.key && a.rangeEnd === b.rangeEnd;
