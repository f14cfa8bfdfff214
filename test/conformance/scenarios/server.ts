import type { ScenarioRequest } from '../../support/scenarioServer.ts';
import type { JsonObject } from '../../../src/api/meta.ts';

/** What a scenario is played on. */
export interface Server {
  request(
    method: string,
    url: string,
    options?: ScenarioRequest,
  ): Promise<{ code: number; body: unknown }>;
  /** The audit events so far; the list grows. */
  audit(): readonly JsonObject[];
  sleep(delayMs: number): Promise<void>;
  /** Virtual time in milliseconds. */
  now(): number;
}

export const isoSeconds = (server: Server): string =>
  `${new Date(server.now()).toISOString().slice(0, 19)}Z`;
