import type { TraceGraph, TraceRoot } from '../../source/port.ts';
import { causesOf } from '../../trace/cause.ts';
import type { EventId, TraceEvent } from '../../trace/event.ts';
import type { TraceLog } from '../../trace/log.ts';
import { newSubject, noteEvent, titleOfSubject, type StorySubject } from '../../trace/story.ts';

interface Root {
  readonly id: EventId;
  readonly time: number;
  readonly component: string;
  events: EventId[];
  readonly subject: StorySubject;
}

/** The roots that an event can belong to at once: a queue key may stand for several stories. */
const maxRoots = 4;
const maxKept = 500;

/** Knows which events follow from which root, as they are emitted. Stories of clients are kept; the cluster's own is not. */
export class TraceIndex {
  readonly #log: TraceLog;
  /** By event: its roots. Grows with the log and is cut with it. */
  #rootsOf: (EventId | readonly EventId[] | undefined)[] = [];
  #first: EventId = 1;
  readonly #roots = new Map<EventId, Root>();

  constructor(log: TraceLog) {
    this.#log = log;
  }

  /** Takes an event in; returns the stories that it belongs to. */
  add(event: TraceEvent): readonly EventId[] {
    const roots = this.#findRoots(event);
    this.#rootsOf[event.id - this.#first] = roots.length === 1 ? roots[0] : roots;
    if (this.#log.first > this.#first) this.#forget();
    const stories: EventId[] = [];
    for (const id of roots) {
      const root = this.#roots.get(id);
      if (!root) continue;
      root.events.push(event.id);
      noteEvent(root.subject, id, event);
      stories.push(id);
    }
    return stories;
  }

  rootOf(id: EventId): EventId | undefined {
    const roots = this.#rootsOf[id - this.#first];
    return typeof roots === 'number' ? roots : roots?.[0];
  }

  /** Newest first; only those that wrote something, or tried to. */
  roots(limit: number): TraceRoot[] {
    return [...this.#roots.values()]
      .filter(({ subject }) => subject.writes)
      .reverse()
      .slice(0, limit)
      .map((root) => ({
        id: root.id,
        time: root.time,
        title: titleOfSubject(root.subject) ?? root.component.replace('client/', ''),
        size: root.events.length,
        ...(root.subject.code !== undefined && { code: root.subject.code }),
      }));
  }

  graph(root: EventId, limit: number): TraceGraph {
    const ids = this.#roots.get(root)?.events ?? this.#search(root, limit + 1);
    const events = ids
      .slice(0, limit)
      .map((id) => this.#log.get(id))
      .filter((event) => event !== undefined);
    return { root, events, truncated: ids.length > limit };
  }

  #findRoots(event: TraceEvent): readonly EventId[] {
    if (event.cause === undefined) {
      if (event.component.startsWith('client/')) this.#keep(event);
      return [event.id];
    }
    const found = new Set<EventId>();
    for (const cause of causesOf(event)) {
      const roots = this.#rootsOf[cause - this.#first];
      for (const root of typeof roots === 'number' ? [roots] : (roots ?? []))
        if (found.size < maxRoots) found.add(root);
    }
    return found.size ? [...found] : [event.id];
  }

  #keep(event: TraceEvent): void {
    this.#roots.set(event.id, {
      id: event.id,
      time: event.time,
      component: event.component,
      events: [],
      subject: newSubject(),
    });
    if (this.#roots.size <= maxKept) return;
    const [oldest] = this.#roots.keys();
    if (oldest !== undefined) this.#roots.delete(oldest);
  }

  /** The events of a root that is not kept (the cluster's own start). */
  #search(root: EventId, limit: number): EventId[] {
    const ids: EventId[] = [];
    for (let id = Math.max(root, this.#first); id <= this.#log.last && ids.length < limit; id++) {
      const roots = this.#rootsOf[id - this.#first];
      if (roots === root || (Array.isArray(roots) && roots.includes(root))) ids.push(id);
    }
    return ids;
  }

  #forget(): void {
    const count = this.#log.first - this.#first;
    this.#rootsOf = this.#rootsOf.slice(count);
    this.#first = this.#log.first;
    for (const [id, root] of this.#roots) {
      root.events = root.events.filter((event) => event >= this.#first);
      if (!root.events.length) this.#roots.delete(id);
    }
  }
}
