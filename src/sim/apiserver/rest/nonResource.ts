import type { ApiResponse } from '../../../api/wire.ts';
import { discoveredGroups } from '../customResources/discovered.ts';
import { discovery } from '../discovery/discovery.ts';
import type { Exchange } from '../exchange.ts';
import { openapi } from '../openapi/openapi.ts';
import { health } from '../health.ts';
import { metrics } from '../metrics.ts';
import { openIdConfiguration, keySet } from './openId.ts';
import { respondText } from './respond.ts';
import { notFoundPage } from './refusals.ts';

/** Paths that name no resource: discovery, OpenAPI, version, health, metrics. */
export async function nonResource(exchange: Exchange): Promise<ApiResponse> {
  const { path } = exchange;
  if (exchange.request.method !== 'GET' && exchange.request.method !== 'HEAD')
    return respondText(exchange, 405, 'Method Not Allowed\n');
  if (path === '/version' || path === '/version/')
    return respondText(
      exchange,
      200,
      JSON.stringify(exchange.server.version, null, 2),
      'application/json',
    );
  if (path === '/metrics') return metrics(exchange);
  if (path === '/.well-known/openid-configuration') return openIdConfiguration(exchange);
  if (path === '/openid/v1/jwks') return keySet(exchange);
  const accept = exchange.header('accept') ?? '';
  const mark = exchange.request.url.indexOf('?');
  const query = mark < 0 ? '' : exchange.request.url.slice(mark + 1);
  const custom = exchange.server.resources.custom();
  const answer =
    discovery(path, accept, discoveredGroups(custom)) ??
    openapi(path, query, exchange.server.descriptions, custom, accept);
  if (answer) return { ...answer, headers: { ...commonHeaders(exchange), ...answer.headers } };
  return health(exchange) ?? notFoundPage(exchange);
}

const commonHeaders = (exchange: Exchange): Record<string, string> => ({
  'cache-control': 'no-cache, private',
  ...exchange.headers,
});
