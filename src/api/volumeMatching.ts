import { clone } from './meta.ts';
import { compareQuantities, tryQuantity, zeroQuantity } from './quantity.ts';
import { selectorOf } from './selectors.ts';
import { nodeTermMatches } from './nodeSelector.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from './types/coreV1.ts';

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

const annotationsOf = (object: PersistentVolume | PersistentVolumeClaim): Record<string, string> =>
  object.metadata.annotations ?? {};

export const hasAnnotation = (
  object: PersistentVolume | PersistentVolumeClaim,
  name: string,
): boolean => annotationsOf(object)[name] !== undefined;

/** The class by the annotation of old, or by the field; '' is none. Models GetPersistentVolumeClass and its like. */
export const classOf = (object: PersistentVolume | PersistentVolumeClaim): string =>
  annotationsOf(object)[BETA_CLASS] ?? object.spec?.storageClassName ?? '';

/** Whether the volume names the claim as its own, be it before the claim is bound. Models IsVolumeBoundToClaim. */
export function isBoundTo(
  { spec }: PersistentVolume,
  { metadata }: PersistentVolumeClaim,
): boolean {
  const reference = spec?.claimRef;
  if (!reference) return false;
  if (reference.name !== metadata.name || reference.namespace !== metadata.namespace) return false;
  return !reference.uid || reference.uid === metadata.uid;
}

export const modesMismatch = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem');

const capacityOf = (volume: PersistentVolume) =>
  tryQuantity(volume.spec?.capacity?.['storage']) ?? zeroQuantity;
const requestOf = (claim: PersistentVolumeClaim) =>
  tryQuantity(claim.spec?.resources?.requests?.['storage']) ?? zeroQuantity;

const isTooSmall = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  compareQuantities(capacityOf(volume), requestOf(claim)) < 0;

const attributesMismatch = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec?.volumeAttributesClassName ?? '') !== (claim.spec?.volumeAttributesClassName ?? '');

const hasAccessModes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (claim.spec?.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode));

/** Why a volume that the claim names cannot serve it. Models checkVolumeSatisfyClaim. */
export function unsatisfied(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): string | undefined {
  const { name = '', deletionTimestamp } = volume.metadata;
  if (deletionTimestamp) return `the volume is marked for deletion "${name}"`;
  if (isTooSmall(volume, claim)) return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if (attributesMismatch(volume, claim)) return 'volumeAttributesClassName does not match';
  if (modesMismatch(volume, claim)) return 'incompatible volumeMode';
  return hasAccessModes(volume, claim) ? undefined : 'incompatible accessMode';
}

/** Whether pods on the node can use the volume. Models CheckNodeAffinity. */
export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec?.nodeAffinity?.required;
  return !required || required.nodeSelectorTerms.some((term) => nodeTermMatches(term, node));
}

/**
 * The smallest volume that serves the claim, of those with the fewest access modes; one that names the claim comes first.
 * With `delayBinding` and no node only such a one. Models findByClaim and FindMatchingVolume.
 */
export function bestMatch(
  volumes: readonly PersistentVolume[],
  claim: PersistentVolumeClaim,
  delayBinding: boolean,
  node?: Node,
): PersistentVolume | undefined {
  const groups = new Map<string, PersistentVolume[]>();
  for (const volume of volumes) {
    if (!hasAccessModes(volume, claim)) continue;
    const modes = [...(volume.spec?.accessModes ?? [])].sort().join(',');
    groups.set(modes, [...(groups.get(modes) ?? []), volume]);
  }
  const width = (modes: string): number => modes.split(',').length;
  const ordered = [...groups].sort(([a], [b]) => width(a) - width(b));
  for (const [, group] of ordered) {
    const found = smallest(group, claim, delayBinding, node);
    if (found) return found;
  }
  return undefined;
}

function smallest(
  volumes: readonly PersistentVolume[],
  claim: PersistentVolumeClaim,
  delayBinding: boolean,
  node: Node | undefined,
): PersistentVolume | undefined {
  const { selector } = claim.spec ?? {};
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    const isOwn = isBoundTo(volume, claim);
    if (volume.spec?.claimRef && !isOwn) continue;
    const isUnfit =
      isTooSmall(volume, claim) ||
      modesMismatch(volume, claim) ||
      attributesMismatch(volume, claim) ||
      volume.metadata.deletionTimestamp !== undefined;
    if (isUnfit) continue;
    const isThere = !node || isReachable(volume, node);
    if (isOwn) return isThere ? volume : undefined;
    if (!isThere || (delayBinding && !node) || volume.status?.phase !== 'Available') continue;
    if (selector && !selectorOf(selector).matches(volume.metadata.labels)) continue;
    if (classOf(volume) !== classOf(claim)) continue;
    if (!best || compareQuantities(capacityOf(best), capacityOf(volume)) > 0) best = volume;
  }
  return best;
}

/** The volume as it belongs to the claim; the same object when it did already. Models GetBindVolumeToClaim. */
export function boundVolume(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): PersistentVolume {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = claim.metadata;
  const known = volume.spec?.claimRef;
  const isNamed = known?.name === name && known.namespace === namespace && known.uid === uid;
  const isOwn = isBoundTo(volume, claim);
  if (isNamed && (isOwn || hasAnnotation(volume, BOUND_BY_CONTROLLER))) return volume;
  const bound = clone(volume);
  if (!isNamed)
    bound.spec = {
      ...bound.spec,
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace,
        name,
        uid,
        resourceVersion,
      },
    };
  if (!isOwn)
    bound.metadata.annotations = { ...bound.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
  return bound;
}
