import { equal, type JsonObject, type JsonValue } from '../../../api/meta.ts';
import { pods } from '../../../api/resources.ts';
import type { Pod, PodCondition, PodStatus } from '../../../api/types/coreV1.ts';
import { formatTime, type Micros } from '../../../base/time.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import { conditionOf } from './conditions.ts';
import { asJson } from './objects.ts';

/** The conditions with this one put in; undefined when it says nothing new. Models podutil.UpdatePodCondition. */
export function updatePodCondition(
  conditions: readonly PodCondition[] | undefined,
  condition: PodCondition,
  now: Micros,
): PodCondition[] | undefined {
  const old = conditionOf(conditions, condition.type);
  const fresh = { ...condition, lastTransitionTime: formatTime(now) };
  if (!old) return [...(conditions ?? []), fresh];
  if (old.status === condition.status && old.lastTransitionTime)
    fresh.lastTransitionTime = old.lastTransitionTime;
  const isSame =
    old.status === fresh.status &&
    (old.reason ?? '') === (fresh.reason ?? '') &&
    (old.message ?? '') === (fresh.message ?? '') &&
    (old.lastProbeTime ?? null) === (fresh.lastProbeTime ?? null) &&
    old.lastTransitionTime === fresh.lastTransitionTime;
  if (isSame) return undefined;
  return (conditions ?? []).map((one) => (one === old ? fresh : one));
}

/** Marks that a pod is deleted by a disruption. */
export function disruptionTarget(pod: Pod, reason: string, message: string): PodCondition {
  const { generation } = pod.metadata;
  return {
    type: 'DisruptionTarget',
    ...(generation !== undefined && { observedGeneration: generation }),
    status: 'True',
    reason,
    message,
  };
}

/** Writes the difference between two statuses as a strategic merge patch. Models utilpod.PatchPodStatus. */
export async function patchPodStatus(
  client: Client,
  pod: Pod,
  status: PodStatus,
  cause: Cause,
): Promise<void> {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const patch = statusPatch(pod.status ?? {}, status);
  if (Object.keys(patch).length === 0) return;
  await client.patch(
    pods,
    namespace,
    name,
    'strategic',
    { metadata: { uid }, status: patch },
    cause,
    { subresource: 'status' },
  );
}

/** Conditions are merged by type; the other members are replaced. Models CreateTwoWayMergePatch for a PodStatus. */
function statusPatch(old: PodStatus, status: PodStatus): JsonObject {
  const patch: JsonObject = {};
  for (const key of new Set([...Object.keys(old), ...Object.keys(status)])) {
    if (key === 'conditions') continue;
    const before = old[key as keyof PodStatus];
    const after = status[key as keyof PodStatus];
    if (!equal(before, after)) patch[key] = (after ?? null) as JsonValue;
  }
  const conditions = status.conditions ?? [];
  const changed = conditions.filter(
    (condition) => !equal(condition, conditionOf(old.conditions, condition.type)),
  );
  if (changed.length) {
    patch['$setElementOrder/conditions'] = conditions.map(({ type }) => ({ type }));
    patch['conditions'] = changed.map((condition) => ({
      lastProbeTime: null,
      ...asJson(condition),
    }));
  }
  return patch;
}
