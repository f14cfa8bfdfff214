import { methodNotSupported } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import type { ServedSubresource } from '../registry/resources.ts';
import { getObject } from './get.ts';
import { patchObject } from './patch.ts';
import { methodNotAllowed } from './router.ts';
import type { RestTarget } from './target.ts';
import { putObject } from './update.ts';

/** Subresources: those that are the object seen through a narrower door, and those with a form of their own. */
export function serveSubresource(
  exchange: Exchange,
  target: RestTarget,
  subresource: ServedSubresource,
): Promise<ApiResponse> | ApiResponse {
  const { verb } = exchange.info;
  if (!subresource.verbs.has(verb)) throw methodNotSupported(target.resource, verb);
  switch (verb) {
    case 'get':
      return getObject(exchange, target);
    case 'update':
      return putObject(exchange, target);
    case 'patch':
      return patchObject(exchange, target);
    default:
      return methodNotAllowed(exchange);
  }
}
