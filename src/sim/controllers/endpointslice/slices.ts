import { fnv128a } from '../../../api/hash.ts';
import { equal } from '../../../api/meta.ts';
import type { Node, Pod, Service } from '../../../api/types/coreV1.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/types/discoveryV1.ts';
import { encodeUtf8 } from '../../../base/bytes.ts';
import { controllerReference } from '../shared/objects.ts';
import { isPodReady } from '../shared/pods.ts';
import * as common from '../shared/serviceEndpoints.ts';

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const MANAGER = 'endpointslice-controller.k8s.io';
export type AddressType = 'IPv4' | 'IPv6';

/** Models getAddressTypesForService. */
export function addressTypesOf({ spec = {} }: Service): AddressType[] {
  const families = (spec.ipFamilies ?? []).filter(
    (family): family is AddressType => family === 'IPv4' || family === 'IPv6',
  );
  if (families.length) return families;
  const { clusterIP = '' } = spec;
  if (clusterIP && clusterIP !== 'None') return [common.isIPv6(clusterIP) ? 'IPv6' : 'IPv4'];
  return ['IPv4', 'IPv6'];
}

/** Models podToEndpoint. Undefined: the pod has no address of this type. */
export function endpointOf(
  pod: Pod,
  node: Node | undefined,
  service: Service,
  type: AddressType,
): Endpoint | undefined {
  const addresses = (pod.status?.podIPs ?? [])
    .map(({ ip }) => ip)
    .filter((ip) => common.isIPv6(ip) === (type === 'IPv6'));
  if (addresses.length === 0) return undefined;
  const serving = isPodReady(pod);
  const terminating = !!pod.metadata.deletionTimestamp;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const hostname = common.hostnameOf(pod, service);
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'];
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname !== undefined && { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    ...(zone && { zone }),
  };
}

/** Models getEndpointPorts. */
export function portsOf(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const port of service.spec?.ports ?? []) {
    const number = common.findPort(pod, port);
    if (number === undefined) continue;
    const { name = '', protocol = 'TCP', appProtocol } = port;
    ports.push({ name, port: number, protocol, ...(appProtocol && { appProtocol }) });
  }
  return inHashOrder(ports);
}

/** Slices with equal keys hold endpoints with the same ports. Models NewPortMapKey. */
export const portKey = (ports: readonly EndpointPort[] | undefined): string =>
  inHashOrder(ports ?? [])
    .map(portText)
    .join(' ');

function inHashOrder(ports: readonly EndpointPort[]): EndpointPort[] {
  const hashed = ports.map((port) => ({ port, hash: fnv128a(encodeUtf8(portText(port))) }));
  return hashed.sort((a, b) => (a.hash < b.hash ? -1 : 1)).map(({ port }) => port);
}

/** Go's dump of a port. */
const portText = ({ name, protocol, port, appProtocol }: EndpointPort): string =>
  `(v1.EndpointPort){Name:(*string)${name ?? '<nil>'} Protocol:(*v1.Protocol)${protocol ?? '<nil>'} ` +
  `Port:(*int32)${port ?? '<nil>'} AppProtocol:(*string)${appProtocol ?? '<nil>'}}`;

/** What makes an endpoint the same one. Models hashEndpoint. */
export const endpointKey = ({ addresses, hostname = '', targetRef }: Endpoint): string =>
  JSON.stringify([
    [...addresses].sort(),
    hostname,
    targetRef?.namespace ?? '',
    targetRef?.name ?? '',
  ]);

/** Models EndpointsEqualBeyondHash. */
export const sameBeyondKey = (a: Endpoint, b: Endpoint): boolean =>
  a.nodeName === b.nodeName &&
  a.zone === b.zone &&
  equal(a.conditions, b.conditions) &&
  equal(a.targetRef, b.targetRef);

export function newSlice(
  service: Service,
  ports: EndpointPort[],
  addressType: AddressType,
): EndpointSlice {
  const { name = '', namespace } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      ...(namespace && { namespace }),
      labels: sliceLabels(service),
      ownerReferences: [controllerReference(service)],
    },
    addressType,
    endpoints: [],
    ports,
  };
}

/** The labels a slice of the Service has. Models setEndpointSliceLabels. */
export function sliceLabels(service: Service): Record<string, string> {
  return {
    ...withoutReserved(service.metadata.labels),
    ...(common.isHeadless(service) && { [common.HEADLESS]: '' }),
    [SERVICE_NAME]: service.metadata.name ?? '',
    [MANAGED_BY]: MANAGER,
  };
}

export const labelsChanged = (slice: EndpointSlice, service: Service): boolean =>
  !equal(withoutReserved(slice.metadata.labels), withoutReserved(service.metadata.labels));

const RESERVED = new Set([SERVICE_NAME, MANAGED_BY, common.HEADLESS]);

const withoutReserved = (labels: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !RESERVED.has(key)));

export const isOwnedBy = (slice: EndpointSlice, service: Service): boolean =>
  slice.metadata.ownerReferences?.some(
    ({ uid, kind, apiVersion }) =>
      uid === service.metadata.uid && kind === 'Service' && apiVersion === 'v1',
  ) ?? false;
