import type { Lease } from '../../../api/types/coordinationV1.ts';
import type { Node, NodeCondition } from '../../../api/types/coreV1.ts';
import { formatTime, second, type Micros } from '../../../base/time.ts';
import { conditionOf } from '../shared/conditions.ts';
import { nodeReady } from '../shared/nodes.ts';
import { timeOf } from '../shared/objects.ts';

/** How long a node may be silent before it counts as lost; at its start a little longer. */
const GRACE: Micros = 50 * second;
const STARTUP_GRACE: Micros = 60 * second;

/** What was last heard of a node. Models nodeHealthData. */
export interface NodeHealth {
  readonly ready: NodeCondition | undefined;
  readonly probed: Micros;
  readonly lease: Lease | undefined;
}

export interface HealthCheck {
  readonly health: NodeHealth;
  /** The Ready condition as the node has it. */
  readonly observed: NodeCondition;
  /** The node with conditions Unknown, when it was silent for too long and does not show that yet. */
  readonly lost?: Node;
}

/** Models tryUpdateNodeHealth, up to the writing. */
export function checkHealth(
  node: Node,
  known: NodeHealth | undefined,
  lease: Lease | undefined,
  now: Micros,
): HealthCheck {
  const created = node.metadata.creationTimestamp ?? formatTime(now);
  const current = nodeReady(node);
  const observed: NodeCondition = current ?? {
    type: 'Ready',
    status: 'Unknown',
    lastHeartbeatTime: created,
    lastTransitionTime: created,
  };
  let health = heard(known, current, current ? now : timeOf(created), now);
  if (lease && renewal(health.lease) < renewal(lease)) health = { ...health, lease, probed: now };
  const grace = current ? GRACE : STARTUP_GRACE;
  if (now <= health.probed + grace) return { health, observed };
  const lost = withUnknown(node, created, now);
  const ready = nodeReady(lost);
  const isShown = current && ready?.status === current.status && ready.reason === current.reason;
  return isShown ? { health, observed } : { health: { ...health, ready, lease }, observed, lost };
}

/** A new heartbeat in the condition counts as a sign of life. */
function heard(
  known: NodeHealth | undefined,
  current: NodeCondition | undefined,
  first: Micros,
  now: Micros,
): NodeHealth {
  if (!known) return { ready: current, probed: first, lease: undefined };
  const appeared = (known.ready === undefined) !== (current === undefined);
  const beat = known.ready?.lastHeartbeatTime !== current?.lastHeartbeatTime;
  if (appeared || beat) return { ready: current, probed: now, lease: undefined };
  return { ...known, ready: current };
}

const renewal = (lease: Lease | undefined): Micros => timeOf(lease?.spec?.renewTime);

const TYPES = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

function withUnknown(node: Node, created: string, now: Micros): Node {
  const lastTransitionTime = formatTime(now);
  const conditions = (node.status?.conditions ?? []).map((condition) =>
    TYPES.includes(condition.type) && condition.status !== 'Unknown'
      ? {
          ...condition,
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime,
        }
      : condition,
  );
  for (const type of TYPES)
    if (!conditionOf(conditions, type))
      conditions.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: created,
        lastTransitionTime,
      });
  return { ...node, status: { ...node.status, conditions } };
}
