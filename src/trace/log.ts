import { Emitter } from '../base/emitter.ts';
import type { Clock, Micros } from '../base/time.ts';
import type { Cause, ComponentId, EventBody, EventId, TraceEvent } from './event.ts';
import type { TraceSink } from './sink.ts';

/** The record: the newest `capacity` events, by number. Older ones are forgotten, a tenth of the capacity at a time. */
export class TraceLog implements TraceSink {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #onDidEmit = new Emitter<TraceEvent>();
  readonly onDidEmit = this.#onDidEmit.event;
  #events: TraceEvent[] = [];
  #first: EventId = 1;

  constructor(clock: Clock, capacity = 500_000) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** The number of the oldest event that is still known. */
  get first(): EventId {
    return this.#first;
  }

  /** The number of the newest event; one less than `first` when there is none. */
  get last(): EventId {
    return this.#first + this.#events.length - 1;
  }

  emit(
    component: ComponentId,
    cause: Cause | EventId | undefined,
    body: EventBody,
    time?: Micros,
  ): EventId {
    const id = this.#first + this.#events.length;
    const event = {
      id,
      time: time ?? this.#clock.now(),
      component,
      ...(typeof cause === 'number' ? { cause } : cause),
      ...body,
    } as TraceEvent;
    this.#events.push(event);
    if (this.#events.length > this.#capacity) this.#forget();
    this.#onDidEmit.fire(event);
    return id;
  }

  get(id: EventId): TraceEvent | undefined {
    return this.#events[id - this.#first];
  }

  /** The events from number `from` on, at most `limit`. */
  slice(from: EventId, limit = Number.POSITIVE_INFINITY): readonly TraceEvent[] {
    const start = Math.max(0, from - this.#first);
    return this.#events.slice(start, start + limit);
  }

  #forget(): void {
    const count = Math.ceil(this.#capacity / 10);
    this.#events = this.#events.slice(count);
    this.#first += count;
  }
}
