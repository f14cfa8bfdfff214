import fs from 'node:fs';
import path from 'node:path';
import { clone, type JsonValue } from '../../../src/api/meta.ts';
import { applyEdits, dataFolder, type Edit } from '../verdicts/cases.ts';

/** Requests in order, each with what a real 1.36.3 server answered. Played in a fresh namespace, `${ns}`. */
export interface Sequence {
  id: string;
  area: string;
  about: string;
  steps: SequenceStep[];
}

export interface SequenceStep {
  method: string;
  path: string;
  query?: Record<string, string | string[]>;
  headers?: Record<string, string>;
  contentType?: string;
  /** `{"$edit": name, "patch": […]}` is a captured object with JSON Patch edits; `{"$repeat": text, "times": n}` a long text. */
  body?: JsonValue;
  /** Variables from the answer, by name: where they are in it. */
  capture?: Record<string, string>;
  /** Only these places of the answer were recorded. */
  pick?: string[];
  watch?: { until: number | 'bookmark' | 'end'; unordered?: boolean };
  response: Observed;
}

export interface Observed {
  code: number;
  headers: Record<string, unknown>;
  body?: unknown;
  events?: unknown[];
}

export type Variables = Record<string, JsonValue | undefined>;

export function readSequences(): Sequence[] {
  const folder = path.join(dataFolder, 'sequences');
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files
    .sort()
    .flatMap((name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as Sequence[]);
}

/** Puts the variables in. */
export function expand(value: JsonValue, variables: Variables): JsonValue {
  const go = (node: JsonValue): JsonValue => {
    if (typeof node === 'string') return expandText(node, variables);
    if (Array.isArray(node)) return node.map(go);
    if (node === null || typeof node !== 'object') return node;
    if (typeof node['$repeat'] === 'string') return node['$repeat'].repeat(Number(node['times']));
    if (typeof node['$edit'] === 'string') {
      const edits = go(node['patch'] ?? []) as unknown as Edit[];
      return applyEdits(clone(variables[node['$edit']] ?? {}), edits);
    }
    return Object.fromEntries(
      Object.entries(node).map(([name, inner]) => [expandText(name, variables), go(inner ?? null)]),
    );
  };
  return go(value);
}

export const expandText = (text: string, variables: Variables): string =>
  text.replace(/\$\{(\w+)\}/g, (all, name: string) =>
    name in variables ? textOf(variables[name]) : all,
  );

const textOf = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);
