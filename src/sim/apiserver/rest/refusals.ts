import { failure, notFound } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import { respondText } from './respond.ts';

/** What is not served: within a served version, the router answers; for others nobody does. */
export function notServed(exchange: Exchange): ApiResponse {
  const { group, version, resource, subresource, name } = exchange.info;
  const served = exchange.server.resources.get(group, version, resource);
  if (served?.custom && subresource) throw notFound(served, name);
  if (!exchange.server.resources.hasGroupVersion(group, version)) return notFoundPage(exchange);
  throw failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

export const notFoundPage = (exchange: Exchange): ApiResponse =>
  respondText(exchange, 404, '404 page not found\n');

/** What a real server's multiplexer says to a method that a path has no route for. */
export const methodNotAllowed = (): never => {
  throw failure(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
};
