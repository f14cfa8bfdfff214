import { clone } from '../../api/meta.ts';
import { persistentvolumeclaims, persistentvolumes } from '../../api/resources.ts';
import {
  BIND_COMPLETED,
  bestMatch,
  boundVolume,
  classOf,
  hasAnnotation,
  isReachable,
} from '../../api/volumeMatching.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/coreV1.ts';
import type { StorageClass } from '../../api/types/storageV1.ts';
import type { Cause } from '../../trace/event.ts';
import type { Client } from '../client/client.ts';
import type { Lister } from '../client/objectCache.ts';
import type { Refusal, VolumeCheck } from './framework.ts';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

export interface VolumeListers {
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly volumes: Lister<PersistentVolume>;
  readonly classes: Lister<StorageClass>;
}

/** A pod's claims: those with a volume, and those that get one when its node is known. */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  readonly delayed: readonly PersistentVolumeClaim[];
}

/** The volumes of pods to be scheduled. Models plugins/volumebinding SchedulerVolumeBinder. */
export class VolumeBinder {
  readonly #listers: VolumeListers;
  readonly #client: Client;

  constructor(listers: VolumeListers, client: Client) {
    this.#listers = listers;
    this.#client = client;
  }

  /** The claims, or why they keep the pod from every node. Models PreFilter. */
  claimsOf(pod: Pod): PodClaims | { readonly problem: string } {
    const bound: PersistentVolumeClaim[] = [];
    const delayed: PersistentVolumeClaim[] = [];
    let isImmediate = false;
    for (const volume of pod.spec?.volumes ?? []) {
      const isEphemeral = volume.ephemeral !== undefined;
      const name = isEphemeral
        ? `${pod.metadata.name ?? ''}-${volume.name}`
        : volume.persistentVolumeClaim?.claimName;
      if (name === undefined) continue;
      const claim = this.#listers.claims.get(pod.metadata.namespace ?? '', name);
      const problem = claim ? unusable(pod, claim, isEphemeral) : missing(name, isEphemeral);
      if (!claim || problem !== undefined) return { problem: problem ?? '' };
      if (isFullyBound(claim)) bound.push(claim);
      else if (this.#isDelayed(claim) && !claim.spec?.volumeName) delayed.push(claim);
      else isImmediate = true;
    }
    return isImmediate
      ? { problem: 'pod has unbound immediate PersistentVolumeClaims' }
      : { bound, delayed };
  }

  /** Models FindPodVolumes. */
  checkFor(claims: PodClaims): VolumeCheck {
    return { filter: (node) => this.#filter(claims, node) };
  }

  /** Reserves volumes for the claims, or says on which node they are wanted. Models BindPodVolumes. */
  async bind({ delayed }: PodClaims, node: Node, cause: Cause): Promise<void> {
    for (const claim of delayed) {
      const volume = bestMatch(this.#listers.volumes.list(), claim, true, node);
      if (volume) {
        const wanted = boundVolume(volume, claim);
        if (wanted !== volume) await this.#client.update(persistentvolumes, wanted, cause);
        continue;
      }
      const selected = clone(claim);
      const { name = '' } = node.metadata;
      selected.metadata.annotations = { ...selected.metadata.annotations, [SELECTED_NODE]: name };
      await this.#client.update(persistentvolumeclaims, selected, cause);
    }
  }

  #filter({ bound, delayed }: PodClaims, node: Node): Refusal | undefined {
    const reasons = new Set<string>();
    for (const claim of bound) {
      const volume = this.#listers.volumes.get('', claim.spec?.volumeName ?? '');
      if (!volume)
        reasons.add('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
      else if (!isReachable(volume, node))
        reasons.add("node(s) didn't match PersistentVolume's node affinity");
    }
    for (const claim of delayed)
      if (!bestMatch(this.#listers.volumes.list(), claim, true, node) && !this.#isMade(claim))
        reasons.add("node(s) didn't find available persistent volumes to bind");
    return reasons.size ? { reasons: [...reasons], resolvable: false } : undefined;
  }

  #classOf(claim: PersistentVolumeClaim): StorageClass | undefined {
    return this.#listers.classes.get('', classOf(claim));
  }

  #isDelayed(claim: PersistentVolumeClaim): boolean {
    return this.#classOf(claim)?.volumeBindingMode === 'WaitForFirstConsumer';
  }

  /** Whether somebody makes volumes of the class. */
  #isMade(claim: PersistentVolumeClaim): boolean {
    const provisioner = this.#classOf(claim)?.provisioner;
    return provisioner !== undefined && provisioner !== NO_PROVISIONER;
  }
}

export const isFullyBound = (claim: PersistentVolumeClaim): boolean =>
  Boolean(claim.spec?.volumeName) && hasAnnotation(claim, BIND_COMPLETED);

const missing = (name: string, isEphemeral: boolean): string =>
  isEphemeral
    ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
    : `persistentvolumeclaim "${name}" not found`;

function unusable(
  pod: Pod,
  claim: PersistentVolumeClaim,
  isEphemeral: boolean,
): string | undefined {
  const { name = '', namespace = '', deletionTimestamp, ownerReferences } = claim.metadata;
  if (claim.status?.phase === 'Lost')
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`;
  if (deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
  const isOwn = ownerReferences?.some(
    ({ controller, uid }) => controller && uid === pod.metadata.uid,
  );
  if (isEphemeral && !isOwn)
    return `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name ?? ''} (pod is not owner)`;
  return undefined;
}
