import { Disposable } from '../../base/disposable.ts';
import { formatMicroTime, minute, second, type Clock, type Micros } from '../../base/time.ts';
import type { Random } from '../../base/random.ts';
import { clone, type KubeObject } from '../../api/meta.ts';
import { eventsEvents } from '../../api/resources.ts';
import { isStatus, StatusError } from '../../api/status.ts';
import type { Event } from '../../api/types/eventsV1.ts';
import type { Cause } from '../../trace/event.ts';
import type { Client } from './client.ts';
import { EventNames, referenceTo, type EventType } from './eventRecorder.ts';

export interface SeriesRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** `default-scheduler`; the instance is this with the host's name. */
  readonly reportingController: string;
  readonly host: string;
}

export interface SeriesEvent {
  readonly regarding: KubeObject;
  readonly related?: KubeObject;
  readonly type: EventType;
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

interface Known {
  event: Event;
  lastSeen: Micros;
  cause: Cause;
}

const REFRESH: Micros = 30 * minute;
const FINISH: Micros = 6 * minute;
const MAX_TRIES = 12;
const PAUSE: Micros = 10 * second;

/**
 * Writes events.k8s.io/v1 Events, where repetitions become a series. Models client-go tools/events EventRecorder and
 * EventBroadcaster.
 */
export class SeriesRecorder extends Disposable {
  readonly #options: SeriesRecorderOptions;
  readonly #names: EventNames;
  readonly #known = new Map<string, Known>();

  constructor(options: SeriesRecorderOptions) {
    super();
    this.#options = options;
    this.#names = new EventNames(options.clock, options.random);
    this.#every(REFRESH, () => this.#refresh());
    this.#every(FINISH, () => this.#finish());
  }

  record(given: SeriesEvent, cause: Cause): void {
    if (this._store.isDisposed) return;
    const { reportingController, host, clock } = this.#options;
    const regarding = referenceTo(given.regarding);
    const related = given.related && referenceTo(given.related);
    const eventTime = formatMicroTime(clock.now());
    const key = JSON.stringify([
      given.type,
      given.action,
      given.reason,
      regarding,
      related ?? null,
    ]);
    const known = this.#known.get(key);
    if (known) {
      known.lastSeen = clock.now();
      known.cause = cause;
      if (known.event.series) {
        known.event.series.count++;
        known.event.series.lastObservedTime = eventTime;
        return;
      }
      known.event.series = { count: 2, lastObservedTime: eventTime };
      void this.#write(clone(known.event), cause);
      return;
    }
    const event: Event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: {
        name: this.#names.next(regarding.name ?? ''),
        namespace: regarding.namespace ?? 'default',
      },
      eventTime,
      reportingController,
      reportingInstance: `${reportingController}-${host}`,
      action: given.action,
      reason: given.reason,
      regarding,
      ...(related && { related }),
      note: given.note,
      type: given.type,
    };
    this.#known.set(key, { event, lastSeen: clock.now(), cause });
    void this.#write(clone(event), cause);
  }

  async #write(event: Event, cause: Cause): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES && !this._store.isDisposed; tries++) {
      try {
        await this.#writeOnce(event, cause);
        return;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        // A series whose event is only just being created is worth another try; other refusals are final.
        const again = error.code >= 500 || (isStatus(error, 'AlreadyExists') && event.series);
        if (!again) return;
        const { clock, random } = this.#options;
        await clock.sleep(Math.floor(PAUSE * (1 + 0.25 * random.float())));
      }
    }
  }

  async #writeOnce(event: Event, cause: Cause): Promise<void> {
    const { client } = this.#options;
    const { namespace = '', name = '' } = event.metadata;
    if (event.series) {
      const { count, lastObservedTime } = event.series;
      try {
        const patch = { series: { count, lastObservedTime } };
        await client.patch(eventsEvents, namespace, name, 'strategic', patch, cause);
        return;
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    }
    await client.create(eventsEvents, event, cause);
  }

  /** Tells the server that series are still going on. */
  #refresh(): void {
    for (const { event, cause } of this.#known.values())
      if (event.series) void this.#write(clone(event), cause);
  }

  /** Forgets what has not happened for a while, and writes how often it had. */
  #finish(): void {
    const before = this.#options.clock.now() - FINISH;
    for (const [key, { event, lastSeen, cause }] of this.#known) {
      if (lastSeen >= before) continue;
      this.#known.delete(key);
      if (event.series) void this.#write(clone(event), cause);
    }
  }

  #every(period: Micros, callback: () => void): void {
    const again = (): void => {
      const timer = this.#options.clock.setTimer(period, () => {
        this._store.delete(timer);
        callback();
        again();
      });
      this._register(timer);
    };
    again();
  }
}
