import type { ApiResponse } from '../../../api/wire.ts';

export const discovery = (_path: string, _accept: string): ApiResponse | undefined => undefined;
