import type { EventId, ObjectRef, TraceEvent } from './event.ts';
import { clientOf, nameOf } from './names.ts';

/** What a story, all that followed from one root, is about: its first request that writes, else its first request. */
export interface StorySubject {
  about: (TraceEvent & { type: 'request' }) | undefined;
  /** The key that this request wrote first: it has the name, which the request of a create lacks. */
  key: string | undefined;
  /** The answer to it. */
  code: number | undefined;
  /** How many requests of the root itself write. */
  writes: number;
}

export const newSubject = (): StorySubject => ({
  about: undefined,
  key: undefined,
  code: undefined,
  writes: 0,
});

const reads = new Set(['get', 'list', 'watch']);

/** Takes the next event of the story of `root` into account. */
export function noteEvent(subject: StorySubject, root: EventId, event: TraceEvent): void {
  if (event.type === 'request' && (event.id === root || event.cause === root)) {
    const isWrite = !reads.has(event.verb) && event.object !== undefined && !isReview(event.object);
    if (!subject.about || (isWrite && !subject.writes)) subject.about = event;
    if (isWrite) subject.writes++;
  } else if (event.type === 'response' && event.cause === subject.about?.id)
    subject.code = event.code;
  else if ((event.type === 'etcd.put' || event.type === 'etcd.delete') && subject.writes)
    subject.key ??= event.key;
}

/** `kubectl: create namespaces controller-demo and 1 more`; undefined when nobody asked for anything. */
export function titleOfSubject({ about, key, code, writes }: StorySubject): string | undefined {
  if (!about) return undefined;
  const client = clientOf(about.userAgent);
  const { object, verb, method, url } = about;
  if (!object) return `${client}: ${method} ${url}`;
  const name = object.name ?? ((code ?? 200) < 400 ? key?.split('/').at(-1) : undefined);
  const more = writes > 1 ? ` and ${writes - 1} more` : '';
  return `${client}: ${verb} ${nameOf({ ...object, ...(name !== undefined && { name }) })}${more}`;
}

const isReview = ({ resource }: ObjectRef): boolean => resource.endsWith('reviews');
