import type { JsonObject } from '../../../api/meta.ts';

/** The claims of a ServiceAccount token. Models kubernetes/pkg/serviceaccount/claims.go. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number;
  readonly jti: string;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly serviceaccount: { readonly name: string; readonly uid: string };
    readonly pod?: { readonly name: string; readonly uid: string };
    readonly node?: { readonly name: string; readonly uid: string };
    readonly secret?: { readonly name: string; readonly uid: string };
    readonly warnafter?: number;
  };
}

/** Signs and verifies ServiceAccount tokens. The host does it with keys; a test may do it with plain text. */
export interface TokenIssuer {
  sign(claims: Claims): Promise<string>;
  /** The claims when the signature is ours, whatever they say; undefined otherwise. */
  verify(token: string): Promise<Claims | undefined>;
  /** The public keys as a JSON Web Key Set, for /openid/v1/jwks. */
  keySet?(): Promise<JsonObject>;
}

export const tokenIssuer = 'https://kubernetes.default.svc.cluster.local';
/** The audiences that this API server takes as its own. */
export const apiAudiences: readonly string[] = [tokenIssuer];
