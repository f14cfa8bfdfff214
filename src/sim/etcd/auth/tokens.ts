import { minute, type Clock, type Micros } from '../../../base/time.ts';

interface Token {
  readonly user: string;
  expiry: Micros;
}

const tokenTtl = 5 * minute;

/**
 * Who showed a password lately: tokens that end after five minutes of silence. They are in memory only, so a member that
 * starts anew knows none. Models go.etcd.io/etcd/server/v3/auth tokenSimple.
 */
export class Tokens {
  readonly #tokens = new Map<string, Token>();
  /** Without it, tokens do not end. */
  clock: Clock | undefined;

  constructor(clock: Clock | undefined) {
    this.clock = clock;
  }

  assign(token: string, user: string): void {
    this.#tokens.set(token, { user, expiry: this.#expiry() });
  }

  /** Whose token it is; its time begins again. */
  userOf(token: string): string | undefined {
    const found = this.#tokens.get(token);
    if (!found) return undefined;
    if (this.clock && found.expiry <= this.clock.now()) {
      this.#tokens.delete(token);
      return undefined;
    }
    found.expiry = this.#expiry();
    return found.user;
  }

  /** Those of one user, or all. */
  forget(user?: string): void {
    for (const [token, { user: owner }] of this.#tokens)
      if (user === undefined || owner === user) this.#tokens.delete(token);
  }

  #expiry(): Micros {
    return (this.clock?.now() ?? 0) + tokenTtl;
  }
}
