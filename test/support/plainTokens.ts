import type { Claims, TokenIssuer } from '../../src/sim/apiserver/authn/tokens.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Tokens in the form of JWTs, signed with nothing but a word: for tests that need no keys. */
export const plainTokens: TokenIssuer = {
  sign: (claims) =>
    Promise.resolve(`${part({ alg: 'none', kid: 'plain' })}.${part(claims)}.unsigned`),
  verify: (token) => {
    const [, payload = '', signature] = token.split('.');
    return Promise.resolve(
      signature === 'unsigned'
        ? (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims)
        : undefined,
    );
  },
};
