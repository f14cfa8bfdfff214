import type { Item, ItemKind, ItemState, TimelineModel } from '../protocol/timeline.ts';
import type { ComponentId, EventId, TraceEvent } from '../trace/event.ts';
import type { TraceGraph } from '../source/port.ts';
import { newSubject, noteEvent, titleOfSubject } from '../trace/story.ts';
import { lanesOf } from './lanes.ts';
import { labelOfEvent, sentenceOf } from './sentences.ts';

/**
 * Draws a causal graph: events to items in step order (by time, then by number), with spans and nesting.
 *
 *     request 1 ─ stage 2 ─ stage 3 ─ etcd.put 4 ─ response 5      spans: 1 ends at 5
 *                                                                 nested in 1: 2, 3, 5 (the write stays visible)
 */
export function timelineModel(graph: TraceGraph, story: string): TimelineModel {
  const events = [...graph.events].sort((a, b) => a.time - b.time || a.id - b.id);
  const lanes = lanesOf(events);
  const laneOf = new Map<ComponentId, number>(
    lanes.map((lane, index) => [lane.component as ComponentId, index]),
  );
  const byId = new Map(events.map((event) => [event.id, event]));
  const { ends, parents } = nest(events, byId);
  const root = byId.get(graph.root) ?? events[0];
  const start = root?.time ?? 0;
  const items = events.map((event): Item => {
    const end = ends.get(event.id);
    const parent = parents.get(event.id);
    return {
      id: event.id,
      lane: laneOf.get(event.component) ?? 0,
      kind: kinds[event.type],
      state: stateOf(event),
      time: event.time - start,
      ...(end !== undefined && { end }),
      ...(parent !== undefined && { parent }),
      label: labelOfEvent(event),
      sentence: sentenceOf(event),
      ...(event.cause !== undefined && byId.has(event.cause) && { cause: event.cause }),
      ...(event.also && { also: event.also.filter((id) => byId.has(id)) }),
      ...((event.type === 'etcd.put' || event.type === 'etcd.delete') && {
        revision: event.revision,
      }),
    };
  });
  return {
    root: graph.root,
    story,
    title: root ? titleOf(root, events) : 'Empty trace',
    start,
    lanes,
    items,
    truncated: graph.truncated,
  };
}

/** What the graph is called in tabs and lists: `kubectl: create deployments default/web`. */
function titleOf(root: TraceEvent, events: readonly TraceEvent[]): string {
  const subject = newSubject();
  for (const event of events) noteEvent(subject, root.id, event);
  return titleOfSubject(subject) ?? sentenceOf(root);
}

const kinds: Readonly<Record<TraceEvent['type'], ItemKind>> = {
  request: 'request',
  stage: 'stage',
  response: 'response',
  'etcd.put': 'write',
  'etcd.delete': 'write',
  'etcd.compact': 'write',
  'etcd.slow': 'write',
  raft: 'write',
  watch: 'watch',
  queue: 'queue',
  reconcile: 'reconcile',
  schedule: 'schedule',
  kubelet: 'kubelet',
  timer: 'timer',
  lifecycle: 'lifecycle',
};

function stateOf(event: TraceEvent): ItemState {
  if (event.type === 'stage') return event.verdict;
  if (event.type === 'response') return event.code >= 400 ? 'failed' : 'ok';
  if (event.type === 'etcd.slow') return 'failed';
  if (event.type === 'reconcile') return event.error === undefined ? 'ok' : 'failed';
  if (event.type === 'schedule')
    return event.passed === false || (event.phase === 'decision' && !event.node) ? 'failed' : 'ok';
  if (event.type === 'kubelet')
    return ['rejected', 'pullFailed', 'backOff'].includes(event.action) ? 'failed' : 'ok';
  return 'ok';
}

interface Nesting {
  readonly ends: Map<EventId, EventId>;
  readonly parents: Map<EventId, EventId>;
}

/** Finds what belongs to which span: stages and response to their request, filters and scores to their cycle. */
function nest(events: readonly TraceEvent[], byId: ReadonlyMap<EventId, TraceEvent>): Nesting {
  const ends = new Map<EventId, EventId>();
  const parents = new Map<EventId, EventId>();
  for (const event of events) {
    const opener = openerOf(event, byId);
    if (opener === undefined) continue;
    if (!isWrite(event)) parents.set(event.id, opener);
    ends.set(opener, event.id);
  }
  return { ends, parents };
}

const isWrite = (event: TraceEvent): boolean =>
  event.type === 'etcd.put' || event.type === 'etcd.delete';

/** The event that opened the span in which this one lies, if it lies in one. */
function openerOf(event: TraceEvent, byId: ReadonlyMap<EventId, TraceEvent>): EventId | undefined {
  if (event.type === 'stage' || event.type === 'response')
    return ancestor(event, byId, (it) => it.type === 'request');
  if (isWrite(event)) return ancestor(event, byId, (it) => it.type === 'request', 3);
  if (event.type === 'schedule' && event.phase !== 'started') {
    return ancestor(event, byId, (it) => it.type === 'schedule' && it.phase === 'started');
  }
  if (event.type === 'reconcile' && event.phase === 'finished') {
    return ancestor(event, byId, (it) => it.type === 'reconcile' && it.phase === 'started');
  }
  if (event.type === 'kubelet' && (event.action === 'pulled' || event.action === 'pullFailed')) {
    return ancestor(event, byId, (it) => it.type === 'kubelet' && it.action === 'pullStarted');
  }
  return undefined;
}

/** The nearest ancestor by leading cause that fits, within a few steps: spans are shallow. */
function ancestor(
  event: TraceEvent,
  byId: ReadonlyMap<EventId, TraceEvent>,
  fits: (event: TraceEvent) => boolean,
  depth = 60,
): EventId | undefined {
  let at: TraceEvent | undefined = event;
  for (let steps = 0; at && steps < depth; steps++) {
    at = at.cause === undefined ? undefined : byId.get(at.cause);
    if (at && fits(at)) return at.id;
  }
  return undefined;
}
