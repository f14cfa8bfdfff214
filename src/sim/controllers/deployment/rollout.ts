import type { ReplicaSet } from '../../../api/types/appsV1.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import { StatusError } from '../../../api/status.ts';
import { defined } from '../../../base/assert.ts';
import { byCreation } from '../shared/objects.ts';
import { isPodTerminal } from '../shared/pods.ts';
import * as util from './deploymentUtil.ts';
import { cleanUp, syncReplicaSets, type Sets } from './replicaSets.ts';
import { scaleSet } from './scaling.ts';
import { syncRolloutStatus } from './status.ts';
import type { Turn } from './turn.ts';

/** New up, old down, within maxSurge and maxUnavailable. Models rolloutRolling. */
export async function rollingUpdate(turn: Turn): Promise<void> {
  const { d } = turn;
  const { newSet: made, oldSets } = await syncReplicaSets(turn, true);
  const newSet = defined(made, 'the new ReplicaSet was to be created');
  const all = [...oldSets, newSet];
  if (await reconcileNew(turn, all, newSet)) return syncRolloutStatus(turn, all, newSet);
  if (await reconcileOld(turn, all, util.activeSets(oldSets), newSet))
    return syncRolloutStatus(turn, all, newSet);
  if (util.isComplete(d, d.status ?? {})) await cleanUp(turn, oldSets);
  return syncRolloutStatus(turn, all, newSet);
}

/** First all old pods go, then the new ones come. Models rolloutRecreate. */
export async function recreate(
  turn: Turn,
  podsOf: (set: ReplicaSet) => readonly Pod[],
): Promise<void> {
  const { d } = turn;
  let { newSet, oldSets } = await syncReplicaSets(turn, false);
  let scaledDown = false;
  for (const set of util.activeSets(oldSets))
    scaledDown = (await scaleSet(turn, set, 0)).scaled || scaledDown;
  if (scaledDown) return syncRolloutStatus(turn, [...oldSets, newSet], newSet);
  if (oldPodsRunning(turn, { newSet, oldSets }, podsOf))
    return syncRolloutStatus(turn, [...oldSets, newSet], newSet);
  if (!newSet) ({ newSet, oldSets } = await syncReplicaSets(turn, true));
  const made = defined(newSet, 'the new ReplicaSet was to be created');
  await scaleSet(turn, made, util.wantedReplicas(d));
  if (util.isComplete(d, d.status ?? {})) await cleanUp(turn, oldSets);
  return syncRolloutStatus(turn, [...oldSets, made], made);
}

function oldPodsRunning(
  { sets }: Turn,
  { newSet, oldSets }: Sets,
  podsOf: (set: ReplicaSet) => readonly Pod[],
): boolean {
  if (util.actualReplicas(oldSets) > 0) return true;
  return sets
    .filter((set) => set.metadata.uid !== newSet?.metadata.uid)
    .some((set) => podsOf(set).some((pod) => !isPodTerminal(pod)));
}

async function reconcileNew(
  turn: Turn,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet,
): Promise<boolean> {
  const wanted = util.wantedReplicas(turn.d);
  const current = util.wantedReplicas(newSet);
  if (current === wanted) return false;
  const size = current > wanted ? wanted : util.newSetReplicas(turn.d, all, newSet);
  return (await scaleSet(turn, newSet, size)).scaled;
}

/** Takes away first what is not healthy anyway, then as much as may be missing. Models reconcileOldReplicaSets. */
async function reconcileOld(
  turn: Turn,
  all: readonly ReplicaSet[],
  oldSets: readonly ReplicaSet[],
  newSet: ReplicaSet,
): Promise<boolean> {
  if (util.replicasOf(oldSets) === 0) return false;
  const minAvailable = util.wantedReplicas(turn.d) - util.maxUnavailable(turn.d);
  const newUnavailable = util.wantedReplicas(newSet) - (newSet.status?.availableReplicas ?? 0);
  const most = util.replicasOf(all) - minAvailable - newUnavailable;
  if (most <= 0) return false;
  try {
    const sorted = [...oldSets].sort(byCreation);
    const unhealthy = await cleanUpUnhealthy(turn, sorted, most);
    const healthy = await scaleDownOld(turn, sorted, newSet, minAvailable);
    return unhealthy + healthy > 0;
  } catch (error) {
    // As upstream: what could not be scaled down now will be when the next change comes.
    if (!(error instanceof StatusError)) throw error;
    return false;
  }
}

/** @param sets changed in place as they are scaled */
async function cleanUpUnhealthy(turn: Turn, sets: ReplicaSet[], most: number): Promise<number> {
  let total = 0;
  for (const [index, set] of sets.entries()) {
    if (total >= most) break;
    const size = util.wantedReplicas(set);
    const unhealthy = size - (set.status?.availableReplicas ?? 0);
    if (size === 0 || unhealthy === 0) continue;
    const count = Math.min(most - total, unhealthy);
    sets[index] = (await scaleSet(turn, set, size - count)).set;
    total += count;
  }
  return total;
}

async function scaleDownOld(
  turn: Turn,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet,
  minAvailable: number,
): Promise<number> {
  const surplus = util.availableReplicas([...sets, newSet]) - minAvailable;
  let total = 0;
  for (const set of sets) {
    if (total >= surplus) break;
    const size = util.wantedReplicas(set);
    if (size === 0) continue;
    const count = Math.min(size, surplus - total);
    await scaleSet(turn, set, size - count);
    total += count;
  }
  return total;
}
