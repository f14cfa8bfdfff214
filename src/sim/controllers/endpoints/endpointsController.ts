import { clone, equal, keyOf, splitKey } from '../../../api/meta.ts';
import { endpoints, pods, services } from '../../../api/resources.ts';
import { labelSetMatches } from '../../../api/selectors.ts';
import { StatusError } from '../../../api/status.ts';
import type {
  EndpointAddress,
  Endpoints,
  EndpointSubset,
  Pod,
  Service,
} from '../../../api/types/coreV1.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import { RetryError } from '../../client/worker.ts';
import { isNamespaceTerminating, unlessNotFound } from '../shared/objects.ts';
import { isPodReady } from '../shared/pods.ts';
import * as common from '../shared/serviceEndpoints.ts';
import { repackSubsets } from './subsets.ts';

const SOURCE = 'endpoint-controller';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const MAX_CAPACITY = 1000;

/** The old form of a Service's addresses: one object a Service. Models pkg/controller/endpoint Controller. */
export class EndpointsController extends Controller {
  readonly #services: Informer<Service>;
  readonly #pods: Informer<Pod>;
  readonly #endpoints: Informer<Endpoints>;
  readonly #recorder: EventRecorder;
  readonly #times = new common.TriggerTimes();
  /** The version that was replaced last: when the cache still shows it, it is behind. */
  readonly #stale = new Map<string, string>();

  constructor(options: ControllerOptions) {
    super(options, 'endpoint', { maxRetries: 15, workers: 5 });
    this.#recorder = this._register(
      new EventRecorder({ ...options, random: this.random.fork('events'), source: SOURCE }),
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
    this.#endpoints = this.informer(endpoints, {
      deleted: (object, cause) => this.queue.add(keyOf(object), cause),
    });
  }

  protected override synced(): void {
    // Endpoints whose Service went while nobody looked.
    for (const object of this.#endpoints.lister.list())
      if (!object.metadata.annotations?.[LEADER]) this.queue.add(keyOf(object), this.started);
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const service = this.#services.lister.byKey(key);
    const { namespace, name } = splitKey(key);
    if (!service) {
      await unlessNotFound(this.client.delete(endpoints, namespace, name, {}, cause));
      this.#times.forget(key);
      this.#stale.delete(key);
      return 'the Service is gone: deletes its Endpoints';
    }
    const { type, selector } = service.spec ?? {};
    if (type === 'ExternalName') return 'an ExternalName has no endpoints';
    if (!selector) return 'has no selector: its Endpoints are made by hand';
    const selected = this.#pods.lister
      .list(namespace)
      .filter((pod) => labelSetMatches(selector, pod.metadata.labels));
    const lastChange = this.#times.lastChange(key, service, selected);
    const subsets = subsetsOf(service, selected);
    const current = this.#endpoints.lister.byKey(key);
    if (current && this.#stale.get(key) === current.metadata.resourceVersion)
      throw new RetryError(
        `endpoints informer cache is out of date, resource version ${current.metadata.resourceVersion ?? ''} already processed for endpoints ${key}`,
      );
    if (current && isUpToDate(current, service, subsets)) return 'its Endpoints are right';
    await this.#write(service, current, wanted(service, current, subsets, lastChange), cause);
    const count = subsets.reduce((total, subset) => total + (subset.addresses?.length ?? 0), 0);
    return `writes its Endpoints: ${count} ready addresses`;
  }

  async #write(
    service: Service,
    current: Endpoints | undefined,
    object: Endpoints,
    cause: Cause,
  ): Promise<void> {
    const key = keyOf(service);
    try {
      const written = current
        ? await this.client.update(endpoints, object, cause)
        : await this.client.create(endpoints, object, cause);
      const { resourceVersion = '' } = current?.metadata ?? {};
      if (current && written.metadata.resourceVersion !== resourceVersion)
        this.#stale.set(key, resourceVersion);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (!current && isNamespaceTerminating(error)) return;
      const [reason, what] = current
        ? ['FailedToUpdateEndpoint', 'update endpoint']
        : ['FailedToCreateEndpoint', 'create endpoint for service'];
      const message = `Failed to ${what} ${key}: ${error.message}`;
      this.#recorder.record(object, 'Warning', reason, message, cause);
      throw error;
    }
  }
}

