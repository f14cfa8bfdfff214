import type { JsonObject } from '../../../src/api/meta.ts';
import type { Figures } from '../ratchet.ts';
import type { WireRequest } from '../verdicts/cases.ts';
import type { WireResponse } from '../verdicts/verdict.ts';
import { compare, newBindings, type Difference } from './match.ts';
import { observe, parse, readPath } from './observe.ts';
import {
  expand,
  expandText,
  type Observed,
  type Sequence,
  type SequenceStep,
  type Variables,
} from './sequence.ts';

/** Sends as the admin. An answer that is a stream is read until `isEnough`, its end, or for `timeoutMs`. */
export type Exchange = (
  request: WireRequest,
  stream: { isEnough: (text: string) => boolean; timeoutMs: number },
) => Promise<WireResponse>;

export interface Played {
  readonly sequence: Sequence;
  readonly steps: number;
  readonly disagreements: readonly Disagreement[];
}

interface Disagreement {
  readonly step: number;
  readonly request: string;
  readonly differences: readonly Difference[];
}

let counter = 0;

/** Plays a sequence in a namespace of its own, and compares each answer. */
export async function playSequence(sequence: Sequence, exchange: Exchange): Promise<Played> {
  // As long as the recorded ones: names are made of it, and some have limits.
  const namespace = `seq-${String(++counter).padStart(6, '0')}`;
  const variables: Variables = { ns: namespace };
  const made: string[] = [];
  const disagreements: Disagreement[] = [];
  await prepare(namespace, exchange);
  const bindings = newBindings(variables);
  for (const [index, step] of sequence.steps.entries()) {
    let observed: Observed;
    try {
      const answer = await exchange(requestOf(step, variables), streamOf(step));
      observed = observe(step, answer);
      const body = parse(answer.text);
      for (const [name, place] of Object.entries(step.capture ?? {}))
        variables[name] = readPath(body, place);
      if (step.method === 'POST' && observed.code === 201)
        made.push(...leftOutside(step, body as JsonObject, variables));
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      observed = { code: 0, headers: {}, body: text };
    }
    const differences = compare(step.response, JSON.parse(JSON.stringify(observed)), bindings);
    const query = step.query ? ` ${JSON.stringify(step.query)}` : '';
    const request = `${step.method} ${step.path}${query}`;
    if (differences.length) disagreements.push({ step: index, request, differences });
  }
  for (const url of made.reverse())
    await exchange({ method: 'DELETE', url, headers: agent }, noStream);
  return { sequence, steps: sequence.steps.length, disagreements };
}

/** Percentages by area, for the ratchet. */
export function agreement(played: readonly Played[]): Figures {
  const areas = [...new Set(played.map(({ sequence }) => sequence.area))];
  const row = (list: readonly Played[]) => ({
    steps: percent(stepsOf(list), wrongOf(list)),
    fully: percent(list.length, list.filter((one) => one.disagreements.length).length),
  });
  const of = (area: string) => played.filter(({ sequence }) => sequence.area === area);
  return {
    ...Object.fromEntries(areas.map((area) => [area, row(of(area))])),
    total: row(played),
  };
}

/** The table by area, the first `show` disagreements, and the totals. */
export function report(played: readonly Played[], show: number): string {
  const wrong = played.flatMap(({ sequence, disagreements }) =>
    disagreements.map((one) => ({ id: sequence.id, ...one })),
  );
  const out = wrong
    .slice(0, show)
    .flatMap(({ id, step, request, differences }) => [
      `\n${id} step ${step}: ${request}`,
      ...differences
        .slice(0, 8)
        .map(({ at, expected, actual }) => `  ${at}: ${brief(expected)} -> ${brief(actual)}`),
    ]);
  const figures = agreement(played);
  for (const [area, columns] of Object.entries(figures)) {
    const list = played.filter(({ sequence }) => area === 'total' || sequence.area === area);
    out.push(
      `${area.padEnd(16)} ${String(list.length).padStart(4)} sequences ${String(stepsOf(list)).padStart(5)} steps  ${(columns['steps'] ?? 0).toFixed(1).padStart(5)}% of steps  ${(columns['fully'] ?? 0).toFixed(1).padStart(5)}% fully`,
    );
  }
  return out.join('\n');
}

const percent = (all: number, wrong: number): number => (all ? (100 * (all - wrong)) / all : 100);
const stepsOf = (list: readonly Played[]) => list.reduce((sum, { steps }) => sum + steps, 0);
const wrongOf = (list: readonly Played[]) =>
  list.reduce((sum, { disagreements }) => sum + disagreements.length, 0);
const brief = (value: unknown): string => JSON.stringify(value ?? null).slice(0, 400);

const agent = { 'user-agent': 'play-sequences/1', accept: 'application/json' };
const noStream = { isEnough: () => false, timeoutMs: 5000 };

/** A namespace with the service account that a controller would make. */
async function prepare(namespace: string, exchange: Exchange): Promise<void> {
  const post = (url: string, body: object) => {
    const headers = { ...agent, 'content-type': 'application/json' };
    return exchange(
      { method: 'POST', url, headers, body: Buffer.from(JSON.stringify(body)) },
      noStream,
    );
  };
  const made = await post('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  if (made.code !== 201) throw new Error(`namespace ${namespace}: ${made.code} ${made.text}`);
  await post(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default' },
  });
}

function requestOf(step: SequenceStep, variables: Variables): WireRequest {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(step.query ?? {}))
    for (const one of [value].flat()) query.append(name, expandText(one, variables));
  const headers: Record<string, string> = { ...agent };
  for (const [name, value] of Object.entries(step.headers ?? {}))
    headers[name.toLowerCase()] = expandText(value, variables);
  const content = step.body === undefined ? undefined : expand(step.body, variables);
  if (content !== undefined) headers['content-type'] ??= step.contentType ?? 'application/json';
  const url = expandText(step.path, variables) + (query.size ? `?${query.toString()}` : '');
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return {
    method: step.method,
    url,
    headers,
    ...(content !== undefined && { body: Buffer.from(text) }),
  };
}

function streamOf({ watch }: SequenceStep): Parameters<Exchange>[1] {
  const until = watch?.until;
  return {
    timeoutMs: 5000,
    isEnough: (text) => {
      if (until === undefined || until === 'end') return false;
      if (until === 'bookmark') return text.includes('"type":"BOOKMARK"');
      return text.split('\n').filter(Boolean).length >= until;
    },
  };
}

/** What a request made outside the namespace, or holds an address: it is deleted at the end. */
function leftOutside(step: SequenceStep, body: JsonObject, variables: Variables): string[] {
  const place = expandText(step.path, variables).replace(/\?.*/, '');
  const name = (body['metadata'] as { name?: string } | undefined)?.name;
  const isInside = /\/namespaces\/[^/]+\//.test(place) && !place.endsWith('/services');
  if (name === undefined || isInside) return [];
  if (/\/(eviction|binding|token|approval|status|scale)$/.test(place)) return [];
  return [`${place}/${name}`];
}
