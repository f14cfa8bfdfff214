import type { Strategy } from './strategy.ts';

export const strategyOf = (group: string, version: string, kind: string): Strategy => ({ group, version, kind });
