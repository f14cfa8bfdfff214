import type { ApiResponse } from '../../../api/wire.ts';
import { tokenIssuer } from '../authn/tokens.ts';
import type { Exchange } from '../exchange.ts';
import { notFoundPage } from './refusals.ts';
import { respondText } from './respond.ts';

/** Where others find the keys of ServiceAccount tokens. Models kubernetes/pkg/routes/openidmetadata.go. */
export function openIdConfiguration(exchange: Exchange): ApiResponse {
  const host = exchange.header('host') ?? exchange.header(':authority') ?? '127.0.0.1:6443';
  const configuration = {
    issuer: tokenIssuer,
    jwks_uri: `https://${host}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
  return respondText(exchange, 200, JSON.stringify(configuration), 'application/json');
}

/** The public keys, where the issuer tells them. */
export async function keySet(exchange: Exchange): Promise<ApiResponse> {
  const keys = await exchange.server.tokens.keySet?.();
  if (!keys) return notFoundPage(exchange);
  return respondText(exchange, 200, JSON.stringify(keys), 'application/jwk-set+json');
}
