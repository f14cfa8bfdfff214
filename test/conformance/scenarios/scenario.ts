import fs from 'node:fs';
import path from 'node:path';
import type { JsonObject, JsonValue } from '../../../src/api/meta.ts';
import { dataFolder } from '../verdicts/cases.ts';

/** A change and what the components of a real control plane wrote after it. data/scenarios/README.md tells the fields. */
export interface Scenario {
  id: string;
  area: string;
  about: string;
  /** Three roomy nodes in three zones, or nodes of its own. */
  nodes?: 'three' | NodeTemplate[];
  /** The scenario's nodes carry `$ns` in their names. */
  phase?: 'own-nodes';
  nodeChoice?: 'exact';
  /** Milliseconds without a write after which a step is over. */
  quiet?: number;
  kubelet?: 'auto' | 'manual';
  objects?: Record<string, JsonValue>;
  steps: ScenarioStep[];
}

export interface ScenarioStep {
  do: Action | Action[];
  quiet?: number;
  limit?: number;
  kubelet?: 'auto' | 'manual';
  /** Quiet milliseconds between two actions. */
  between?: number;
  then?: Partial<Outcome> & {
    order?: 'total' | 'partial';
    before?: [number, number][];
    mayAlso?: string[];
    mayAlsoEvents?: string[];
  };
}

export interface Action {
  method?: string;
  path?: string;
  contentType?: string;
  body?: JsonValue;
  advance?: number;
  align?: number;
  kubelet?: { pod: string; status: 'deleted' | PlayedStatus };
  stopNode?: string;
  addNode?: NodeTemplate;
}

export interface PlayedStatus {
  phase: string;
  ready?: boolean;
  exitCode?: number;
  reason?: string;
  message?: string;
}

export interface NodeTemplate {
  metadata: { name: string; labels?: Record<string, string> };
  spec?: JsonObject;
  status?: JsonObject;
}

/** What followed a step; every item is a plain object that is compared as a whole unless it says `loose`. */
export interface Outcome {
  responses: JsonObject[];
  writes: Item[];
  events: Item[];
  state: Item[];
}

export interface Item {
  [key: string]: unknown;
  /** `alias`: numbers of generated names, nodes and addresses are not compared; `partial`: only the fields given are. */
  loose?: 'alias' | 'partial';
}

export function readScenarios(): Scenario[] {
  const folder = path.join(dataFolder, 'scenarios');
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as Scenario)
    .filter((one) => Array.isArray(one.steps));
}

/** The expected outcome of each step, with the objects that writes name by their key. */
export const expectations = (scenario: Scenario): (Outcome & ScenarioStep['then'])[] =>
  scenario.steps.map(({ then = {} }) => ({
    responses: [],
    events: [],
    state: [],
    ...then,
    writes: (then.writes ?? []).map((write) =>
      typeof write['object'] === 'string'
        ? { ...write, object: scenario.objects?.[write['object']] }
        : write,
    ),
  }));
