import { Disposable } from '../../base/disposable.ts';
import { second, formatTime, type Clock } from '../../base/time.ts';
import { uuid, type Random } from '../../base/random.ts';
import type { KubeObject } from '../../api/meta.ts';
import { events } from '../../api/resources.ts';
import { isStatus, StatusError } from '../../api/status.ts';
import type { Event, ObjectReference } from '../../api/types/coreV1.ts';
import type { Cause } from '../../trace/event.ts';
import type { Client } from './client.ts';
import { EventCorrelator, type CorrelatedEvent } from './eventCorrelator.ts';

export type EventType = 'Normal' | 'Warning';

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** `deployment-controller`, `kubelet` … */
  readonly source: string;
  /** The node, for components that have one. */
  readonly host?: string;
}

const MAX_TRIES = 12;
const PAUSE = 10 * second;
const MAX_QUEUED = 1000;

/**
 * Writes core/v1 Events, one after another and beside what the component does. Models client-go tools/record
 * EventRecorder and EventBroadcaster.
 */
export class EventRecorder extends Disposable {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  readonly #names: EventNames;
  readonly #waiting: { readonly event: Event; readonly cause: Cause }[] = [];
  #writing = false;

  constructor(options: EventRecorderOptions) {
    super();
    this.#options = options;
    this.#correlator = new EventCorrelator(options.clock);
    this.#names = new EventNames(options.clock, options.random);
  }

  record(
    about: KubeObject | ObjectReference,
    type: EventType,
    reason: string,
    message: string,
    cause: Cause,
    annotations?: Record<string, string>,
  ): void {
    if (this._store.isDisposed || this.#waiting.length >= MAX_QUEUED) return;
    const involvedObject = 'metadata' in about ? referenceTo(about) : about;
    const now = formatTime(this.#options.clock.now());
    const { source, host } = this.#options;
    const event: Event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: this.#names.next(involvedObject.name ?? ''),
        namespace: involvedObject.namespace ?? 'default',
        ...(annotations && { annotations }),
      },
      involvedObject,
      reason,
      message,
      source: { component: source, ...(host && { host }) },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type,
      reportingComponent: source,
      reportingInstance: host ?? '',
    };
    this.#waiting.push({ event, cause });
    if (!this.#writing) void this.#write();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const correlated = this.#correlator.correlate(next.event);
      if (correlated) await this.#send(correlated, next.cause);
    }
    this.#writing = false;
  }

  async #send(correlated: CorrelatedEvent, cause: Cause): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES && !this._store.isDisposed; tries++) {
      try {
        this.#correlator.update(await this.#sendOnce(correlated, cause));
        return;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        // What the server refuses it will refuse again; only what did not reach it is worth another try.
        if (error.code < 500) return;
        const { clock, random } = this.#options;
        await clock.sleep(tries === 1 ? Math.floor(PAUSE * random.float()) : PAUSE);
      }
    }
  }

  async #sendOnce({ event, update }: CorrelatedEvent, cause: Cause): Promise<Event> {
    const { client } = this.#options;
    const { namespace = '', name = '' } = event.metadata;
    if (!update) return client.create(events, event, cause);
    try {
      const { count = 1, lastTimestamp = '', message = '' } = event;
      const patch = { count, lastTimestamp, message };
      return await client.patch(events, namespace, name, 'strategic', patch, cause);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
      return client.create(events, event, cause);
    }
  }
}

/** Models client-go tools/reference GetReference. */
export function referenceTo(object: KubeObject): ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata;
  return {
    kind: object.kind,
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(uid && { uid }),
    apiVersion: object.apiVersion,
    ...(resourceVersion && { resourceVersion }),
  };
}

/** `web.187a2f00c4d1e2b3`: the object and the time in nanoseconds. Models client-go tools/record/util GenerateEventName. */
export class EventNames {
  readonly #clock: Clock;
  readonly #random: Random;
  #last = 0n;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  next(object: string): string {
    // Virtual time counts microseconds; the rest of the nanoseconds is chance, and never the same twice.
    const now = BigInt(Math.floor(this.#clock.now())) * 1000n + BigInt(this.#random.below(1000));
    this.#last = now > this.#last ? now : this.#last + 1n;
    const name = `${object}.${this.#last.toString(16)}`;
    const isName = name.length <= 253 && /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name);
    return isName ? name : uuid(this.#random);
  }
}
