import { keyOf } from '../../../api/meta.ts';
import { endpointslices, nodes, pods, services } from '../../../api/resources.ts';
import { labelSetMatches } from '../../../api/selectors.ts';
import { StatusError } from '../../../api/status.ts';
import type { Node, Pod, Service } from '../../../api/types/coreV1.ts';
import type { EndpointSlice } from '../../../api/types/discoveryV1.ts';
import { second } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import {
  BucketRateLimiter,
  ExponentialRateLimiter,
  MaxRateLimiter,
} from '../../client/rateLimiter.ts';
import { RetryError } from '../../client/worker.ts';
import * as common from '../shared/serviceEndpoints.ts';
import { reconcileSlices } from './reconciler.ts';
import { MANAGED_BY, MANAGER, SERVICE_NAME } from './slices.ts';
import { SliceTracker } from './sliceTracker.ts';

/** Changes of slices are looked at after this, so that several come together. */
const SLICE_CHANGE_DELAY = 1 * second;

/** The addresses behind Services, in slices of a hundred. Models pkg/controller/endpointslice Controller. */
export class EndpointSliceController extends Controller {
  readonly #services: Informer<Service>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #recorder: EventRecorder;
  readonly #times = new common.TriggerTimes();
  readonly #tracker = new SliceTracker();

  constructor(options: ControllerOptions) {
    super(options, 'endpoint_slice', {
      maxRetries: 15,
      workers: 5,
      rateLimiter: new MaxRateLimiter([
        new ExponentialRateLimiter(1 * second, 1000 * second),
        new BucketRateLimiter(options.clock),
      ]),
    });
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'endpoint-slice-controller',
      }),
    );
    const enqueue = (service: Service, cause: EventId): void =>
      this.queue.add(keyOf(service), cause);
    this.#services = this.informer(services, {
      added: enqueue,
      updated: (_, service, cause) => enqueue(service, cause),
      deleted: enqueue,
    });
    const podChanged = (old: Pod | undefined, pod: Pod | undefined, cause: EventId): void => {
      for (const service of common.servicesOf(this.#services.lister, old, pod))
        enqueue(service, cause);
    };
    this.#pods = this.informer(pods, {
      added: (pod, cause) => podChanged(undefined, pod, cause),
      updated: (old, pod, cause) => podChanged(old, pod, cause),
      deleted: (pod, cause) => podChanged(pod, undefined, cause),
    });
    this.#nodes = this.informer(nodes);
    this.#slices = this.informer(endpointslices, {
      added: (slice, cause) => {
        if (isManaged(slice) && this.#tracker.shouldSync(slice)) this.#enqueueOf(slice, cause);
      },
      updated: (old, slice, cause) => this.#sliceUpdated(old, slice, cause),
      deleted: (slice, cause) => {
        if (isManaged(slice) && this.#tracker.has(slice) && !this.#tracker.deleted(slice))
          this.#enqueueOf(slice, cause);
      },
    });
    this.#slices.addIndex(SERVICE_NAME, (slice) => [serviceKeyOf(slice)]);
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const service = this.#services.lister.byKey(key);
    if (!service) {
      this.#times.forget(key);
      this.#tracker.forget(key);
      return 'the Service is gone: its slices go with it';
    }
    const { type, selector } = service.spec ?? {};
    if (type === 'ExternalName') return 'an ExternalName has no endpoints';
    if (!selector) return 'has no selector: its slices are made by others';
    const selected = this.#pods.lister
      .list(service.metadata.namespace)
      .filter((pod) => labelSetMatches(selector, pod.metadata.labels));
    const existing = this.#slices.lister
      .byIndex(SERVICE_NAME, key)
      .filter((slice) => isManaged(slice) && !slice.metadata.deletionTimestamp);
    if (this.#tracker.isStale(key, existing))
      throw new RetryError('EndpointSlice informer cache is out of date');
    const lastChange = this.#times.lastChange(key, service, selected);
    try {
      return await reconcileSlices({
        service,
        pods: selected,
        existing,
        lastChange,
        nodes: this.#nodes.lister,
        client: this.client,
        tracker: this.#tracker,
        cause,
      });
    } catch (error) {
      if (!(error instanceof StatusError) && !(error instanceof RetryError)) throw error;
      const message = `Error updating Endpoint Slices for Service ${key}: ${error.message}`;
      this.#recorder.record(service, 'Warning', 'FailedToUpdateEndpointSlices', message, cause);
      throw error;
    }
  }

  #sliceUpdated(old: EndpointSlice, slice: EndpointSlice, cause: EventId): void {
    if (serviceKeyOf(old) !== serviceKeyOf(slice)) {
      this.#enqueueOf(slice, cause);
      this.#enqueueOf(old, cause);
      return;
    }
    if (
      isManaged(old) !== isManaged(slice) ||
      (isManaged(slice) && this.#tracker.shouldSync(slice))
    )
      this.#enqueueOf(slice, cause);
  }

  #enqueueOf(slice: EndpointSlice, cause: EventId): void {
    if (slice.metadata.labels?.[SERVICE_NAME])
      this.queue.addAfter(serviceKeyOf(slice), SLICE_CHANGE_DELAY, cause);
  }
}

const isManaged = (slice: EndpointSlice): boolean =>
  slice.metadata.labels?.[MANAGED_BY] === MANAGER;

const serviceKeyOf = ({ metadata }: EndpointSlice): string =>
  `${metadata.namespace ?? ''}/${metadata.labels?.[SERVICE_NAME] ?? ''}`;
