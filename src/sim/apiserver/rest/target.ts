import type { Exchange } from '../exchange.ts';
import type { ServedResource, ServedSubresource } from '../registry/resources.ts';

/** The resource that a request is about, as it is served. */
export interface RestTarget {
  readonly resource: ServedResource;
  readonly subresource: ServedSubresource | undefined;
  /** '' for cluster-scoped resources and requests over all namespaces. */
  readonly namespace: string;
  readonly name: string;
}

/** Undefined when the path names nothing that is served: 404 page not found. */
export function targetOf(exchange: Exchange): RestTarget | undefined {
  const { info } = exchange;
  const resource = exchange.server.resources.get(info.group, info.version, info.resource);
  if (!resource) return undefined;
  const subresource = info.subresource ? resource.subresources.get(info.subresource) : undefined;
  if (info.subresource && !subresource) return undefined;
  const name = info.parts[1] ?? '';
  const isNamespace = resource.group === '' && resource.resource === 'namespaces';
  const namespace = isNamespace ? '' : info.namespace;
  if (namespace && !resource.namespaced) return undefined;
  if (resource.namespaced && !namespace && name) return undefined;
  const takesPath = info.subresource === 'proxy';
  if (info.parts.length > 3 && !takesPath) return undefined;
  return { resource, subresource, namespace, name };
}
