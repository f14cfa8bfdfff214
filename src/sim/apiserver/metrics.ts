import type { ApiResponse } from '../../api/wire.ts';
import type { Exchange } from './exchange.ts';
import { notFoundPage } from './rest/refusals.ts';

/** /metrics is not simulated yet: a real server's 404 is more honest than numbers that nobody measured. */
export const metrics = (exchange: Exchange): ApiResponse => notFoundPage(exchange);
