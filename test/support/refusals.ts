import assert from 'node:assert/strict';
import { clone, type JsonObject, type JsonValue } from '../../src/api/meta.ts';
import { TestApi, type Answer } from './testApi.ts';

/**
 * Where in the object (a JSON pointer), the value that is put there (undefined: what was there is gone), and what the
 * server finds wrong then, as `field: message`; nothing when it takes it.
 */
export type Refusal = readonly [at: string, value: JsonValue | undefined, ...says: string[]];

interface Kind {
  /** The path of its collection. */
  readonly url: string;
  /** One that the server takes. */
  readonly valid: object;
}

/** What the server says to creations of a valid object with one change each, in dry runs. */
export function refusedCreations({ url, valid }: Kind, rows: readonly Refusal[]): void {
  describe('creations', () => {
    const ready = once(bootWithAccount);
    for (const [at, value, ...says] of rows)
      it(titleOf(at, value), async () => {
        const api = await ready();
        const answer = await api.send('POST', `${url}?dryRun=All`, changed(valid, at, value));
        assert.deepEqual(saidBy(answer), says);
      });
  });
}

/** What the server says to updates of a stored object with one change each, in dry runs. */
export function refusedUpdates(
  { url, valid }: Kind,
  rows: readonly Refusal[],
  subresource = '',
): void {
  describe(`updates${subresource && ` of ${subresource}`}`, () => {
    const ready = once(async () => {
      const api = await bootWithAccount();
      const { code, body, message } = await api.send('POST', url, valid);
      assert.equal(code, 201, message);
      return { api, stored: body };
    });
    for (const [at, value, ...says] of rows)
      it(titleOf(at, value), async () => {
        const { api, stored } = await ready();
        const { name } = stored['metadata'] as { name: string };
        const place = `${url}/${name}${subresource && `/${subresource}`}?dryRun=All`;
        assert.deepEqual(saidBy(await api.send('PUT', place, changed(stored, at, value))), says);
      });
  });
}

async function bootWithAccount(): Promise<TestApi> {
  const api = await TestApi.boot();
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  await api.send('POST', '/api/v1/namespaces/default/serviceaccounts', account);
  return api;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

const titleOf = (at: string, value: JsonValue | undefined): string =>
  `${at} ${value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80)}`;

/** The causes of a failure; its message when it names none. */
export function saidBy({
  code,
  body,
  message,
}: Pick<Answer, 'code' | 'body' | 'message'>): string[] {
  if (code < 300) return [];
  const { causes = [] } = (body['details'] ?? {}) as {
    causes?: { field: string; message: string }[];
  };
  return causes.length ? causes.map((cause) => `${cause.field}: ${cause.message}`) : [message];
}

/** A copy with one member changed; objects on the way to it are made. */
export function changed(object: object, at: string, value: JsonValue | undefined): JsonObject {
  const copy = clone(object) as JsonObject;
  const keys = at
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop();
  let holder: JsonObject = copy;
  for (const key of keys) holder = (holder[key] ??= {}) as JsonObject;
  if (last === undefined) return copy;
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}