function subsetsOf(service: Service, selected: readonly Pod[]): EndpointSubset[] {
  const { publishNotReadyAddresses = false, ports = [], clusterIP } = service.spec ?? {};
  const subsets: EndpointSubset[] = [];
  for (const pod of selected) {
    if (!common.belongs(pod, publishNotReadyAddresses)) continue;
    const address = addressOf(service, pod);
    if (!address) continue;
    const where = publishNotReadyAddresses || isPodReady(pod) ? 'addresses' : 'notReadyAddresses';
    if (ports.length === 0 && clusterIP === 'None') subsets.push({ [where]: [address] });
    for (const port of ports) {
      const number = common.findPort(pod, port);
      if (number === undefined) continue;
      const { name, protocol = 'TCP', appProtocol } = port;
      subsets.push({
        [where]: [address],
        ports: [
          { ...(name && { name }), port: number, protocol, ...(appProtocol && { appProtocol }) },
        ],
      });
    }
  }
  return repackSubsets(subsets);
}

/** Models podToEndpointAddressForService. */
function addressOf(service: Service, pod: Pod): EndpointAddress | undefined {
  const { ipFamilies, clusterIP = '' } = service.spec ?? {};
  const wantsIPv6 = ipFamilies?.length
    ? ipFamilies[0] === 'IPv6'
    : clusterIP && clusterIP !== 'None'
      ? common.isIPv6(clusterIP)
      : common.isIPv6(pod.status?.podIP ?? '');
  const ip = (pod.status?.podIPs ?? []).find((one) => common.isIPv6(one.ip) === wantsIPv6)?.ip;
  if (ip === undefined) return undefined;
  const hostname = common.hostnameOf(pod, service);
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  return {
    ip,
    ...(hostname !== undefined && { hostname }),
    nodeName: pod.spec?.nodeName ?? '',
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function isUpToDate(current: Endpoints, service: Service, subsets: EndpointSubset[]): boolean {
  const { labels = {}, annotations } = current.metadata;
  const own = Object.fromEntries(
    Object.entries(labels).filter(([key]) => key !== common.HEADLESS && key !== MANAGED_BY),
  );
  return (
    equal(current.subsets ?? [], subsets) &&
    labels[MANAGED_BY] === SOURCE &&
    equal(own, service.metadata.labels ?? {}) &&
    annotations?.[OVER_CAPACITY] === undefined
  );
}

function wanted(
  service: Service,
  current: Endpoints | undefined,
  subsets: EndpointSubset[],
  lastChange: string | undefined,
): Endpoints {
  const { namespace, name = '' } = service.metadata;
  const object: Endpoints = current
    ? clone(current)
    : {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name, ...(namespace && { namespace }) },
      };
  object.metadata.labels = {
    ...service.metadata.labels,
    ...(common.isHeadless(service) && { [common.HEADLESS]: '' }),
    [MANAGED_BY]: SOURCE,
  };
  const annotations = { ...object.metadata.annotations };
  delete annotations[common.LAST_CHANGE];
  delete annotations[OVER_CAPACITY];
  if (lastChange !== undefined) annotations[common.LAST_CHANGE] = lastChange;
  const { kept, isTruncated } = truncate(subsets);
  if (isTruncated) annotations[OVER_CAPACITY] = 'truncated';
  object.metadata.annotations = annotations;
  if (kept.length) object.subsets = kept;
  else delete object.subsets;
  return object;
}

/** At most 1000 addresses, the ready ones first. Models truncateEndpoints. */
function truncate(subsets: EndpointSubset[]): { kept: EndpointSubset[]; isTruncated: boolean } {
  const count = (key: 'addresses' | 'notReadyAddresses'): number =>
    subsets.reduce((total, subset) => total + (subset[key]?.length ?? 0), 0);
  const ready = count('addresses');
  const notReady = count('notReadyAddresses');
  if (ready + notReady <= MAX_CAPACITY) return { kept: subsets, isTruncated: false };
  const key = ready > MAX_CAPACITY ? 'addresses' : 'notReadyAddresses';
  const total = key === 'addresses' ? ready : notReady;
  const room = key === 'addresses' ? MAX_CAPACITY : MAX_CAPACITY - ready;
  let left = room;
  const kept = subsets.map((subset) => {
    const list = subset[key] ?? [];
    const share = Math.min(Math.ceil((list.length / total) * room), left);
    left -= Math.min(share, list.length);
    const shorter: EndpointSubset = { ...subset, [key]: list.slice(0, share) };
    if (key === 'addresses') delete shorter.notReadyAddresses;
    return shorter;
  });
  return { kept, isTruncated: true };
}
