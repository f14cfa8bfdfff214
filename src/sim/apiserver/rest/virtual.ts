import { methodNotSupported } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import { bindPod } from './binding.ts';
import { componentStatuses } from './componentStatuses.ts';
import { reviewAccess, reviewRules } from './accessReviews.ts';
import { reviewSelf, reviewToken } from './identityReviews.ts';
import { methodNotAllowed } from './refusals.ts';
import type { RestTarget } from './target.ts';

/** Resources that are answered without being stored. */
export function serveVirtual(
  exchange: Exchange,
  target: RestTarget,
): Promise<ApiResponse> | ApiResponse {
  const { verb } = exchange.info;
  const { resource } = target;
  if (resource.resource === 'componentstatuses') return componentStatuses(exchange, target);
  if (verb !== 'create' || target.name) return methodNotAllowed();
  switch (resource.resource) {
    case 'subjectaccessreviews':
    case 'selfsubjectaccessreviews':
    case 'localsubjectaccessreviews':
      return reviewAccess(exchange, target);
    case 'selfsubjectrulesreviews':
      return reviewRules(exchange, target);
    case 'tokenreviews':
      return reviewToken(exchange, target);
    case 'selfsubjectreviews':
      return reviewSelf(exchange, target);
    case 'bindings':
      return bindPod(exchange, target);
    default:
      throw methodNotSupported(resource, verb);
  }
}
