import type { ApiResponse } from '../../../api/wire.ts';

export const openapi = (_path: string, _query: string, _accept: string): ApiResponse | undefined => undefined;
