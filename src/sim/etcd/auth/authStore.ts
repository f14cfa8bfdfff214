import { minute, type Clock, type Micros } from '../../../base/time.ts';
import { errors } from '../errors.ts';
import type { Key } from '../kv.ts';
import { covers, isValidRange, type KeyRange } from './keyRange.ts';

export type Access = 'read' | 'write' | 'readwrite';

export interface Permission extends KeyRange {
  readonly access: Access;
}

/** Turns passwords into what is kept, and tells whether one fits; the host has the algorithm. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string): Promise<boolean>;
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

export interface AuthOptions {
  readonly from?: AuthContents;
  /** Hears of every change of users, roles, and whether they count. */
  readonly onChange?: () => void;
  readonly passwords: PasswordHasher;
  /** The random part of a token: 16 letters. */
  readonly newToken: () => string;
  /** Without it, tokens do not end. */
  readonly clock?: Clock;
}

interface User {
  /** undefined: nobody can log in by password. */
  readonly password: string | undefined;
  readonly roles: readonly string[];
}

interface Token {
  readonly user: string;
  expiry: Micros;
}

const rootName = 'root';
const tokenTtl = 5 * minute;
const everything: Permission = { access: 'readwrite', key: '\0', rangeEnd: '\0' };

/**
 * Users, their roles, and what roles may read and write. Models go.etcd.io/etcd/server/v3/auth authStore with its
 * simple tokens. While it is disabled, everybody may do everything; users and roles can be made ready all the same.
 */
export class AuthStore {
  readonly #options: AuthOptions;
  readonly #users = new Map<string, User>();
  readonly #roles = new Map<string, readonly Permission[]>();
  readonly #tokens = new Map<string, Token>();
  #isEnabled = false;
  #revision = 1;
  #tokenCount = 0;

  constructor(options: AuthOptions) {
    this.#options = options;
    if (options.from) this.#load(options.from);
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
    this.#options.onChange?.();
  }

  disable(): void {
    if (!this.#isEnabled) return;
    this.#isEnabled = false;
    this.#tokens.clear();
    this.#count();
  }

  /** Returns a token for the calls that follow. */
  async authenticate(name: string, password: string): Promise<string> {
    if (!this.#isEnabled) throw errors.authNotEnabled();
    const user = this.#users.get(name);
    if (!user) throw errors.authFailed();
    if (user.password === undefined) throw errors.noPasswordUser();
    if (!(await this.#options.passwords.verify(password, user.password))) throw errors.authFailed();
    const token = `${this.#options.newToken()}.${++this.#tokenCount}`;
    this.#tokens.set(token, { user: name, expiry: this.#tokenExpiry() });
    return token;
  }

  /** The user of a token; undefined for calls without one and while authentication is disabled. */
  userOf(token: string | undefined): string | undefined {
    if (!this.#isEnabled || token === undefined) return undefined;
    const found = this.#tokens.get(token);
    if (!found) throw errors.invalidAuthToken();
    if (this.#options.clock && found.expiry <= this.#options.clock.now()) {
      this.#tokens.delete(token);
      throw errors.invalidAuthToken();
    }
    found.expiry = this.#tokenExpiry();
    return found.user;
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

  async addUser(name: string, password: string | undefined): Promise<void> {
    if (!name) throw errors.userEmpty();
    if (this.#users.has(name)) throw errors.userAlreadyExists();
    const hash = password === undefined ? undefined : await this.#options.passwords.hash(password);
    if (this.#users.has(name)) throw errors.userAlreadyExists();
    this.#putUser(name, { password: hash, roles: [] });
  }

  deleteUser(name: string): void {
    if (this.#isEnabled && name === rootName) throw errors.invalidAuthManagement();
    this.#user(name);
    this.#users.delete(name);
    this.#count();
    this.#forgetTokens(name);
  }

  async changePassword(name: string, password: string): Promise<void> {
    const user = this.#user(name);
    const hash =
      user.password === undefined ? undefined : await this.#options.passwords.hash(password);
    this.#putUser(name, { ...this.#user(name), password: hash });
    this.#forgetTokens(name);
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

  #load({ isEnabled, revision, users, roles }: AuthContents): void {
    for (const { name, password, roles: granted } of users)
      this.#users.set(name, { password, roles: granted });
    for (const { name, permissions } of roles) this.#roles.set(name, permissions);
    this.#isEnabled = isEnabled;
    this.#revision = revision;
  }

  #count(): void {
    this.#revision++;
    this.#options.onChange?.();
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

  #forgetTokens(user: string): void {
    for (const [token, { user: owner }] of this.#tokens)
      if (owner === user) this.#tokens.delete(token);
  }

  #tokenExpiry(): Micros {
    return (this.#options.clock?.now() ?? 0) + tokenTtl;
  }
}

const isSameRange = (a: KeyRange, b: KeyRange): boolean =>
  a.key === b.key && a.rangeEnd === b.rangeEnd;
