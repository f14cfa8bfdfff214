import { fnv128a } from '../../../api/hash.ts';
import { encodeUtf8 } from '../../../base/bytes.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../../api/types/coreV1.ts';

interface Located {
  readonly address: EndpointAddress;
  ready: boolean;
}

/**
 * The same addresses and ports in as few subsets as possible: ports that the same pods serve stand together. Ports are
 * in the order of their hashes. Models k8s.io/kubernetes/pkg/api/v1/endpoints RepackSubsets.
 */
export function repackSubsets(subsets: readonly EndpointSubset[]): EndpointSubset[] {
  const byPort = new Map<string, { port: EndpointPort | undefined; at: Map<string, Located> }>();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets)
    for (const port of ports.length ? ports : [undefined]) {
      const key = JSON.stringify(port ?? null);
      const entry = byPort.get(key) ?? { port, at: new Map<string, Located>() };
      byPort.set(key, entry);
      for (const address of addresses) locate(entry.at, address, true);
      for (const address of notReadyAddresses) locate(entry.at, address, false);
    }
  const byAddresses = new Map<string, { ports: EndpointPort[]; at: Map<string, Located> }>();
  for (const { port, at } of byPort.values()) {
    const key = [...at]
      .map(([name, { ready }]) => `${name} ${ready}`)
      .sort()
      .join('\n');
    const entry = byAddresses.get(key) ?? { ports: [], at };
    byAddresses.set(key, entry);
    if (port) entry.ports.push(port);
  }
  return [...byAddresses.values()].map(subsetOf).sort((a, b) => compare(hash(a), hash(b)));
}

function locate(at: Map<string, Located>, address: EndpointAddress, ready: boolean): void {
  const key = `${address.ip} ${address.targetRef?.uid ?? ''}`;
  const known = at.get(key);
  if (!known) at.set(key, { address, ready });
  else if (!ready) known.ready = false;
}

function subsetOf({
  ports,
  at,
}: {
  ports: EndpointPort[];
  at: Map<string, Located>;
}): EndpointSubset {
  const sorted = [...at.values()].sort((a, b) => byIp(a.address, b.address));
  const addresses = sorted.filter(({ ready }) => ready).map(({ address }) => address);
  const notReadyAddresses = sorted.filter(({ ready }) => !ready).map(({ address }) => address);
  return {
    ...(addresses.length && { addresses }),
    ...(notReadyAddresses.length && { notReadyAddresses }),
    ...(ports.length && {
      ports: [...ports].sort((a, b) => compare(portHash(a), portHash(b))),
    }),
  };
}

const byIp = (a: EndpointAddress, b: EndpointAddress): number =>
  compare(a.ip, b.ip) || compare(a.targetRef?.uid ?? '', b.targetRef?.uid ?? '');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Of Go's dump of the port, so that ports stand in the real order. */
const portHash = ({ name = '', port, protocol, appProtocol }: EndpointPort): string =>
  fnv128a(
    encodeUtf8(
      `(v1.EndpointPort){Name:(string)${name} Port:(int32)${port} Protocol:(v1.Protocol)${protocol ?? ''} ` +
        `AppProtocol:(*string)${appProtocol ?? '<nil>'}}`,
    ),
  );

/** Some order that stays: the real one follows from the pods' uids, which are chance. */
const hash = (subset: EndpointSubset): string => fnv128a(encodeUtf8(JSON.stringify(subset)));
