import { parseQuantity } from '../../api/quantity.ts';
import type { Node, Pod, PodSpec } from '../../api/types/coreV1.ts';

/** What a pod counts as when it asks for nothing, in scores. Models util.GetNonzeroRequests: 100m and 200Mi. */
const defaultCpu = 100_000_000n;
const defaultMemory = 200n * 1024n * 1024n * 1_000_000_000n;

/** A node with the pods that are, or are about to be, on it. Quantities in billionths. */
export class NodeInfo {
  node: Node;
  readonly pods = new Map<string, Pod>();
  readonly used = new Map<string, bigint>();
  readonly nonZero = { cpu: 0n, memory: 0n };

  constructor(node: Node) {
    this.node = node;
  }

  get name(): string {
    return this.node.metadata.name ?? '';
  }

  allocatable(resource: string): bigint {
    const text = this.node.status?.allocatable?.[resource];
    return text === undefined ? 0n : parseQuantity(text).nanos;
  }

  copy(): NodeInfo {
    const copy = new NodeInfo(this.node);
    for (const pod of this.pods.values()) copy.add(pod);
    return copy;
  }

  add(pod: Pod): void {
    this.remove(pod);
    this.pods.set(pod.metadata.uid ?? '', pod);
    this.#count(pod, 1n);
  }

  remove(pod: Pod): void {
    const known = this.pods.get(pod.metadata.uid ?? '');
    if (!known) return;
    this.pods.delete(pod.metadata.uid ?? '');
    this.#count(known, -1n);
  }

  #count(pod: Pod, sign: bigint): void {
    const requests = requestsOf(pod.spec);
    for (const [name, amount] of requests)
      this.used.set(name, (this.used.get(name) ?? 0n) + sign * amount);
    this.nonZero.cpu += sign * (requests.get('cpu') ?? defaultCpu);
    this.nonZero.memory += sign * (requests.get('memory') ?? defaultMemory);
  }
}

/** The nodes zone by zone in turn, as they came: a1, b1, c1, a2 …. Models backend/cache nodeTree. */
export function byZone(infos: Iterable<NodeInfo>): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const info of infos) {
    const labels = info.node.metadata.labels ?? {};
    const zone = `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`;
    const known = zones.get(zone);
    if (known) known.push(info);
    else zones.set(zone, [info]);
  }
  const lists = [...zones.values()];
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  const order: NodeInfo[] = [];
  for (let turn = 0; turn < longest; turn++)
    order.push(...lists.flatMap((list) => list[turn] ?? []));
  return order;
}

/** What a pod needs: the sum of its containers and sidecars, or the most that an init container needs. Models resource.PodRequests. */
export function requestsOf(spec: PodSpec | undefined): Map<string, bigint> {
  const sum = new Map<string, bigint>();
  const add = (to: Map<string, bigint>, list: Readonly<Record<string, string>> | undefined) => {
    for (const [name, text] of Object.entries(list ?? {}))
      to.set(name, (to.get(name) ?? 0n) + parseQuantity(text).nanos);
  };
  for (const container of spec?.containers ?? []) add(sum, container.resources?.requests);
  const sidecars = new Map<string, bigint>();
  for (const container of spec?.initContainers ?? []) {
    const own = new Map(sidecars);
    add(own, container.resources?.requests);
    if (container.restartPolicy === 'Always') {
      add(sidecars, container.resources?.requests);
      add(sum, container.resources?.requests);
    } else
      for (const [name, amount] of own) if (amount > (sum.get(name) ?? 0n)) sum.set(name, amount);
  }
  add(sum, spec?.overhead);
  return sum;
}

export const nonZeroRequest = (
  requests: ReadonlyMap<string, bigint>,
): { cpu: bigint; memory: bigint } => ({
  cpu: requests.get('cpu') ?? defaultCpu,
  memory: requests.get('memory') ?? defaultMemory,
});
