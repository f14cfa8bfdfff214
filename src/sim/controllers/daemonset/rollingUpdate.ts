import type { DaemonSet } from '../../../api/types/appsV1.ts';
import type { Node, Pod } from '../../../api/types/coreV1.ts';
import type { Micros } from '../../../base/time.ts';
import { scaledValue } from '../shared/intOrPercent.ts';
import { isPodAvailable } from '../shared/pods.ts';
import { isUpdated, nodeVerdict, specOf } from './daemonPods.ts';

export type PodsByNode = Map<string, Pod[]>;

export interface RollingStep {
  readonly remove: readonly Pod[];
  /** Nodes that get a new pod beside the old one. */
  readonly surge: readonly string[];
}

interface Rollout {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  readonly byNode: PodsByNode;
  readonly hash: string;
  readonly now: Micros;
}

/** Which old pods go now, or where new ones come first. Models rollingUpdate. */
export function rollingStep(rollout: Rollout): RollingStep {
  const { set, nodes, byNode } = rollout;
  const wanted = nodes.filter((node) => nodeVerdict(node, set).runs);
  for (const { metadata } of wanted)
    if (!byNode.has(metadata.name ?? '')) byNode.set(metadata.name ?? '', []);
  const { maxSurge, maxUnavailable } = specOf(set).updateStrategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, wanted.length, true);
  const unavailable = scaledValue(maxUnavailable, wanted.length, true);
  if (surge > 0) return surgeStep(rollout, surge, wanted.length);
  return deletionStep(rollout, wanted.length > 0 && unavailable === 0 ? 1 : unavailable);
}

interface Pair {
  readonly fresh?: Pod;
  readonly old?: Pod;
}

/** The new and the old pod of a node; undefined when there are several of either. Models findUpdatedPodsOnNode. */
function pairOn(pods: readonly Pod[], { set, hash }: Rollout): Pair | undefined {
  const living = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  const fresh = living.filter((pod) => isUpdated(pod, set, hash));
  const old = living.filter((pod) => !fresh.includes(pod));
  if (fresh.length > 1 || old.length > 1) return undefined;
  return { ...(fresh[0] && { fresh: fresh[0] }), ...(old[0] && { old: old[0] }) };
}

function deletionStep(rollout: Rollout, maxUnavailable: number): RollingStep {
  let unavailable = 0;
  const allowed: Pod[] = [];
  const candidates: Pod[] = [];
  for (const pods of rollout.byNode.values()) {
    const pair = pairOn(pods, rollout);
    const { fresh, old } = pair ?? {};
    if (!pair || Boolean(fresh) === Boolean(old)) unavailable++;
    else if (fresh) unavailable += isAvailable(fresh, rollout) ? 0 : 1;
    else if (old && !isAvailable(old, rollout)) {
      allowed.push(old);
      unavailable++;
    } else if (old && unavailable < maxUnavailable) candidates.push(old);
  }
  const room = Math.max(0, maxUnavailable - unavailable);
  return { remove: [...allowed, ...candidates.slice(0, room)], surge: [] };
}

function surgeStep(rollout: Rollout, maxSurge: number, desired: number): RollingStep {
  const { set, nodes, byNode } = rollout;
  const remove: Pod[] = [];
  const elsewhere: Pod[] = [];
  const allowed: string[] = [];
  const candidates: string[] = [];
  let surging = 0;
  let available = 0;
  for (const [name, pods] of byNode) {
    const pair = pairOn(pods, rollout);
    if (!pair) {
      surging++;
      continue;
    }
    const { fresh, old } = pair;
    const counted = old ?? fresh;
    if (counted && isAvailable(counted, rollout)) available++;
    if (!old) continue;
    if (fresh) {
      if (isAvailable(fresh, rollout)) remove.push(old);
      else surging++;
      continue;
    }
    const node = nodes.find(({ metadata }) => metadata.name === name);
    const runs = node !== undefined && nodeVerdict(node, set).runs;
    if (!isAvailable(old, rollout)) {
      if (runs) allowed.push(name);
      else remove.push(old);
    } else if (!runs) elsewhere.push(old);
    else if (surging < maxSurge) candidates.push(name);
  }
  remove.push(...elsewhere.slice(0, Math.max(0, available - desired)));
  const room = Math.max(0, maxSurge - surging);
  return { remove, surge: [...allowed, ...candidates.slice(0, room)] };
}

const isAvailable = (pod: Pod, { set, now }: Rollout): boolean =>
  isPodAvailable(pod, specOf(set).minReadySeconds ?? 0, now);
