import { clone, type OwnerReference } from '../../../api/meta.ts';
import type { StatefulSet, StatefulSetSpec } from '../../../api/types/appsV1.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec } from '../../../api/types/coreV1.ts';
import { defined } from '../../../base/assert.ts';
import type { Micros } from '../../../base/time.ts';
import { controllerReference } from '../shared/objects.ts';
import { podFromTemplate } from '../shared/podControl.ts';
import { isPodAvailable, isPodReady } from '../shared/pods.ts';

// What makes a pod one of a StatefulSet: its number, its name, its claims. Models stateful_set_utils.go.

export const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';
export const REVISION = 'controller-revision-hash';

export const specOf = (set: StatefulSet): StatefulSetSpec =>
  defined(set.spec, 'a StatefulSet has a spec');

/** The set's name and the number that a pod's name says; -1 when it says none. */
export function parentAndOrdinal(pod: Pod): { parent: string; ordinal: number } {
  const match = /^(.*)-(\d+)$/.exec(pod.metadata.name ?? '');
  return match
    ? { parent: match[1] ?? '', ordinal: Number(match[2]) }
    : { parent: '', ordinal: -1 };
}

export const ordinalOf = (pod: Pod): number => parentAndOrdinal(pod).ordinal;
export const startOrdinal = (set: StatefulSet): number => specOf(set).ordinals?.start ?? 0;

export function inRange(pod: Pod, set: StatefulSet): boolean {
  const index = ordinalOf(pod) - startOrdinal(set);
  return index >= 0 && index < (specOf(set).replicas ?? 0);
}

export const isCreated = (pod: Pod): boolean => !!pod.status?.phase;
export const isTerminating = (pod: Pod): boolean => !!pod.metadata.deletionTimestamp;
export const isRunningAndReady = (pod: Pod): boolean =>
  pod.status?.phase === 'Running' && isPodReady(pod);
export const isUnavailable = (pod: Pod, minReadySeconds: number, now: Micros): boolean =>
  isTerminating(pod) || !isPodAvailable(pod, minReadySeconds, now);

const podName = (set: StatefulSet, ordinal: number): string =>
  `${set.metadata.name ?? ''}-${ordinal}`;
const claimName = (claim: PersistentVolumeClaim, set: StatefulSet, ordinal: number): string =>
  `${claim.metadata.name ?? ''}-${podName(set, ordinal)}`;

export function newPod(
  set: StatefulSet,
  template: PodTemplateSpec,
  revision: string,
  ordinal: number,
): Pod {
  const pod = podFromTemplate(template, set);
  pod.metadata.name = podName(set, ordinal);
  pod.metadata.labels = { ...pod.metadata.labels, [REVISION]: revision };
  updateIdentity(set, pod);
  const spec = defined(pod.spec, 'a pod has a spec');
  spec.hostname = pod.metadata.name;
  const { serviceName } = specOf(set);
  if (serviceName) spec.subdomain = serviceName;
  updateStorage(set, pod);
  return pod;
}

export function identityMatches(set: StatefulSet, pod: Pod): boolean {
  const { parent, ordinal } = parentAndOrdinal(pod);
  return (
    ordinal >= 0 &&
    parent === set.metadata.name &&
    pod.metadata.namespace === set.metadata.namespace &&
    pod.metadata.labels?.[POD_NAME] === pod.metadata.name
  );
}

/** In place. */
export function updateIdentity(set: StatefulSet, pod: Pod): void {
  const ordinal = ordinalOf(pod);
  pod.metadata.name = podName(set, ordinal);
  pod.metadata.labels = {
    ...pod.metadata.labels,
    [POD_NAME]: pod.metadata.name,
    [POD_INDEX]: String(ordinal),
  };
}

export function storageMatches(set: StatefulSet, pod: Pod): boolean {
  const ordinal = ordinalOf(pod);
  return (specOf(set).volumeClaimTemplates ?? []).every((claim) => {
    const volume = pod.spec?.volumes?.find(({ name }) => name === claim.metadata.name);
    return volume?.persistentVolumeClaim?.claimName === claimName(claim, set, ordinal);
  });
}

/** In place: the claims' volumes come first. */
export function updateStorage(set: StatefulSet, pod: Pod): void {
  const claims = claimsOf(set, pod);
  const spec = defined(pod.spec, 'a pod has a spec');
  const others = (spec.volumes ?? []).filter(
    ({ name }) => !claims.some(({ template }) => template === name),
  );
  const volumes = [
    ...claims.map(({ template, claim }) => ({
      name: template,
      persistentVolumeClaim: { claimName: claim.metadata.name ?? '' },
    })),
    ...others,
  ];
  if (volumes.length) spec.volumes = volumes;
}

