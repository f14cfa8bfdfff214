import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { exportJWK, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { calculateJwkThumbprint } from 'jose';
import type { Claims, TokenIssuer } from '../sim/apiserver/authn/tokens.ts';

const algorithm = 'ES256';

/** A new key to sign with, as PEM. */
export async function newTokenKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Signs and checks ServiceAccount tokens with a key of the cluster's own. */
export async function createTokenIssuer(key: string): Promise<TokenIssuer> {
  const privateKey = createPrivateKey(key);
  const publicKey = createPublicKey(key);
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
  return {
    sign: (claims) =>
      new SignJWT(claims as unknown as JWTPayload)
        .setProtectedHeader({ alg: algorithm, kid })
        .sign(privateKey),
    async verify(token) {
      try {
        // Times and audiences are the authenticator's to judge, in virtual time.
        const { payload } = await jwtVerify(token, publicKey, {
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
