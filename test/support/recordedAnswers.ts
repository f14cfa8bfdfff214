import assert from 'node:assert/strict';
import type { JsonObject, JsonValue } from '../../src/api/meta.ts';
import { encodeUtf8 } from '../../src/base/bytes.ts';
import { admin, type TestApi } from './testApi.ts';

/** A request as it was sent to a real server, with its answer. */
export interface RecordedStep {
  readonly method: string;
  readonly path: string;
  readonly body?: JsonValue;
  readonly type?: string;
  readonly accept?: string;
  /** The one member of the answer's object that counts. */
  readonly only?: string;
  /** Whom the admin impersonates. */
  readonly as?: string;
  readonly answer: {
    readonly code: number;
    readonly body: JsonValue;
    readonly warnings?: string[];
  };
}

/** What differs from server to server, or with time. */
const VOLATILE = new Set([
  'resourceVersion',
  'uid',
  'time',
  'creationTimestamp',
  'lastTransitionTime',
  'deletionTimestamp',
]);

function normal(value: JsonValue | undefined): JsonValue {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value === 'string') return plain(value);
  if (value === null || typeof value !== 'object') return value ?? null;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value))
    if (item !== undefined) result[key] = VOLATILE.has(key) && item ? `<${key}>` : normal(item);
  return inAnyOrder(result);
}

const plain = (text: string): string =>
  text
    .replace(/202[1-9]-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<uid>')
    .replace(/(resourceVersion\\*":\\*")\d+/g, '$1<version>')
    .replace(/10\.96\.\d+\.\d+/g, '<address>')
    .replace(/(gen|kube-api-access)-[a-z0-9]{5}/g, '$1-x');

/** Go walks over maps in an order of its own: so do the mistakes in a refusal. */
function inAnyOrder(object: JsonObject): JsonObject {
  const { message, details } = object;
  const list = typeof message === 'string' ? /^(.* is invalid: )\[(.*)\]$/s.exec(message) : null;
  if (!list) return object;
  const [, head = '', mistakes = ''] = list;
  const parts = mistakes.split(/, (?=[\w.<>[\]"-]+: )/).sort();
  const causes = ((details as JsonObject)['causes'] ?? []) as JsonObject[];
  const text = (cause: JsonObject): string => JSON.stringify(cause);
  causes.sort((a, b) => (text(a) < text(b) ? -1 : 1));
  return { ...object, message: head + parts.join(', ') };
}

/** Sends the requests one after another, and holds the answers against those of the real server. */
export async function playRecorded(api: TestApi, steps: readonly RecordedStep[]): Promise<void> {
  for (const step of steps) {
    const { method, path, body, type = 'application/json', accept = 'application/json' } = step;
    const raw = await api.settle(
      api.server.handle({
        method,
        url: path,
        headers: {
          'user-agent': 'test/1',
          'content-type': type,
          accept,
          ...(step.as !== undefined && { 'impersonate-user': step.as }),
        },
        peer: admin,
        ...(body !== undefined && {
          body: encodeUtf8(typeof body === 'string' ? body : JSON.stringify(body)),
        }),
      }),
    );
    const answer: JsonObject =
      raw.body.kind === 'object'
        ? raw.body.object
        : { text: raw.body.kind === 'text' ? raw.body.text : '' };
    const { only } = step;
    const shown = only === undefined ? answer : { [only]: answer[only] ?? null };
    const warnings = [raw.headers['warning'] ?? []].flat().map((text) => text.slice(6));
    const here = { code: raw.code, body: shown, ...(warnings.length && { warnings }) };
    assert.deepEqual(
      normal(JSON.parse(JSON.stringify(here)) as JsonValue),
      normal(step.answer),
      `${method} ${path} ${JSON.stringify(body)}`,
    );
  }
}
