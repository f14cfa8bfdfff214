import { equal } from '../../../api/meta.ts';
import type {
  Deployment,
  DeploymentCondition,
  DeploymentSpec,
  DeploymentStatus,
  ReplicaSet,
} from '../../../api/types/appsV1.ts';
import type { PodTemplateSpec } from '../../../api/types/coreV1.ts';
import { defined } from '../../../base/assert.ts';
import { formatTime, type Micros } from '../../../base/time.ts';
import { byCreation } from '../shared/objects.ts';
import { scaledValue } from '../shared/intOrPercent.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
export const TEMPLATE_HASH = 'pod-template-hash';

/** What is not copied from a Deployment's annotations to its ReplicaSets. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.rollbackTo',
]);
const MAX_HISTORY_LENGTH = 2000;
const MAX_INT32 = 0x7fffffff;

export const specOf = (d: Deployment): DeploymentSpec => defined(d.spec, 'a Deployment has a spec');
export const wantedReplicas = (object: Deployment | ReplicaSet): number =>
  object.spec?.replicas ?? 0;

export const isRollingUpdate = (d: Deployment): boolean =>
  specOf(d).strategy?.type === 'RollingUpdate';

/** How many pods more or less than wanted a rolling update may have. Models ResolveFenceposts. */
function fenceposts(d: Deployment): { surge: number; unavailable: number } {
  const { maxSurge, maxUnavailable } = specOf(d).strategy?.rollingUpdate ?? {};
  const wanted = wantedReplicas(d);
  const surge = scaledValue(maxSurge, wanted, true);
  const unavailable = scaledValue(maxUnavailable, wanted, false);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

export const maxSurge = (d: Deployment): number => (isRollingUpdate(d) ? fenceposts(d).surge : 0);

export function maxUnavailable(d: Deployment): number {
  if (!isRollingUpdate(d) || wantedReplicas(d) === 0) return 0;
  return Math.min(fenceposts(d).unavailable, wantedReplicas(d));
}

export const hasProgressDeadline = (d: Deployment): boolean => {
  const { progressDeadlineSeconds } = specOf(d);
  return progressDeadlineSeconds !== undefined && progressDeadlineSeconds !== MAX_INT32;
};

type Sets = readonly (ReplicaSet | undefined)[];

const sum = (sets: Sets, count: (set: ReplicaSet) => number | undefined): number =>
  sets.reduce((total, set) => total + ((set && count(set)) ?? 0), 0);

export const replicasOf = (sets: Sets): number => sum(sets, wantedReplicas);
export const actualReplicas = (sets: Sets): number => sum(sets, (set) => set.status?.replicas);
export const readyReplicas = (sets: Sets): number => sum(sets, (set) => set.status?.readyReplicas);
export const availableReplicas = (sets: Sets): number =>
  sum(sets, (set) => set.status?.availableReplicas);

/** Unknown when a ReplicaSet that was looked at does not tell. */
export function terminatingReplicas(sets: Sets): number | undefined {
  let total = 0;
  for (const set of sets) {
    const { observedGeneration = 0, terminatingReplicas: count } = set?.status ?? {};
    if (!set || (observedGeneration === 0 && count === undefined)) continue;
    if (count === undefined) return undefined;
    total += count;
  }
  return total;
}

export const activeSets = (sets: Sets): ReplicaSet[] =>
  sets.filter((set): set is ReplicaSet => set !== undefined && wantedReplicas(set) > 0);

/** Models EqualIgnoreHash. */
export function sameTemplate(
  a: PodTemplateSpec | undefined,
  b: PodTemplateSpec | undefined,
): boolean {
  return equal(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec | undefined): PodTemplateSpec {
  const labels = { ...template?.metadata?.labels };
  delete labels[TEMPLATE_HASH];
  const metadata = { ...template?.metadata, labels };
  delete metadata.creationTimestamp;
  return { ...template, metadata };
}

/** The oldest ReplicaSet with the Deployment's template, and the others. */
export function findReplicaSets(
  d: Deployment,
  sets: readonly ReplicaSet[],
): { newSet: ReplicaSet | undefined; oldSets: ReplicaSet[] } {
  const sorted = [...sets].sort(byCreation);
  const newSet = sorted.find((set) => sameTemplate(set.spec?.template, specOf(d).template));
  return { newSet, oldSets: sorted.filter((set) => set !== newSet) };
}

export function revisionOf(object: Deployment | ReplicaSet): number {
  const text = object.metadata.annotations?.[REVISION] ?? '';
  return /^\d+$/.test(text) ? Number(text) : 0;
}

export const byRevision = (a: ReplicaSet, b: ReplicaSet): number =>
  revisionOf(a) - revisionOf(b) || byCreation(a, b);

/** In place; whether anything changed. Models SetNewReplicaSetAnnotations. */
export function setAnnotations(
  d: Deployment,
  set: ReplicaSet,
  revision: number,
  exists: boolean,
): boolean {
  const annotations = (set.metadata.annotations ??= {});
  let changed = false;
  for (const [key, value] of Object.entries(d.metadata.annotations ?? {}))
    if (!NOT_COPIED.has(key) && annotations[key] !== value) {
      annotations[key] = value;
      changed = true;
    }
  const old = annotations[REVISION];
  if (old !== undefined && old !== '' && !/^-?\d+$/.test(old)) return false;
  if (Number(old ?? 0) < revision) {
    annotations[REVISION] = String(revision);
    changed = true;
    if (old !== undefined) addToHistory(annotations, old);
  }
  if (!exists && setReplicasAnnotations(d, set)) changed = true;
  return changed;
}

function addToHistory(annotations: Record<string, string>, revision: string): void {
  const revisions = (annotations[REVISION_HISTORY] ?? '').split(',').filter((one) => one !== '');
  while (revisions.length && [...revisions, revision].join(',').length > MAX_HISTORY_LENGTH)
    revisions.shift();
  annotations[REVISION_HISTORY] = [...revisions, revision].join(',');
}

function replicasAnnotations(d: Deployment): Record<string, string> {
  const wanted = wantedReplicas(d);
  return { [DESIRED_REPLICAS]: String(wanted), [MAX_REPLICAS]: String(wanted + maxSurge(d)) };
}

export const needsReplicasAnnotations = (d: Deployment, set: ReplicaSet): boolean =>
  Object.entries(replicasAnnotations(d)).some(
    ([key, value]) => set.metadata.annotations?.[key] !== value,
  );

/** In place; whether anything changed. */
export function setReplicasAnnotations(d: Deployment, set: ReplicaSet): boolean {
  if (!needsReplicasAnnotations(d, set)) return false;
  set.metadata.annotations = { ...set.metadata.annotations, ...replicasAnnotations(d) };
  return true;
}

/** The replicas an annotation speaks of. */
export function annotatedReplicas(set: ReplicaSet, annotation: string): number | undefined {
  const text = set.metadata.annotations?.[annotation];
  if (text === undefined || !/^\d+$/.test(text) || Number(text) > MAX_INT32) return undefined;
  return Number(text);
}

/** How large the new ReplicaSet may be by now. Models NewRSNewReplicas. */
export function newSetReplicas(d: Deployment, all: Sets, newSet: ReplicaSet): number {
  const wanted = wantedReplicas(d);
  if (!isRollingUpdate(d)) return wanted;
  const surge = scaledValue(specOf(d).strategy?.rollingUpdate?.maxSurge, wanted, true);
  const room = wanted + surge - replicasOf(all);
  const current = wantedReplicas(newSet);
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

/** Models DeploymentComplete. */
export const isComplete = (d: Deployment, status: DeploymentStatus): boolean =>
  (status.updatedReplicas ?? 0) === wantedReplicas(d) &&
  (status.replicas ?? 0) === wantedReplicas(d) &&
  (status.availableReplicas ?? 0) === wantedReplicas(d) &&
  (status.observedGeneration ?? 0) >= (d.metadata.generation ?? 0);

export function condition(
  now: Micros,
  type: string,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
): DeploymentCondition {
  const time = formatTime(now);
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
}

/** In place; whether anything changed. */
export function setRevision(d: Deployment, revision: string): boolean {
  if (d.metadata.annotations?.[REVISION] === revision) return false;
  d.metadata.annotations = { ...d.metadata.annotations, [REVISION]: revision };
  return true;
}
