import { clone } from '../../../api/meta.ts';
import type { Deployment, ReplicaSet } from '../../../api/types/appsV1.ts';
import { defined } from '../../../base/assert.ts';
import { byCreation } from '../shared/objects.ts';
import * as util from './deploymentUtil.ts';
import type { Sets } from './replicaSets.ts';
import { updateSet, type Turn } from './turn.ts';

/** Sets the size of a ReplicaSet, and its annotations. Models scaleReplicaSet. */
export async function scaleSet(
  turn: Turn,
  set: ReplicaSet,
  size: number,
  force = false,
): Promise<{ scaled: boolean; set: ReplicaSet }> {
  const { d, recorder, cause } = turn;
  const old = util.wantedReplicas(set);
  if (!force && old === size) return { scaled: false, set };
  if (old === size && !util.needsReplicasAnnotations(d, set)) return { scaled: false, set };
  const changed = clone(set);
  defined(changed.spec, 'a ReplicaSet has a spec').replicas = size;
  util.setReplicasAnnotations(d, changed);
  const updated = await updateSet(turn, changed);
  if (old === size) return { scaled: false, set: updated };
  const direction = old < size ? 'up' : 'down';
  const message = `Scaled ${direction} replica set ${set.metadata.name ?? ''} from ${old} to ${size}`;
  recorder.record(d, 'Normal', 'ScalingReplicaSet', message, cause);
  turn.note(`scales ${direction} ${set.metadata.name ?? ''} from ${old} to ${size}`);
  return { scaled: true, set: updated };
}

/** Whether the Deployment was scaled since its ReplicaSets last heard of its size. Models isScalingEvent. */
export const isScalingEvent = (d: Deployment, sets: Sets): boolean =>
  util.activeSets([...sets.oldSets, sets.newSet]).some((set) => {
    const desired = util.annotatedReplicas(set, util.DESIRED_REPLICAS);
    return desired !== undefined && desired !== util.wantedReplicas(d);
  });

/** Spreads a new size over the ReplicaSets. Models DeploymentController.scale. */
export async function scale(turn: Turn, { newSet, oldSets }: Sets): Promise<void> {
  const { d } = turn;
  const wanted = util.wantedReplicas(d);
  const only = activeOrLatest(newSet, oldSets);
  if (only) {
    await scaleSet(turn, only, wanted);
    return;
  }
  if (newSet && isSaturated(d, newSet)) {
    for (const old of util.activeSets(oldSets)) await scaleSet(turn, old, 0);
    return;
  }
  if (util.isRollingUpdate(d)) await scaleProportionally(turn, { newSet, oldSets });
}

/** In the middle of a rollout every ReplicaSet gets its share; what is left over goes to the largest. */
async function scaleProportionally(turn: Turn, { newSet, oldSets }: Sets): Promise<void> {
  const { d } = turn;
  const wanted = util.wantedReplicas(d);
  const active = util.activeSets([...oldSets, newSet]);
  const allowed = wanted > 0 ? wanted + util.maxSurge(d) : 0;
  const toAdd = allowed - util.replicasOf(active);
  if (toAdd !== 0)
    active.sort(
      (a, b) =>
        util.wantedReplicas(b) - util.wantedReplicas(a) ||
        (toAdd > 0 ? byCreation(b, a) : byCreation(a, b)),
    );
  let added = 0;
  const sizes = active.map((set) => {
    if (toAdd === 0) return util.wantedReplicas(set);
    const share = proportion(set, d, toAdd, added);
    added += share;
    return util.wantedReplicas(set) + share;
  });
  for (const [index, set] of active.entries()) {
    let size = sizes[index] ?? 0;
    if (index === 0 && toAdd !== 0) size = Math.max(0, size + toAdd - added);
    await scaleSet(turn, set, size, true);
  }
}

/** Models GetReplicaSetProportion. */
function proportion(set: ReplicaSet, d: Deployment, toAdd: number, added: number): number {
  if (util.wantedReplicas(set) === 0 || toAdd === 0 || toAdd === added) return 0;
  const share = fraction(set, d);
  return toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added);
}

function fraction(set: ReplicaSet, d: Deployment): number {
  const size = util.wantedReplicas(set);
  const wanted = util.wantedReplicas(d);
  if (wanted === 0) return -size;
  const before = util.annotatedReplicas(set, util.MAX_REPLICAS) || (d.status?.replicas ?? 0);
  if (before === 0) return 0;
  const share = (size * (wanted + util.maxSurge(d))) / before;
  return (share < 0 ? Math.ceil(share - 0.5) : Math.floor(share + 0.5)) - size;
}

/** The one that is active, or the newest if none is; undefined when several are. Models FindActiveOrLatest. */
function activeOrLatest(
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const newestFirst = [...oldSets].sort((a, b) => byCreation(b, a));
  const active = util.activeSets([...newestFirst, newSet]);
  if (active.length > 1) return undefined;
  return active[0] ?? newSet ?? newestFirst[0];
}

/** Models IsSaturated. */
const isSaturated = (d: Deployment, set: ReplicaSet): boolean =>
  util.wantedReplicas(set) === util.wantedReplicas(d) &&
  util.annotatedReplicas(set, util.DESIRED_REPLICAS) === util.wantedReplicas(d) &&
  (set.status?.availableReplicas ?? 0) === util.wantedReplicas(d);
