import type { JsonObject, JsonValue } from '../../../src/api/meta.ts';
import type { WireResponse } from '../verdicts/verdict.ts';
import type { Observed, SequenceStep } from './sequence.ts';

const headersOfInterest = [
  'content-type',
  'warning',
  'retry-after',
  'allow',
  'location',
  'www-authenticate',
];

/** An answer in the form that was recorded: parsed, picked, headers of interest, and no order where it means nothing. */
export function observe(step: SequenceStep, { code, headers: all, text }: WireResponse): Observed {
  const headers: Record<string, unknown> = {};
  for (const name of headersOfInterest) {
    const values = [all[name] ?? []].flat();
    if (values.length) headers[name] = values.length === 1 ? values[0] : values;
  }
  if (step.watch && code === 200) return { code, headers, events: eventsOf(step, text) };
  const body = tidy(parse(text));
  if (!step.pick) return { code, headers, body };
  const picked = step.pick.map((place) => [place, readPath(body, place) ?? null] as const);
  return { code, headers, body: Object.fromEntries(picked) };
}

/** A text that is no JSON is itself. */
export function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

/** `metadata.name`; `items.*.metadata.name` is of every item; '' is the whole. */
export function readPath(object: JsonValue, place: string): JsonValue | undefined {
  if (place === '') return object;
  let value: JsonValue | undefined = object;
  const names = place.split('.');
  for (const [index, name] of names.entries()) {
    if (value === null || typeof value !== 'object') return undefined;
    if (name === '*' && Array.isArray(value)) {
      const rest = names.slice(index + 1).join('.');
      return value.map((item) => readPath(item, rest) ?? null);
    }
    value = (value as JsonObject)[name];
  }
  return value;
}

function eventsOf({ watch }: SequenceStep, text: string): JsonValue[] {
  let events = text
    .split('\n')
    .filter(Boolean)
    .map((line) => tidy(parse(line)));
  if (typeof watch?.until === 'number') events = events.slice(0, watch.until);
  const key = (event: JsonValue) =>
    `${readPath(event, 'object.metadata.namespace') as string}/${readPath(event, 'object.metadata.name') as string}`;
  if (watch?.unordered) events.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return events;
}

/** managedFields are ordered by whole seconds, so their order says nothing; what a token claims is readable. */
function tidy(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(tidy);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (name === 'managedFields' && Array.isArray(inner))
        return [name, inner.map(tidy).sort((a, b) => (rank(a) < rank(b) ? -1 : 1))];
      if (name === 'token' && typeof inner === 'string' && inner.split('.').length === 3)
        return [name, claimsOf(inner)];
      return [name, tidy(inner ?? null)];
    }),
  );
}

function rank(entry: JsonValue): string {
  const { operation, manager, subresource, apiVersion, fieldsV1 } = entry as Record<string, string>;
  return [operation, manager, subresource ?? '', apiVersion, JSON.stringify(fieldsV1)].join(' ');
}

function claimsOf(token: string): JsonValue {
  const [header, claims] = token
    .split('.')
    .slice(0, 2)
    .map((part) => parse(Buffer.from(part, 'base64url').toString()) as JsonObject);
  for (const name of ['exp', 'iat', 'nbf']) if (claims?.[name]) claims[name] = '<epoch>';
  const lifetime = claims?.['kubernetes.io'] as JsonObject | undefined;
  if (lifetime?.['warnafter']) lifetime['warnafter'] = '<epoch>';
  if (header?.['kid']) header['kid'] = '<any>';
  return { jwt: { header: header ?? null, claims: claims ?? null } };
}
