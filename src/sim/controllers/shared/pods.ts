import { second, type Micros } from '../../../base/time.ts';
import { controllerOf, type KubeObject } from '../../../api/meta.ts';
import type { Pod, PodCondition } from '../../../api/types/coreV1.ts';
import type { Lister } from '../../client/objectCache.ts';
import { conditionOf } from './conditions.ts';
import { timeOf } from './objects.ts';

export const isPodReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True';

export const readyCondition = (pod: Pod): PodCondition | undefined =>
  conditionOf(pod.status?.conditions, 'Ready');

/** Ready, and for long enough. Models podutil.IsPodAvailable. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: Micros): boolean {
  if (!isPodReady(pod)) return false;
  if (minReadySeconds === 0) return true;
  const since = timeOf(readyCondition(pod)?.lastTransitionTime);
  return since > 0 && since + minReadySeconds * second <= now;
}

export const isPodTerminal = (pod: Pod): boolean =>
  pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';

/** Neither over nor on its way out. Models controller.IsPodActive. */
export const isPodActive = (pod: Pod): boolean =>
  !isPodTerminal(pod) && !pod.metadata.deletionTimestamp;

/** Being deleted, but not over. Models controller.IsPodTerminating. */
export const isPodTerminating = (pod: Pod): boolean =>
  !isPodTerminal(pod) && !!pod.metadata.deletionTimestamp;

/** How long until the next pod becomes available by having been ready long enough. */
export function nextAvailability(
  pods: readonly Pod[],
  minReadySeconds: number,
  now: Micros,
): Micros | undefined {
  let next: Micros | undefined;
  for (const pod of pods) {
    if (!isPodReady(pod)) continue;
    const since = timeOf(readyCondition(pod)?.lastTransitionTime);
    const left = since + minReadySeconds * second - now;
    if (since > 0 && left > 0 && (next === undefined || left < next)) next = left;
  }
  return next;
}

/** The index of pods by who controls them. Models controller.AddPodControllerIndexer. */
export const POD_CONTROLLER = 'podController';

export function podControllerIndex(pod: Pod): string[] {
  const owner = controllerOf(pod);
  const namespace = pod.metadata.namespace ?? '';
  return [owner ? ownerKey(namespace, owner) : namespace];
}

const ownerKey = (
  namespace: string,
  owner: { readonly kind: string; readonly name: string; readonly uid: string },
): string => `${namespace}/${owner.kind}/${owner.name}/${owner.uid}`;

/** The pods that the owner controls, and those that nobody does. Models controller.FilterPodsByOwner. */
export function podsOfOwner(pods: Lister<Pod>, owner: KubeObject, withOrphans: boolean): Pod[] {
  const { namespace = '', name = '', uid = '' } = owner.metadata;
  const owned = pods.byIndex(POD_CONTROLLER, ownerKey(namespace, { kind: owner.kind, name, uid }));
  return withOrphans ? [...owned, ...pods.byIndex(POD_CONTROLLER, namespace)] : owned;
}
