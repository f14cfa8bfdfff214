import fs from 'node:fs';
import path from 'node:path';
import { clone, type JsonObject, type JsonValue } from '../../../src/api/meta.ts';

/** A recorded verdict: one dry-run request and what a real 1.36.3 server answered. */
export interface Case {
  id: string;
  about: string;
  /** admin (default), alice, anonymous, token:<bearer token>, user:<name>[,<group>…] (impersonated by admin). */
  as?: string;
  method: string;
  path: string;
  query?: Record<string, string>;
  contentType?: string;
  base?: string;
  edit?: Edit[];
  body?: JsonValue;
  repeat?: { at: string; text: string; times: number };
  /** `any`: the order within the real server's message varies. */
  order?: 'any';
  response: Verdict;
}

export interface Edit {
  op: 'add' | 'replace' | 'remove';
  path: string;
  value?: JsonValue;
}

export interface Verdict {
  code: number;
  reason?: string;
  message?: string;
  details?: { causes?: unknown[] };
  object?: JsonValue;
  text?: string;
  warnings?: string[];
}

export interface WireRequest {
  method: string;
  url: string;
  headers: Record<string, string | string[]>;
  body?: Uint8Array;
}

export const dataFolder = path.join(import.meta.dirname, '..', 'data');

const pointer = (text: string): string[] =>
  text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** Applies RFC 6902 add, replace and remove to a copy. */
export function applyEdits(object: JsonValue, edits: readonly Edit[] = []): JsonValue {
  const copy = clone(object);
  for (const { op, path: where, value } of edits) {
    const keys = pointer(where);
    const last = keys.pop() ?? '';
    let node: JsonValue | undefined = copy;
    for (const key of keys) {
      node = (node as JsonObject)[key];
      if (node === undefined) throw new Error(`nothing at ${where}`);
    }
    if (Array.isArray(node)) {
      const index = last === '-' ? node.length : Number(last);
      if (op === 'remove') node.splice(index, 1);
      else node.splice(index, op === 'add' ? 0 : 1, clone(value ?? null));
    } else if (op === 'remove') delete (node as JsonObject)[last];
    else (node as JsonObject)[last] = clone(value ?? null);
  }
  return copy;
}

/** The bytes of a case's body. */
export function bodyOf(
  test: Case,
  bases: Readonly<Record<string, JsonValue>>,
): Uint8Array | undefined {
  let body = test.body;
  if (test.base !== undefined) {
    const base = bases[test.base];
    if (base === undefined) throw new Error(`${test.id}: no base ${test.base}`);
    body = applyEdits(base, test.edit);
  }
  if (test.repeat) {
    const { at, text, times } = test.repeat;
    body = applyEdits(body ?? {}, [{ op: 'add', path: at, value: text.repeat(times) }]);
  }
  if (body === undefined) return undefined;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** The request of a case. Whose credentials the connection has is not part of it. */
export function requestOf(test: Case, bases: Readonly<Record<string, JsonValue>>): WireRequest {
  const query = new URLSearchParams({ dryRun: 'All', fieldValidation: 'Strict', ...test.query });
  for (const [key, value] of [...query]) if (value === '') query.delete(key);
  const body = bodyOf(test, bases);
  const headers: Record<string, string | string[]> = {
    accept: 'application/json',
    'user-agent': 'conformance',
  };
  if (body) headers['content-type'] = test.contentType ?? 'application/json';
  const as = test.as ?? 'admin';
  if (as.startsWith('user:')) {
    const [user = '', ...groups] = as.slice(5).split(',');
    headers['impersonate-user'] = user;
    if (groups.length) headers['impersonate-group'] = groups;
  }
  if (as.startsWith('token:')) headers['authorization'] = `Bearer ${as.slice(6)}`;
  return {
    method: test.method,
    url: `${test.path}?${query.toString()}`,
    headers,
    ...(body && { body }),
  };
}

export function readBases(): Record<string, JsonValue> {
  const folder = path.join(dataFolder, 'verdicts/bases');
  const files = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  return Object.assign(
    {},
    ...files.map((name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as object),
  ) as Record<string, JsonValue>;
}

export function readCases(): Map<string, Case[]> {
  const folder = path.join(dataFolder, 'verdicts/cases');
  const areas = new Map<string, Case[]>();
  for (const name of fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()) {
    const lines = fs.readFileSync(path.join(folder, name), 'utf8').split('\n').filter(Boolean);
    areas.set(
      name.slice(0, -'.jsonl'.length),
      lines.map((line) => JSON.parse(line) as Case),
    );
  }
  return areas;
}

export interface WorldStep {
  method?: string;
  path: string;
  contentType?: string;
  body: JsonObject;
}

export const readWorlds = (): WorldStep[] =>
  JSON.parse(fs.readFileSync(path.join(dataFolder, 'verdicts/worlds.json'), 'utf8')) as WorldStep[];
