import { unreachable } from '../base/assert.ts';
import type { ComponentId, EventBody, Stage, TraceEvent } from '../trace/event.ts';
import { clientOf, nameOf } from '../trace/names.ts';
import { labelOf } from './lanes.ts';

export const stageNames: Readonly<Record<Stage, string>> = {
  authentication: 'Authentication',
  audit: 'Audit',
  impersonation: 'Impersonation',
  priorityAndFairness: 'Priority and fairness',
  authorization: 'Authorization',
  body: 'Read body',
  decoding: 'Decoding',
  patch: 'Patch',
  managedFields: 'Managed fields',
  mutatingAdmission: 'Mutating admission',
  strategy: 'Strategy',
  validation: 'Validation',
  validatingAdmission: 'Validating admission',
  storage: 'Storage',
};

/** A few words for a bar or a row. */
export function labelOfEvent(event: EventBody): string {
  switch (event.type) {
    case 'request':
      return event.object
        ? `${event.verb} ${nameOf(event.object)}`
        : `${event.method} ${pathOf(event.url)}`;
    case 'stage':
      return event.plugin ?? stageNames[event.stage];
    case 'response':
      return event.reason ? `${event.code} ${event.reason}` : String(event.code);
    case 'etcd.put':
      return `${event.version === 1 ? 'create' : 'put'} ${tail(event.key)} @${event.revision}`;
    case 'etcd.delete':
      return `delete ${tail(event.key)} @${event.revision}`;
    case 'etcd.compact':
      return `compact @${event.revision}`;
    case 'etcd.slow':
      return `slow ${event.what}`;
    case 'raft':
      return event.to === undefined ? event.kind : `${event.kind} → ${event.to}`;
    case 'watch':
      return `${event.change} ${nameOf(event.object)}`;
    case 'queue':
      return `${event.action} ${event.key}`;
    case 'reconcile':
      return event.phase === 'started' ? `reconcile ${event.key}` : event.error ? 'failed' : 'done';
    case 'schedule':
      return scheduleLabel(event);
    case 'kubelet':
      return [kubeletWords[event.action], event.container ?? event.pod].filter(Boolean).join(' ');
    case 'timer':
      return 'timer';
    case 'lifecycle':
      return event.action;
    default:
      return unreachable(event);
  }
}

/** What happened, as a sentence in plain words. */
export function sentenceOf(event: TraceEvent): string {
  const who = subjectOf(event.component);
  switch (event.type) {
    case 'request':
      return sentence(
        `${clientOf(event.userAgent)} asks the API server to ${event.verb} ${event.object ? nameOf(event.object) : pathOf(event.url)}${event.dryRun ? ' as a dry run' : ''}`,
      );
    case 'stage':
      return sentence(event.summary || `${labelOfEvent(event)}: ${event.verdict}`);
    case 'response':
      return sentence(
        event.message
          ? `The API server answers ${event.code}: ${event.message}`
          : `The API server answers ${event.code}`,
      );
    case 'etcd.put':
      return sentence(
        `etcd ${event.version === 1 ? 'creates' : `writes version ${event.version} of`} ${event.key} at revision ${event.revision}`,
      );
    case 'etcd.delete':
      return sentence(`etcd deletes ${event.key} at revision ${event.revision}`);
    case 'etcd.compact':
      return sentence(`etcd forgets what was overwritten before revision ${event.revision}`);
    case 'watch':
      return sentence(
        `${who} hears that ${nameOf(event.object)} was ${{ ADDED: 'added', MODIFIED: 'changed', DELETED: 'deleted' }[event.change]}`,
      );
    case 'queue':
      return queueSentence(who, event);
    case 'reconcile':
      if (event.error) return sentence(`${who} could not reconcile ${event.key}: ${event.error}`);
      return sentence(
        event.summary ||
          `${who} ${event.phase === 'started' ? 'compares wanted and actual state of' : 'is done with'} ${event.key}`,
      );
    case 'schedule':
    case 'kubelet':
    case 'timer':
    case 'lifecycle':
    case 'raft':
    case 'etcd.slow':
      return sentence(event.summary || `${who}: ${labelOfEvent(event)}`);
    default:
      return unreachable(event);
  }
}

/** Who acts, in a sentence: `the replicaset controller`, `the kubelet of node-2`, `etcd`. */
function subjectOf(component: ComponentId): string {
  const [kind, name] = component.split('/', 2);
  if (kind === 'controller') return `the ${name ?? ''} controller`;
  if (kind === 'etcd' && name !== undefined) return name;
  if (kind === 'scheduler') return 'the scheduler';
  if (kind === 'kubelet') return `the kubelet of ${name ?? ''}`;
  return labelOf(component);
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;

/** The last two segments of a key. */
const tail = (key: string): string => key.split('/').slice(-2).join('/');

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  // A name in lower case keeps its case: kubectl, etcd, deployment-controller, system:masters.
  const kept = /^(?:kubectl|etcd|etcdctl|helm|kubelet)\b|^[a-z]+[-:]\S/.test(text) ? text : first;
  return /[.!?…]$/.test(kept) ? kept : `${kept}.`;
}

function queueSentence(who: string, event: Extract<EventBody, { type: 'queue' }>): string {
  switch (event.action) {
    case 'added':
      return sentence(
        `${who} puts ${event.key} into its work queue${event.delay ? `, due in ${duration(event.delay)}` : ''}`,
      );
    case 'got':
      return sentence(`${who} takes ${event.key} from its work queue`);
    case 'requeued':
      return sentence(
        `${who} puts ${event.key} back into its work queue after ${event.failures ?? 1} failure(s)${event.delay ? `, due in ${duration(event.delay)}` : ''}`,
      );
    default:
      return unreachable(event.action);
  }
}

function scheduleLabel(event: Extract<EventBody, { type: 'schedule' }>): string {
  switch (event.phase) {
    case 'started':
      return `schedule ${event.pod}`;
    case 'filter':
      return `${event.node ?? ''} ${event.passed === false ? `✗ ${event.plugin ?? ''}` : '✓'}`.trim();
    case 'score':
      return `${event.node ?? ''} ${event.plugin ?? ''} ${event.normalized ?? event.raw ?? ''}`.trim();
    case 'decision':
      return event.node ? `→ ${event.node}` : 'no node';
    case 'preemption':
      return 'preemption';
    default:
      return unreachable(event.phase);
  }
}

const kubeletWords: Readonly<Record<Extract<EventBody, { type: 'kubelet' }>['action'], string>> = {
  admitted: 'admit',
  rejected: 'reject',
  sandboxCreated: 'sandbox',
  pullStarted: 'pull',
  pulled: 'pulled',
  pullFailed: 'pull failed',
  containerCreated: 'create',
  containerStarted: 'start',
  containerExited: 'exit',
  backOff: 'back off',
  probe: 'probe',
  killing: 'kill',
  statusChanged: 'status',
  heartbeat: 'heartbeat',
  removed: 'remove',
};

/** Microseconds as a person says them: `40 µs`, `1.5 ms`, `2.1 s`, `3 min 20 s`. */
export function duration(micros: number): string {
  if (micros < 1000) return `${Math.round(micros)} µs`;
  if (micros < 1_000_000) return `${trim(micros / 1000)} ms`;
  if (micros < 60_000_000) return `${trim(micros / 1_000_000)} s`;
  const minutes = Math.floor(micros / 60_000_000);
  const seconds = Math.round((micros % 60_000_000) / 1_000_000);
  return seconds ? `${minutes} min ${seconds} s` : `${minutes} min`;
}

const trim = (value: number): string =>
  value < 10 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value));
