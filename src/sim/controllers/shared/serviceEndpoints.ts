import { equal } from '../../../api/meta.ts';
import { labelSetMatches } from '../../../api/selectors.ts';
import type { Pod, Service, ServicePort } from '../../../api/types/coreV1.ts';
import type { Micros } from '../../../base/time.ts';
import type { Lister } from '../../client/objectCache.ts';
import { isPodReady, isPodTerminal, readyCondition } from './pods.ts';
import { timeOf } from './objects.ts';

// What the Endpoints and the EndpointSlice controllers have in common. Models k8s.io/endpointslice/util.

/** The annotation that tells when something last changed. */
export const LAST_CHANGE = 'endpoints.kubernetes.io/last-change-trigger-time';
export const HEADLESS = 'service.kubernetes.io/headless';

export const isHeadless = (service: Service): boolean =>
  (service.spec?.clusterIP ?? '') === '' || service.spec?.clusterIP === 'None';

/** Models ShouldPodBeInEndpoints. */
export const belongs = (pod: Pod, withTerminating: boolean): boolean =>
  !isPodTerminal(pod) &&
  (!!pod.status?.podIP || (pod.status?.podIPs?.length ?? 0) > 0) &&
  (withTerminating || !pod.metadata.deletionTimestamp);

/** The hostname that DNS is to know the pod by. Models ShouldSetHostname. */
export const hostnameOf = (pod: Pod, service: Service): string | undefined =>
  pod.spec?.hostname && pod.spec.subdomain === service.metadata.name
    ? pod.spec.hostname
    : undefined;

export const isIPv6 = (ip: string): boolean => ip.includes(':');

/** The number of the port in the pod; undefined when it names none that the pod has. Models FindPort. */
export function findPort(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target;
  const sidecars = (pod.spec?.initContainers ?? []).filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  );
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars])
    for (const { name, protocol, containerPort } of container.ports ?? [])
      if (name === target && (protocol ?? 'TCP') === (port.protocol ?? 'TCP')) return containerPort;
  return undefined;
}

/** The Services whose endpoints the change of a pod may change. Models GetPodUpdateProjectionKey and GetServicesToUpdate. */
export function servicesOf(
  services: Lister<Service>,
  old: Pod | undefined,
  pod: Pod | undefined,
): Service[] {
  const one = pod ?? old;
  if (!one) return [];
  const selecting = (labels: Record<string, string> | undefined): Service[] =>
    services
      .list(one.metadata.namespace)
      .filter(({ spec }) => spec?.selector && labelSetMatches(spec.selector, labels));
  if (!old || !pod) return selecting(one.metadata.labels);
  const podChanged = endpointChanged(old, pod);
  const labelsChanged =
    !equal(old.metadata.labels, pod.metadata.labels) ||
    (old.spec?.hostname ?? '') !== (pod.spec?.hostname ?? '') ||
    (old.spec?.subdomain ?? '') !== (pod.spec?.subdomain ?? '');
  if (!podChanged && !labelsChanged) return [];
  const now = selecting(pod.metadata.labels);
  if (!labelsChanged) return now;
  const before = selecting(old.metadata.labels);
  if (podChanged) return [...new Set([...now, ...before])];
  return [
    ...now.filter((service) => !before.includes(service)),
    ...before.filter((service) => !now.includes(service)),
  ];
}

/** A pod that is being deleted counts as changed with every update: upstream compares pointers there. */
const endpointChanged = (old: Pod, pod: Pod): boolean =>
  !!old.metadata.deletionTimestamp ||
  !!pod.metadata.deletionTimestamp ||
  isPodReady(old) !== isPodReady(pod) ||
  !equal(
    (old.status?.podIPs ?? []).map(({ ip }) => ip),
    (pod.status?.podIPs ?? []).map(({ ip }) => ip),
  );

/** When what changed since the last look had changed. Models TriggerTimeTracker. */
export class TriggerTimes {
  readonly #known = new Map<string, { service: Micros; pods: Map<string, Micros> }>();

  /** The text for the annotation; undefined when nothing newer is known. */
  lastChange(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const old = this.#known.get(key);
    const times = new Map<string, { time: Micros; text: string }>();
    let first: { time: Micros; text: string } | undefined;
    const consider = (time: Micros, text: string, before: Micros): void => {
      if (time > before && (!first || time < first.time)) first = { time, text };
    };
    for (const pod of pods) {
      const text = readyCondition(pod)?.lastTransitionTime;
      if (!text) continue;
      const name = pod.metadata.name ?? '';
      times.set(name, { time: timeOf(text), text });
      consider(timeOf(text), text, old?.pods.get(name) ?? 0);
    }
    const created = service.metadata.creationTimestamp ?? '';
    consider(timeOf(created), created, old?.service ?? 0);
    this.#known.set(key, {
      service: timeOf(created),
      pods: new Map([...times].map(([name, { time }]) => [name, time])),
    });
    return old ? first?.text : created;
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}
