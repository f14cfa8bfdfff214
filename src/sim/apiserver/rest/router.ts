import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import { createInCollection } from './create.ts';
import { deleteCollection } from './deleteCollection.ts';
import { deleteObject } from './delete.ts';
import { getObject } from './get.ts';
import { listObjects } from './list.ts';
import { nonResource } from './nonResource.ts';
import { patchObject } from './patch.ts';
import { methodNotAllowed, notServed } from './refusals.ts';
import { serveSubresource } from './subresources.ts';
import { targetOf, type RestTarget } from './target.ts';
import { putObject } from './update.ts';
import { serveVirtual } from './virtual.ts';
import { watchObjects } from './watch.ts';

/** Resources that every answer warns of. */
const DEPRECATED: Readonly<Record<string, string>> = {
  '/v1/componentstatuses': 'v1 ComponentStatus is deprecated in v1.19+',
  '/v1/endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

/** From an authorized request to the verb that answers it. */
export async function route(exchange: Exchange): Promise<ApiResponse> {
  const { info, request } = exchange;
  if (!info.isResourceRequest) return nonResource(exchange);
  const target = targetOf(exchange);
  if (!target) return notServed(exchange);
  const deprecation = DEPRECATED[`${info.group}/${info.version}/${info.resource}`];
  if (deprecation !== undefined) exchange.warn(deprecation);
  const { custom } = target.resource;
  if (custom?.deprecation !== undefined) exchange.warn(custom.deprecation);
  if (!target.resource.storage) return serveVirtual(exchange, target);
  if (target.subresource) return serveSubresource(exchange, target, target.subresource);
  const { verb } = info;
  const { verbs } = target.resource;
  if (target.name && request.method === 'POST') return methodNotAllowed();
  if (!target.name && (verb === 'update' || verb === 'patch')) return methodNotAllowed();
  if (verb === 'create' && target.resource.namespaced && !target.namespace)
    return methodNotAllowed();
  if (verb !== 'get' && !verbs.has(verb)) return methodNotAllowed();
  return serveVerb(exchange, target);
}

function serveVerb(exchange: Exchange, target: RestTarget): Promise<ApiResponse> | ApiResponse {
  switch (exchange.info.verb) {
    case 'get':
      return getObject(exchange, target);
    case 'list':
      return listObjects(exchange, target);
    case 'watch':
      return watchObjects(exchange, target);
    case 'create':
      return createInCollection(exchange, target);
    case 'update':
      return putObject(exchange, target);
    case 'patch':
      return patchObject(exchange, target);
    case 'delete':
      return deleteObject(exchange, target);
    case 'deletecollection':
      return deleteCollection(exchange, target);
    default:
      return methodNotAllowed();
  }
}
