import type { CauseStep, Details, DiffLine } from '../protocol/timeline.ts';
import { pathToRoot } from '../trace/cause.ts';
import type { Change, EventId, TraceEvent } from '../trace/event.ts';
import { redactChanges } from '../yaml/render.ts';
import { diffLines } from './diff.ts';
import { labelOf } from './lanes.ts';
import { sentenceOf, stageNames } from './sentences.ts';

/** The values of a key on both sides of a write, as the views print them; '' when there was none. */
export interface WriteTexts {
  readonly before: string;
  readonly after: string;
}

/**
 * Who, why and what changed, for one event of a graph. `texts` is given for etcd writes: the YAML before and after.
 * `effects` are the events whose causes include this one.
 */
export function detailsOf(
  event: TraceEvent,
  get: (id: EventId) => TraceEvent | undefined,
  effects: readonly TraceEvent[],
  { texts, showSecrets }: { readonly texts?: WriteTexts; readonly showSecrets: boolean },
): Details {
  const step = (it: TraceEvent): CauseStep => ({
    id: it.id,
    who: labelOf(it.component),
    sentence: sentenceOf(it),
  });
  const also = (event.also ?? []).map(get).filter((it) => it !== undefined);
  const diff = texts
    ? { title: 'What changed', lines: diffLines(texts.before, texts.after) }
    : stageDiff(event, !showSecrets && isAboutSecrets(event, get));
  return {
    id: event.id,
    who: labelOf(event.component),
    sentence: sentenceOf(event),
    why: pathToRoot(event, get).slice(1).map(step),
    also: also.map(step),
    leadsTo: effects.slice(0, 50).map(step),
    facts: factsOf(event),
    ...(diff && { diff }),
    ...((event.type === 'etcd.put' || event.type === 'etcd.delete') && {
      key: { key: event.key, revision: event.revision },
    }),
  };
}

const isAboutSecrets = (
  event: TraceEvent,
  get: (id: EventId) => TraceEvent | undefined,
): boolean => {
  const request = pathToRoot(event, get).find((it) => it.type === 'request');
  return request?.type === 'request' && request.object?.resource === 'secrets';
};

function stageDiff(event: TraceEvent, isSecret: boolean): Details['diff'] {
  if (event.type !== 'stage' || !event.changes?.length) return undefined;
  const changes = isSecret ? redactChanges(event.changes) : event.changes;
  return {
    title: `What ${event.plugin ?? stageNames[event.stage]} changed`,
    lines: changes.flatMap(linesOf),
  };
}

/** A change of one place: `- spec.priority: 0`, `+ …`. Values are printed as JSON, which is YAML too. */
function linesOf({ path, before, after }: Change): DiffLine[] {
  const place = fieldOf(path);
  const line = (sign: '+' | '-', value: unknown): DiffLine => ({
    sign,
    text: `${place}: ${JSON.stringify(value)}`,
  });
  return [
    ...(before === undefined ? [] : [line('-', before)]),
    ...(after === undefined ? [] : [line('+', after)]),
  ];
}

/** `/spec/tolerations/0/key` → `spec.tolerations[0].key` */
export function fieldOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => {
      if (/^\d+$/.test(part)) return `${path}[${part}]`;
      if (/[./]/.test(part)) return `${path}[${part}]`;
      return path ? `${path}.${part}` : part;
    }, '');
}

function factsOf(event: TraceEvent): { name: string; value: string }[] {
  const facts: Record<string, string | number | boolean | undefined> = {};
  switch (event.type) {
    case 'request':
      Object.assign(facts, { method: event.method, URL: event.url, 'user agent': event.userAgent });
      if (event.dryRun) facts['dry run'] = 'yes';
      break;
    case 'stage':
      Object.assign(
        facts,
        { stage: stageNames[event.stage], plugin: event.plugin, verdict: event.verdict },
        event.facts,
      );
      break;
    case 'response':
      Object.assign(facts, {
        code: event.code,
        reason: event.reason,
        warnings: event.warnings?.join('\n'),
      });
      break;
    case 'etcd.put':
      Object.assign(facts, {
        key: event.key,
        revision: event.revision,
        version: event.version,
        bytes: event.bytes,
      });
      break;
    case 'etcd.delete':
      Object.assign(facts, { key: event.key, revision: event.revision });
      break;
    case 'raft':
      Object.assign(facts, { kind: event.kind, to: event.to, term: event.term });
      break;
    case 'watch':
      Object.assign(facts, { change: event.change, resourceVersion: event.resourceVersion });
      break;
    case 'queue':
      Object.assign(facts, { queue: event.queue, key: event.key, failures: event.failures });
      break;
    case 'reconcile':
      Object.assign(facts, { key: event.key, phase: event.phase, error: event.error });
      break;
    case 'schedule':
      Object.assign(facts, {
        pod: event.pod,
        node: event.node,
        plugin: event.plugin,
        'raw score': event.raw,
        score: event.normalized,
        weight: event.weight,
      });
      break;
    case 'kubelet':
      Object.assign(facts, { action: event.action, pod: event.pod, container: event.container });
      break;
    case 'etcd.slow':
      Object.assign(facts, { 'took (ms)': event.took / 1000 });
      break;
    case 'etcd.compact':
    case 'timer':
    case 'lifecycle':
      break;
  }
  return Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => ({ name, value: String(value) }));
}
