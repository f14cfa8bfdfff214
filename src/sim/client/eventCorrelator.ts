import { second, type Clock, type Micros } from '../../base/time.ts';
import type { Event } from '../../api/types/coreV1.ts';

/** Similar events within this time, and this many different messages, become one. */
const AGGREGATE_WITHIN: Micros = 600 * second;
const AGGREGATE_FROM = 10;
/** So many events about an object at once, then one in five minutes. */
const BURST = 25;
const REFILL: Micros = 300 * second;
const MAX_ENTRIES = 4096;

export interface CorrelatedEvent {
  readonly event: Event;
  /** The event is there already under `event.metadata.name`: count it up. */
  readonly update: boolean;
}

interface Observation {
  count: number;
  readonly firstTimestamp: string;
  readonly name: string;
}

/**
 * Makes one event of many: the same message again counts up, many different messages for one reason are combined, and a
 * flood about one object is dropped. Models client-go tools/record EventCorrelator.
 */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #spam = new Map<string, { tokens: number; last: Micros }>();
  readonly #similar = new Map<string, { messages: Set<string>; last: Micros }>();
  readonly #seen = new Map<string, Observation>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What to write; undefined: nothing, there were too many. */
  correlate(given: Event): CorrelatedEvent | undefined {
    const { event, key } = this.#aggregate(given);
    const observed = this.#observe(event, key);
    return this.#isSpam(event) ? undefined : observed;
  }

  /** The server took the event: what it is called and counts from now on. */
  update(event: Event): void {
    remember(this.#seen, eventKey(event), {
      count: event.count ?? 1,
      firstTimestamp: event.firstTimestamp ?? '',
      name: event.metadata.name ?? '',
    });
  }

  #aggregate(event: Event): { event: Event; key: string } {
    const now = this.#clock.now();
    const aggregateKey = reasonKey(event);
    const record = this.#similar.get(aggregateKey);
    const fresh = !record || now - record.last > AGGREGATE_WITHIN;
    const messages = fresh ? new Set<string>() : record.messages;
    messages.add(event.message ?? '');
    remember(this.#similar, aggregateKey, { messages, last: now });
    if (messages.size < AGGREGATE_FROM) return { event, key: eventKey(event) };
    const [oldest] = messages;
    if (oldest !== undefined) messages.delete(oldest);
    return {
      event: { ...event, message: `(combined from similar events): ${event.message ?? ''}` },
      key: aggregateKey,
    };
  }

  #observe(event: Event, key: string): CorrelatedEvent {
    const last = this.#seen.get(key);
    const counted: Event = last
      ? {
          ...event,
          metadata: { ...event.metadata, name: last.name },
          firstTimestamp: last.firstTimestamp,
          count: last.count + 1,
        }
      : event;
    remember(this.#seen, key, {
      count: counted.count ?? 1,
      firstTimestamp: counted.firstTimestamp ?? '',
      name: counted.metadata.name ?? '',
    });
    return { event: counted, update: last !== undefined };
  }

  #isSpam(event: Event): boolean {
    const now = this.#clock.now();
    const key = spamKey(event);
    const bucket = this.#spam.get(key) ?? { tokens: BURST, last: now };
    const tokens = Math.min(BURST, bucket.tokens + (now - bucket.last) / REFILL);
    const isSpam = tokens < 1;
    remember(this.#spam, key, { tokens: isSpam ? tokens : tokens - 1, last: now });
    return isSpam;
  }
}

function objectKey({ source, involvedObject: on }: Event): string[] {
  const { component = '', host = '' } = source ?? {};
  return [component, host, on.kind ?? '', on.namespace ?? '', on.name ?? ''];
}

const join = (parts: readonly (string | undefined)[]): string =>
  parts.map((part) => part ?? '').join('\u0000');

const eventKey = (event: Event): string =>
  join([
    'event',
    ...objectKey(event),
    event.involvedObject.fieldPath,
    event.involvedObject.uid,
    event.involvedObject.apiVersion,
    event.type,
    event.reason,
    event.message,
  ]);

const reasonKey = (event: Event): string =>
  join([
    'reason',
    ...objectKey(event),
    event.involvedObject.uid,
    event.involvedObject.apiVersion,
    event.type,
    event.reason,
    event.reportingComponent,
    event.reportingInstance,
  ]);

const spamKey = (event: Event): string =>
  join([
    ...objectKey(event),
    event.involvedObject.uid,
    event.involvedObject.apiVersion,
    event.type,
  ]);

/** Least recently used entries go first. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_ENTRIES) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
