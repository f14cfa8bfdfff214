import type { Lane, LaneKind } from '../protocol/timeline.ts';
import type { ComponentId, TraceEvent } from '../trace/event.ts';

const order: readonly LaneKind[] = [
  'client',
  'apiserver',
  'etcd',
  'controller',
  'scheduler',
  'kubelet',
  'network',
  'cluster',
];

/**
 * The lanes that the events need: clients on top, then the way of a request down to the nodes; alike ones by name. Those
 * who only watched stand below all who did something.
 */
export function lanesOf(events: readonly TraceEvent[]): Lane[] {
  const components = new Set(events.map((event) => event.component));
  const acting = new Set(events.flatMap(({ type, component }) => (isIdle(type) ? [] : component)));
  const lanes = [...components].map((component) => ({
    component,
    kind: kindOf(component),
    label: labelOf(component),
  }));
  const rank = (lane: (typeof lanes)[number]) =>
    order.indexOf(lane.kind) + (acting.has(lane.component) ? 0 : order.length);
  return lanes.sort((a, b) => rank(a) - rank(b) || (a.label < b.label ? -1 : 1));
}

const isIdle = (type: TraceEvent['type']): boolean => type === 'watch' || type === 'queue';

export function kindOf(component: ComponentId): LaneKind {
  const [head] = component.split('/');
  if (head === 'kube-proxy') return 'network';
  return order.find((kind) => kind === head) ?? 'cluster';
}

const plain: Readonly<Record<string, string>> = { apiserver: 'API server' };

/** `controller/deployment-controller` → `deployment-controller`, `kubelet/node-1` → `kubelet node-1`. */
export function labelOf(component: ComponentId): string {
  const slash = component.indexOf('/');
  if (slash < 0) return plain[component] ?? component;
  const name = component.slice(slash + 1);
  const isNamed = ['controller/', 'client/', 'etcd/'].some((kind) => component.startsWith(kind));
  return isNamed ? name : `${component.slice(0, slash)} ${name}`;
}
