import { keyOf, splitKey } from '../../../api/meta.ts';
import { endpoints, endpointslices, services } from '../../../api/resources.ts';
import type { Endpoints, Service } from '../../../api/types/coreV1.ts';
import type { EndpointSlice } from '../../../api/types/discoveryV1.ts';
import { second } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import { ExponentialRateLimiter } from '../../client/rateLimiter.ts';
import type { Lister } from '../../client/objectCache.ts';
import { RetryError } from '../../client/worker.ts';
import { MANAGED_BY, SERVICE_NAME } from '../endpointslice/slices.ts';
import { SliceTracker } from '../endpointslice/sliceTracker.ts';
import { isNamespaceTerminating } from '../shared/objects.ts';
import { MAX_PER_SUBSET, mirror, MIRROR_MANAGER } from './mirror.ts';

/** Endpoints of Services without a selector, which somebody wrote, as slices. Models pkg/controller/endpointslicemirroring. */
export class EndpointSliceMirroringController extends Controller {
  readonly #endpoints: Informer<Endpoints>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #services: Lister<Service>;
  readonly #tracker = new SliceTracker();
  readonly #recorder: EventRecorder;

  constructor(options: ControllerOptions) {
    super(options, 'endpoint_slice_mirroring', {
      workers: 5,
      maxRetries: 15,
      rateLimiter: new ExponentialRateLimiter(1 * second, 100 * second),
    });
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'endpoint-slice-mirroring-controller',
      }),
    );
    const seen = (one: Endpoints, cause: EventId): void => {
      if (isMirrored(one)) this.queue.add(keyOf(one), cause);
    };
    this.#endpoints = this.informer(endpoints, {
      added: seen,
      updated: (old, one, cause) => {
        if (isMirrored(old) || isMirrored(one)) this.queue.add(keyOf(one), cause);
      },
      deleted: seen,
    });
    this.#slices = this.informer(endpointslices, {
      added: (slice, cause) => this.#sliceSeen(slice, cause),
      updated: (_, slice, cause) => this.#sliceSeen(slice, cause),
      deleted: (slice, cause) => {
        if (!isOurs(slice) || !this.#tracker.has(slice)) return;
        if (!this.#tracker.deleted(slice)) this.#enqueueSlice(slice, cause);
      },
    });
    const serviceSeen = (service: Service, cause: EventId): void => {
      if (!service.spec?.selector) this.queue.add(keyOf(service), cause);
    };
    this.#services = this.informer(services, {
      added: serviceSeen,
      updated: (old, service, cause) => {
        if (!old.spec?.selector !== !service.spec?.selector) this.queue.add(keyOf(service), cause);
      },
      deleted: serviceSeen,
    }).lister;
  }

  /** Models syncEndpoints. */
  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const { namespace, name } = splitKey(key);
    const slices = this.#slices.lister
      .list(namespace)
      .filter((slice) => isOurs(slice) && slice.metadata.labels?.[SERVICE_NAME] === name);
    const found = this.#endpoints.lister.byKey(key);
    const service = this.#services.get(namespace, name);
    if (!found || !isMirrored(found) || !service || service.spec?.selector) {
      this.#tracker.forget(key);
      for (const slice of slices) await this.#delete(slice, cause);
      return slices.length ? 'its slices go' : 'nothing to mirror';
    }
    if (this.#tracker.isStale(key, slices))
      throw new RetryError('EndpointSlice informer cache is out of date');
    return this.#apply(found, slices, cause);
  }

  async #apply(found: Endpoints, slices: readonly EndpointSlice[], cause: Cause): Promise<string> {
    const { create, update, remove, invalid, skipped } = mirror(found, slices);
    const warn = (reason: string, text: string): void =>
      this.#recorder.record(found, 'Warning', reason, text, cause);
    if (invalid)
      warn(
        'InvalidIPAddress',
        `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`,
      );
    if (skipped > invalid)
      warn(
        'TooManyAddressesToMirror',
        `A max of ${MAX_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`,
      );
    if (!found.metadata.deletionTimestamp)
      for (const slice of create) {
        try {
          this.#tracker.wrote(await this.client.create(endpointslices, slice, cause));
        } catch (error) {
          if (isNamespaceTerminating(error)) return 'the namespace is going';
          throw error;
        }
      }
    for (const slice of update)
      this.#tracker.wrote(await this.client.update(endpointslices, slice, cause));
    for (const slice of remove) {
      await this.#delete(slice, cause);
      this.#tracker.expectDeletion(slice);
    }
    return `creates ${create.length}, updates ${update.length}, deletes ${remove.length} slices`;
  }

  async #delete({ metadata }: EndpointSlice, cause: Cause): Promise<void> {
    const { namespace = '', name = '' } = metadata;
    await this.client.delete(endpointslices, namespace, name, {}, cause);
  }

  #sliceSeen(slice: EndpointSlice, cause: EventId): void {
    if (isOurs(slice) && this.#tracker.shouldSync(slice)) this.#enqueueSlice(slice, cause);
  }

  #enqueueSlice({ metadata }: EndpointSlice, cause: EventId): void {
    const name = metadata.labels?.[SERVICE_NAME];
    if (name) this.queue.add(`${metadata.namespace ?? ''}/${name}`, cause);
  }
}

const isOurs = ({ metadata }: EndpointSlice): boolean =>
  metadata.labels?.[MANAGED_BY] === MIRROR_MANAGER;

/** Neither marked to be left out, nor the lock of an election. */
const isMirrored = ({ metadata }: Endpoints): boolean =>
  metadata.labels?.['endpointslice.kubernetes.io/skip-mirror'] !== 'true' &&
  metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] === undefined;
