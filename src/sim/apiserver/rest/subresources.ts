import { badRequest, failure, notFound, type StatusError } from '../../../api/status.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import type { ServedSubresource } from '../registry/resources.ts';
import { bindPod } from './binding.ts';
import { evictPod } from './eviction.ts';
import { getObject } from './get.ts';
import { patchObject } from './patch.ts';
import { readPodLog } from './podLog.ts';
import { methodNotAllowed } from './refusals.ts';
import { serveScale } from './scale.ts';
import type { RestTarget } from './target.ts';
import { requestToken } from './tokenRequest.ts';
import { putObject } from './update.ts';

/** Needs a connection to a container or a proxy: not simulated. */
const STREAMS = new Set(['exec', 'attach', 'portforward', 'proxy']);

/** Subresources: those that are the object seen through a narrower door, and those with a form of their own. */
export async function serveSubresource(
  exchange: Exchange,
  target: RestTarget,
  subresource: ServedSubresource,
): Promise<ApiResponse> {
  const { verb } = exchange.info;
  if (!subresource.verbs.has(verb)) return methodNotAllowed();
  if (STREAMS.has(subresource.name)) return refuseStream(exchange, target, subresource);
  switch (subresource.name) {
    case 'binding':
      return bindPod(exchange, target);
    case 'eviction':
      return evictPod(exchange, target);
    case 'token':
      return requestToken(exchange, target);
    case 'scale':
      return serveScale(exchange, target);
    case 'log':
      return readPodLog(exchange, target);
    default:
      return serveNarrowed(exchange, target);
  }
}

function serveNarrowed(exchange: Exchange, target: RestTarget): Promise<ApiResponse> | ApiResponse {
  switch (exchange.info.verb) {
    case 'get':
      return getObject(exchange, target);
    case 'update':
      return putObject(exchange, target);
    case 'patch':
      return patchObject(exchange, target);
    default:
      return methodNotAllowed();
  }
}

async function refuseStream(
  exchange: Exchange,
  { resource, namespace, name }: RestTarget,
  subresource: ServedSubresource,
): Promise<ApiResponse> {
  await exchange.settle();
  const stored = await exchange.server.store.get(resource, namespace, name);
  if (!stored) throw notFound(resource, name);
  const isPod = resource.resource === 'pods';
  const { nodeName } = (stored.object as Pod).spec ?? {};
  if (isPod && subresource.name === 'proxy' && !nodeName) throw badRequest('address not allowed');
  if (isPod && !nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  throw notImplemented(`${resource.resource}/${subresource.name}`);
}

const notImplemented = (what: string): StatusError =>
  failure(
    501,
    'InternalError',
    `${what} is not simulated: there is no process behind a simulated container`,
  );
