import { equal } from '../../../api/meta.ts';
import type {
  EndpointAddress,
  EndpointPort as OldPort,
  Endpoints,
} from '../../../api/types/coreV1.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/types/discoveryV1.ts';
import { repackSubsets } from '../endpoints/subsets.ts';
import {
  endpointKey,
  MANAGED_BY,
  portKey,
  sameBeyondKey,
  SERVICE_NAME,
  type AddressType,
} from '../endpointslice/slices.ts';
import { controllerReference } from '../shared/objects.ts';
import { isIPv6 } from '../shared/serviceEndpoints.ts';

export const MIRROR_MANAGER = 'endpointslicemirroring-controller.k8s.io';
/** How many addresses of a subset are mirrored. */
export const MAX_PER_SUBSET = 1000;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const LAST_CHANGE = 'endpoints.kubernetes.io/last-change-trigger-time';

/** Endpoints that stand in one slice: the same ports, the same family. */
interface Group {
  readonly type: AddressType;
  readonly ports: EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

export interface Mirrored {
  readonly create: EndpointSlice[];
  readonly update: EndpointSlice[];
  readonly remove: EndpointSlice[];
  readonly invalid: number;
  readonly skipped: number;
}

/** What is to become of the slices that mirror the Endpoints. Models reconciler.reconcile. */
export function mirror(endpoints: Endpoints, slices: readonly EndpointSlice[]): Mirrored {
  const { groups, invalid, skipped } = groupsOf(endpoints);
  const keyOf = ({ addressType, ports }: EndpointSlice): string =>
    `${addressType}-${portKey(ports)}`;
  const result: Mirrored = { create: [], update: [], remove: [], invalid, skipped };
  for (const [key, group] of groups) {
    const [first, ...others] = slices.filter((slice) => keyOf(slice) === key);
    result.remove.push(...others);
    if (first && isSame(endpoints, group, first)) continue;
    const slice = sliceOf(endpoints, group, first?.metadata.name);
    if (first) result.update.push(slice);
    else result.create.push(slice);
  }
  result.remove.push(...slices.filter((slice) => !groups.has(keyOf(slice))));
  return recycled(result);
}

function groupsOf(endpoints: Endpoints): {
  groups: Map<string, Group>;
  invalid: number;
  skipped: number;
} {
  const groups = new Map<string, Group>();
  let invalid = 0;
  let skipped = 0;
  for (const subset of repackSubsets(endpoints.subsets ?? [])) {
    const ports = (subset.ports ?? []).map(newPort);
    const all = [
      ...(subset.addresses ?? []).map((address) => ({ address, ready: true })),
      ...(subset.notReadyAddresses ?? []).map((address) => ({ address, ready: false })),
    ];
    let added = 0;
    for (const { address, ready } of all) {
      if (added >= MAX_PER_SUBSET) break;
      if (!/^[0-9.]+$|:/.test(address.ip)) {
        invalid++;
        continue;
      }
      const type = isIPv6(address.ip) ? 'IPv6' : 'IPv4';
      const key = `${type}-${portKey(ports)}`;
      const group = groups.get(key) ?? { type, ports, endpoints: new Map<string, Endpoint>() };
      groups.set(key, group);
      const endpoint = endpointOf(address, ready);
      group.endpoints.set(endpointKey(endpoint), endpoint);
      added++;
    }
    skipped += all.length - added;
  }
  return { groups, invalid, skipped };
}

const newPort = ({ name = '', port, protocol = 'TCP', appProtocol }: OldPort): EndpointPort => ({
  name,
  port,
  protocol,
  ...(appProtocol !== undefined && { appProtocol }),
});

const endpointOf = (
  { ip, hostname, nodeName, targetRef }: EndpointAddress,
  ready: boolean,
): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname && { hostname }),
  ...(targetRef && { targetRef }),
  ...(nodeName !== undefined && { nodeName }),
});

function isSame(endpoints: Endpoints, group: Group, slice: EndpointSlice): boolean {
  const existing = slice.endpoints ?? [];
  const { labels, annotations, ownerReferences } = slice.metadata;
  const hasOwner = !ownerReferences?.some(
    ({ kind, name, uid }) =>
      kind === 'Endpoints' && name === endpoints.metadata.name && uid !== endpoints.metadata.uid,
  );
  const hasAll =
    existing.length === group.endpoints.size &&
    existing.every((one) => {
      const wanted = group.endpoints.get(endpointKey(one));
      return wanted !== undefined && sameBeyondKey(wanted, one);
    });
  return (
    hasAll &&
    hasOwner &&
    equal(endpoints.metadata.labels ?? {}, without(labels, MANAGED_BY, SERVICE_NAME)) &&
    equal(without(endpoints.metadata.annotations, LAST_CHANGE, LAST_APPLIED), annotations ?? {})
  );
}

/** Models newEndpointSlice. */
function sliceOf(endpoints: Endpoints, group: Group, existing: string | undefined): EndpointSlice {
  const { name = '', namespace = '', labels, annotations } = endpoints.metadata;
  const kept = without(annotations, LAST_CHANGE, LAST_APPLIED);
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...(existing === undefined ? { generateName: `${name}-` } : { name: existing }),
      namespace,
      labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: MIRROR_MANAGER },
      ...(Object.keys(kept).length && { annotations: kept }),
      ownerReferences: [controllerReference({ ...endpoints, apiVersion: 'v1', kind: 'Endpoints' })],
    },
    addressType: group.type,
    endpoints: [...group.endpoints.values()].slice(0, MAX_PER_SUBSET),
    ports: group.ports,
  };
}

/** A slice that would go becomes one that would be made. Models recycleSlices. */
function recycled(result: Mirrored): Mirrored {
  const { create, remove, update } = result;
  for (let left = Math.min(create.length, remove.length); left > 0; left--) {
    const [made, old] = [create.shift(), remove.shift()];
    if (!made || !old) break;
    if (made.addressType !== old.addressType) {
      create.push(made);
      remove.push(old);
      continue;
    }
    const metadata = { ...made.metadata, name: old.metadata.name ?? '' };
    delete metadata.generateName;
    update.push({ ...made, metadata });
  }
  return result;
}

const without = (
  map: Readonly<Record<string, string>> = {},
  ...keys: string[]
): Record<string, string> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
