import { methodNotSupported } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import type { RestTarget } from './target.ts';

/** Resources that are answered without being stored. */
export function serveVirtual(
  exchange: Exchange,
  target: RestTarget,
): Promise<ApiResponse> | ApiResponse {
  throw methodNotSupported(target.resource, exchange.info.verb);
}
