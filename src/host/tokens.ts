import { webcrypto } from 'node:crypto';
import { exportJWK, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { calculateJwkThumbprint } from 'jose';
import type { Claims, TokenIssuer } from '../sim/apiserver/authn/tokens.ts';

const algorithm = 'ES256';

/** Signs and checks ServiceAccount tokens with a key of the cluster's own. */
export async function createTokenIssuer(): Promise<TokenIssuer> {
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey(
    { name: 'ECDSA', namedCurve: 'P-256' },
    true,
    ['sign', 'verify'],
  );
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
  return {
    sign: (claims) =>
      new SignJWT(claims as unknown as JWTPayload)
        .setProtectedHeader({ alg: algorithm, kid })
        .sign(privateKey),
    async verify(token) {
      try {
        // Times and audiences are the authenticator's to judge, in virtual time.
        const { payload } = await jwtVerify(token, publicKey as CryptoKey, {
          algorithms: [algorithm],
          currentDate: new Date(0),
          clockTolerance: Number.MAX_SAFE_INTEGER,
        });
        return payload as unknown as Claims;
      } catch {
        return undefined; // not one of ours: that is the answer
      }
    },
  };
}
