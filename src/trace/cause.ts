import type { Cause, EventId, TraceEvent } from './event.ts';

/** Joins causes into one: the newest leads, as what finally set things going; the others stand beside it. */
export function joinCauses(causes: readonly EventId[]): Cause {
  const sorted = [...new Set(causes)].sort((a, b) => b - a);
  const [cause = 0, ...also] = sorted;
  return also.length ? { cause, also } : { cause };
}

export const causesOf = (event: TraceEvent): readonly EventId[] =>
  event.cause === undefined ? [] : event.also ? [event.cause, ...event.also] : [event.cause];

/** The way from an event back to its root, by the leading cause; the event itself first. */
export function pathToRoot(
  event: TraceEvent,
  get: (id: EventId) => TraceEvent | undefined,
): TraceEvent[] {
  const path: TraceEvent[] = [];
  for (
    let at: TraceEvent | undefined = event;
    at;
    at = at.cause === undefined ? undefined : get(at.cause)
  )
    path.push(at);
  return path;
}