/** The claims a pod is to have, each with the name of its template. */
export function claimsOf(
  set: StatefulSet,
  pod: Pod,
): { template: string; claim: PersistentVolumeClaim }[] {
  const ordinal = ordinalOf(pod);
  const { selector, volumeClaimTemplates = [] } = specOf(set);
  return volumeClaimTemplates.map((given) => {
    const claim = { ...clone(given), apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
    const { namespace } = set.metadata;
    const labels = { ...claim.metadata.labels, ...selector.matchLabels };
    claim.metadata = {
      ...claim.metadata,
      name: claimName(given, set, ordinal),
      ...(namespace && { namespace }),
      ...(Object.keys(labels).length && { labels }),
    };
    return { template: given.metadata.name ?? '', claim };
  });
}

/** Whether claims go with the set, and with a pod when it is scaled away. */
export function retention(set: StatefulSet): { onDelete: boolean; onScale: boolean } {
  const { whenDeleted, whenScaled } = specOf(set).persistentVolumeClaimRetentionPolicy ?? {};
  return { onDelete: whenDeleted === 'Delete', onScale: whenScaled === 'Delete' };
}

/** Models isClaimOwnerUpToDate. */
export function ownersUpToDate(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): boolean {
  if (hasStaleOwner(claim, set, 'StatefulSet') || hasStaleOwner(claim, pod, 'Pod')) return true;
  const bySet = owns(set, claim);
  const byPod = owns(pod, claim);
  if (hasUnexpectedController(claim, set, pod)) return !bySet && !byPod;
  if ([bySet, byPod].some((reference) => reference && !reference.controller)) return false;
  const wanted = wantedOwners(set, pod);
  return wanted.set === !!bySet && wanted.pod === !!byPod;
}

/** The owners a claim is to have. Models updateClaimOwnerRefForSetAndPod. */
export function claimOwners(
  claim: PersistentVolumeClaim,
  set: StatefulSet,
  pod: Pod,
): OwnerReference[] {
  const others = (claim.metadata.ownerReferences ?? []).filter(
    (reference) => !names(reference, set, 'StatefulSet') && !names(reference, pod, 'Pod'),
  );
  if (hasUnexpectedController(claim, set, pod)) return others;
  const wanted = wantedOwners(set, pod);
  return [
    ...others,
    ...(wanted.pod ? [controllerReference({ ...pod, apiVersion: 'v1', kind: 'Pod' })] : []),
    ...(wanted.set ? [controllerReference(set)] : []),
  ];
}

function wantedOwners(set: StatefulSet, pod: Pod): { set: boolean; pod: boolean } {
  const { onDelete, onScale } = retention(set);
  const isScaledDown = !inRange(pod, set);
  return { set: onDelete && !(onScale && isScaledDown), pod: onScale && isScaledDown };
}

/** Somebody else manages the claim. */
export function hasUnexpectedController(
  claim: PersistentVolumeClaim,
  set: StatefulSet,
  pod: Pod,
): boolean {
  const { onDelete, onScale } = retention(set);
  if (!onDelete && !onScale) return false;
  return (claim.metadata.ownerReferences ?? []).some((reference) => {
    if (names(reference, set, 'StatefulSet')) return reference.uid !== set.metadata.uid;
    if (names(reference, pod, 'Pod')) return reference.uid !== pod.metadata.uid;
    return reference.controller === true;
  });
}

/** An owner of the same name that was there before. */
export const hasStaleOwner = (
  claim: PersistentVolumeClaim,
  owner: StatefulSet | Pod,
  kind: string,
): boolean => {
  const reference = claim.metadata.ownerReferences?.find((one) => names(one, owner, kind));
  return reference !== undefined && reference.uid !== owner.metadata.uid;
};

const names = (reference: OwnerReference, owner: StatefulSet | Pod, kind: string): boolean =>
  reference.kind === kind &&
  reference.apiVersion === (kind === 'Pod' ? 'v1' : 'apps/v1') &&
  reference.name === owner.metadata.name;

const owns = (owner: StatefulSet | Pod, claim: PersistentVolumeClaim): OwnerReference | undefined =>
  claim.metadata.ownerReferences?.find(({ uid }) => uid === owner.metadata.uid);
