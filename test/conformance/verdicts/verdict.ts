import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '../../../src/api/meta.ts';
import type { Verdict } from './cases.ts';

export interface WireResponse {
  code: number;
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  text: string;
}

const UID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const TIME = /\b20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const RANDOM_VOLUME = /\bkube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g;

const normaliseText = (text: string): string =>
  text
    .replace(UID, '<uid>')
    .replace(TIME, '<time>')
    .replace(RANDOM_VOLUME, 'kube-api-access-<rand>');

/** Replaces what differs from run to run, but for the values that the request itself carried. */
function normaliseObject(object: JsonValue, sent: ReadonlySet<string>): JsonValue {
  const visit = (node: JsonValue, key?: string, parent?: string): JsonValue => {
    if (typeof node === 'string') {
      if (key === 'resourceVersion' && node !== '') return '<rv>';
      if (sent.has(node)) return node;
      if ((key === 'clusterIP' || parent === 'clusterIPs') && /^\d/.test(node)) return '<ip>';
      return normaliseText(node);
    }
    if (typeof node === 'number') {
      const isPort = key === 'nodePort' || key === 'healthCheckNodePort';
      return isPort && !sent.has(String(node)) ? '<port>' : node;
    }
    if (Array.isArray(node)) return node.map((item) => visit(item, undefined, key));
    if (node !== null && typeof node === 'object') {
      return Object.fromEntries(
        Object.entries(node).map(([name, value]) => [name, visit(value ?? null, name, key)]),
      );
    }
    return node;
  };
  const result = visit(object);
  const meta = (result as { metadata?: { name?: unknown; generateName?: string } } | null)
    ?.metadata;
  if (
    meta?.generateName &&
    typeof meta.name === 'string' &&
    meta.name.startsWith(meta.generateName) &&
    !sent.has(meta.name)
  ) {
    meta.name = `${meta.generateName}<rand>`;
  }
  return result;
}

function stringsOf(bytes: Uint8Array | undefined): Set<string> {
  const found = new Set<string>();
  if (!bytes || bytes.length > 100_000) return found;
  const visit = (node: JsonValue | undefined): void => {
    if (typeof node === 'string') found.add(node);
    else if (typeof node === 'number') found.add(String(node));
    else if (node !== null && typeof node === 'object') Object.values(node).forEach(visit);
  };
  const body = parse(Buffer.from(bytes).toString());
  visit(body);
  return found;
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined; // a body that is no JSON carries no values
  }
}

/** What a response says, with uids, times and the like as placeholders. */
export function verdictOf(response: WireResponse, sent: Uint8Array | undefined): Verdict {
  const verdict: Verdict = { code: response.code };
  const body = parse(response.text) as JsonObject | undefined;
  if (body === undefined) verdict.text = normaliseText(response.text.trim());
  else if (
    body['kind'] === 'Status' &&
    body['apiVersion'] === 'v1' &&
    body['status'] === 'Failure'
  ) {
    if (body['reason']) verdict.reason = body['reason'] as string;
    if (body['message'] !== undefined) verdict.message = normaliseText(body['message'] as string);
    if (body['details'])
      verdict.details = normaliseObject(body['details'], new Set()) as { causes?: unknown[] };
  } else verdict.object = normaliseObject(body, stringsOf(sent));
  const warnings = [response.headers['warning'] ?? []]
    .flat()
    .flatMap((line) => [...line.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)])
    .map((match) => normaliseText((match[1] ?? '').replace(/\\(.)/g, '$1')));
  if (warnings.length) verdict.warnings = warnings;
  return verdict;
}

export const columns = ['code', 'message', 'causes', 'warnings', 'object', 'all'] as const;
export type Column = (typeof columns)[number];
export type Agreement = Record<Column, boolean>;

const sorted = (list: readonly unknown[]): string[] =>
  list.map((item) => JSON.stringify(item)).sort();

export function compare(expected: Verdict, actual: Verdict, order: 'any' | undefined): Agreement {
  const letters = (text: string | undefined) =>
    order === 'any'
      ? Array.from(text ?? '')
          .sort()
          .join('')
      : text;
  const same = {
    code: expected.code === actual.code && expected.reason === actual.reason,
    message:
      letters(expected.message) === letters(actual.message) &&
      letters(expected.text) === letters(actual.text),
    causes: isDeepStrictEqual(
      sorted(expected.details?.causes ?? []),
      sorted(actual.details?.causes ?? []),
    ),
    warnings: isDeepStrictEqual(sorted(expected.warnings ?? []), sorted(actual.warnings ?? [])),
    object: isDeepStrictEqual(expected.object, actual.object),
  };
  return { ...same, all: Object.values(same).every(Boolean) };
}

/** The leaves in which two values differ: `path: expected -> actual`. */
export function differences(expected: unknown, actual: unknown, where = ''): string[] {
  if (expected && actual && typeof expected === 'object' && typeof actual === 'object') {
    const left = expected as Record<string, unknown>;
    const right = actual as Record<string, unknown>;
    return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
      differences(left[key], right[key], `${where}/${key}`),
    );
  }
  return expected === actual
    ? []
    : [`${where}: ${JSON.stringify(expected)} -> ${JSON.stringify(actual)}`];
}
