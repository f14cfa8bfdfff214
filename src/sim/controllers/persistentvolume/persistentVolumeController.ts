import { clone, equal, keyOf } from '../../../api/meta.ts';
import {
  persistentvolumeclaims,
  persistentvolumes,
  pods,
  storageclasses,
} from '../../../api/resources.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimStatus,
  PersistentVolumeStatus,
  Pod,
} from '../../../api/types/coreV1.ts';
import type { StorageClass } from '../../../api/types/storageV1.ts';
import {
  bestMatch,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  boundVolume,
  classOf,
  hasAnnotation,
  isBoundTo,
  modesMismatch,
  unsatisfied,
} from '../../../api/volumeMatching.ts';
import { second } from '../../../base/time.ts';
import type { Cause } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Lister } from '../../client/objectCache.ts';
import { RetryError } from '../../client/worker.ts';
import type { WorkQueue } from '../../client/workQueue.ts';
import { unlessNotFound } from '../shared/objects.ts';
import { FreshCache } from './freshCache.ts';

const RESYNC = 15 * second;
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const BETA_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

type VolumePhase = NonNullable<PersistentVolumeStatus['phase']>;
type ClaimPhase = NonNullable<PersistentVolumeClaimStatus['phase']>;

/** Binds claims to volumes, and releases volumes. Models pkg/controller/volume/persistentvolume PersistentVolumeController. */
export class PersistentVolumeController extends Controller {
  readonly #claims = new FreshCache<PersistentVolumeClaim>();
  readonly #volumes = new FreshCache<PersistentVolume>();
  readonly #classes: Lister<StorageClass>;
  readonly #pods: Lister<Pod>;
  readonly #volumeQueue: WorkQueue;
  readonly #recorder: EventRecorder;

  constructor(options: ControllerOptions) {
    super(options, 'claims');
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'persistentvolume-controller',
      }),
    );
    this.#volumeQueue = this.addQueue('volumes', (key, cause) => this.#syncVolume(key, cause));
    const claimSeen = (claim: PersistentVolumeClaim, cause: number): void => {
      if (this.#claims.see(claim)) this.queue.add(keyOf(claim), cause);
    };
    this.informer(persistentvolumeclaims, {
      added: claimSeen,
      updated: (_, claim, cause) => claimSeen(claim, cause),
      deleted: (claim, cause) => {
        this.#claims.forget(claim);
        const { volumeName } = claim.spec ?? {};
        if (volumeName) this.#volumeQueue.add(volumeName, cause);
      },
    });
    const volumeSeen = (volume: PersistentVolume, cause: number): void => {
      if (this.#volumes.see(volume)) this.#volumeQueue.add(keyOf(volume), cause);
    };
    this.informer(persistentvolumes, {
      added: volumeSeen,
      updated: (_, volume, cause) => volumeSeen(volume, cause),
      deleted: (volume, cause) => {
        this.#volumes.forget(volume);
        const reference = volume.spec?.claimRef;
        if (reference)
          this.queue.add(`${reference.namespace ?? ''}/${reference.name ?? ''}`, cause);
      },
    });
    this.#classes = this.informer(storageclasses).lister;
    this.#pods = this.informer(pods).lister;
  }

  protected override synced(): void {
    this.every(RESYNC, 'looks at all claims and volumes again', (cause) => {
      for (const volume of this.#volumes.list())
        this.#volumeQueue.add(keyOf(volume), cause().cause);
      for (const claim of this.#claims.list()) this.queue.add(keyOf(claim), cause().cause);
      return Promise.resolve();
    });
  }

  /** Models syncClaim. */
  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const claim = this.#claims.get(key);
    if (!claim) return 'is gone: nothing to do';
    return hasAnnotation(claim, BIND_COMPLETED)
      ? this.#syncBound(claim, cause)
      : this.#syncUnbound(claim, cause);
  }

  async #syncUnbound(claim: PersistentVolumeClaim, cause: Cause): Promise<string> {
    const { volumeName } = claim.spec ?? {};
    if (!volumeName) return this.#findVolume(claim, cause);
    const volume = this.#volumes.get(volumeName);
    if (!volume) {
      await this.#writeClaimStatus(claim, 'Pending', undefined, cause);
      return `waits for the volume ${volumeName}`;
    }
    if (!volume.spec?.claimRef) {
      const problem = unsatisfied(volume, claim);
      if (problem === undefined) return this.#bind(volume, claim, cause);
      const text = `Cannot bind to requested volume "${volumeName}": ${problem}`;
      this.#recorder.record(claim, 'Warning', 'VolumeMismatch', text, cause);
      await this.#writeClaimStatus(claim, 'Pending', undefined, cause);
      return text;
    }
    if (isBoundTo(volume, claim)) return this.#bind(volume, claim, cause);
    const text = `volume "${volumeName}" already bound to a different claim.`;
    this.#recorder.record(claim, 'Warning', 'FailedBinding', text, cause);
    if (hasAnnotation(claim, BOUND_BY_CONTROLLER)) throw new RetryError(text);
    await this.#writeClaimStatus(claim, 'Pending', undefined, cause);
    return text;
  }

  async #findVolume(claim: PersistentVolumeClaim, cause: Cause): Promise<string> {
    const storageClass = this.#classes.get('', classOf(claim));
    const delays = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    const volume = bestMatch(this.#volumes.list(), claim, delays);
    if (volume) return this.#bind(volume, claim, cause);
    if (await this.#assignDefaultClass(claim, cause)) return 'is given the default storage class';
    if (delays && !hasAnnotation(claim, SELECTED_NODE)) this.#waitForConsumer(claim, cause);
    else if (classOf(claim) !== '') return this.#provision(claim, storageClass, cause);
    else
      this.#recorder.record(
        claim,
        'Normal',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
        cause,
      );
    await this.#writeClaimStatus(claim, 'Pending', undefined, cause);
    return 'no volume fits yet';
  }

  async #syncBound(claim: PersistentVolumeClaim, cause: Cause): Promise<string> {
    const { volumeName } = claim.spec ?? {};
    const lost = async (reason: string, text: string): Promise<string> => {
      if (claim.status?.phase !== 'Lost') {
        await this.#writeClaimStatus(claim, 'Lost', undefined, cause);
        this.#recorder.record(claim, 'Warning', reason, text, cause);
      }
      return text;
    };
    if (!volumeName)
      return lost(
        'ClaimLost',
        'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
      );
    const volume = this.#volumes.get(volumeName);
    if (!volume)
      return lost(
        'ClaimLost',
        'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
      );
    const reference = volume.spec?.claimRef;
    if (!reference || reference.uid === claim.metadata.uid) return this.#bind(volume, claim, cause);
    return lost(
      'ClaimMisbound',
      'Two claims are bound to the same volume, this one is bound incorrectly',
    );
  }

  /** Four writes, each of which may have been made before. Models bind. */
  async #bind(
    volume: PersistentVolume,
    claim: PersistentVolumeClaim,
    cause: Cause,
  ): Promise<string> {
    const wanted = boundVolume(volume, claim);
    const taken = wanted === volume ? volume : await this.#writeVolume(wanted, cause);
    const bound = await this.#writePhase(taken, 'Bound', cause);
    const named = await this.#bindClaim(claim, bound, cause);
    await this.#writeClaimStatus(named, 'Bound', bound, cause);
    return `is bound to ${volume.metadata.name ?? ''}`;
  }

  async #bindClaim(
    claim: PersistentVolumeClaim,
    volume: PersistentVolume,
    cause: Cause,
  ): Promise<PersistentVolumeClaim> {
    const bound = clone(claim);
    const { name = '' } = volume.metadata;
    if (claim.spec?.volumeName !== name) {
      bound.spec = { ...bound.spec, volumeName: name };
      if (!hasAnnotation(bound, BOUND_BY_CONTROLLER)) annotate(bound, BOUND_BY_CONTROLLER, 'yes');
    }
    if (!hasAnnotation(bound, BIND_COMPLETED)) annotate(bound, BIND_COMPLETED, 'yes');
    return equal(bound, claim) ? claim : this.#writeClaim(bound, cause);
  }

  /** Models syncVolume. */
  async #syncVolume(key: string, cause: Cause): Promise<string> {
    const volume = this.#volumes.get(key);
    if (!volume) return 'is gone: nothing to do';
    const reference = volume.spec?.claimRef;
    if (!reference?.uid) {
      await this.#writePhase(volume, 'Available', cause);
      return reference ? 'is kept for a claim' : 'is available';
    }
    const claim = await this.#claimOf(volume, cause);
    if (!claim) return this.#release(volume, cause);
    const { volumeName } = claim.spec ?? {};
    if (!volumeName) {
      if (modesMismatch(volume, claim)) return this.#refuseMode(volume, claim, cause);
      this.queue.add(keyOf(claim), cause.cause);
      return `the claim ${keyOf(claim)} is not bound yet`;
    }
    if (volumeName === volume.metadata.name) {
      await this.#writePhase(volume, 'Bound', cause);
      return `is bound to ${keyOf(claim)}`;
    }
    const isOwned =
      hasAnnotation(volume, PROVISIONED_BY) &&
      volume.spec?.persistentVolumeReclaimPolicy === 'Delete';
    return isOwned ? this.#release(volume, cause) : this.#unbind(volume, cause);
  }

  /** The claim that the volume names, of the same uid. */
  async #claimOf(
    volume: PersistentVolume,
    cause: Cause,
  ): Promise<PersistentVolumeClaim | undefined> {
    const { namespace = '', name = '', uid } = volume.spec?.claimRef ?? {};
    const known = this.#claims.get(`${namespace}/${name}`);
    if (known?.metadata.uid === uid) return known;
    const isReleased = volume.status?.phase === 'Released' || volume.status?.phase === 'Failed';
    if (!known && isReleased) return undefined;
    const request = this.client.get(persistentvolumeclaims, namespace, name, cause);
    const live = await unlessNotFound(request);
    return live?.metadata.uid === uid ? live : undefined;
  }

  async #release(volume: PersistentVolume, cause: Cause): Promise<string> {
    const { phase } = volume.status ?? {};
    const released =
      phase === 'Released' || phase === 'Failed'
        ? volume
        : await this.#writePhase(volume, 'Released', cause);
    const { persistentVolumeReclaimPolicy: policy, hostPath } = released.spec ?? {};
    if (policy !== 'Delete' || !hostPath || hasAnnotation(released, PROVISIONED_BY))
      return 'is released; what becomes of it is for others';
    return this.#deleteHostPath(released, hostPath.path, cause);
  }

  /** Only what tests made below /tmp may be deleted. Models hostPathDeleter. */
  async #deleteHostPath(volume: PersistentVolume, path: string, cause: Cause): Promise<string> {
    if (/^\/tmp\/.+/.test(path)) {
      const { name = '' } = volume.metadata;
      await unlessNotFound(this.client.delete(persistentvolumes, '', name, {}, cause));
      return 'is deleted with its claim';
    }
    const text = `host_path deleter only supports /tmp/.+ but received provided ${path}`;
    if (volume.status?.phase !== 'Failed') {
      await this.#writePhase(volume, 'Failed', cause, text);
      this.#recorder.record(volume, 'Warning', 'VolumeFailedDelete', text, cause);
    }
    return text;
  }

  #refuseMode(volume: PersistentVolume, claim: PersistentVolumeClaim, cause: Cause): string {
    const tell = (about: PersistentVolume | PersistentVolumeClaim, text: string): void =>
      this.#recorder.record(about, 'Warning', 'VolumeMismatch', text, cause);
    const { name: claimName = '' } = claim.metadata;
    const { name = '' } = volume.metadata;
    const why = 'due to incompatible volumeMode.';
    tell(
      volume,
      `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claimName}" ${why}`,
    );
    tell(claim, `Cannot bind PersistentVolume "${name}" to requested PersistentVolumeClaim ${why}`);
    return 'its mode is not that of the claim';
  }

  /** The claim went to another volume. Models unbindVolume. */
  async #unbind(volume: PersistentVolume, cause: Cause): Promise<string> {
    const free = clone(volume);
    const spec = (free.spec ??= {});
    if (hasAnnotation(volume, BOUND_BY_CONTROLLER)) {
      delete spec.claimRef;
      delete free.metadata.annotations?.[BOUND_BY_CONTROLLER];
      if (!Object.keys(free.metadata.annotations ?? {}).length) delete free.metadata.annotations;
    } else if (spec.claimRef) delete spec.claimRef.uid;
    await this.#writePhase(await this.#writeVolume(free, cause), 'Available', cause);
    return 'its claim is bound to another volume: free again';
  }

  /** Volumes are made by provisioners outside. Models provisionClaim and provisionClaimOperationExternal. */
  async #provision(
    claim: PersistentVolumeClaim,
    storageClass: StorageClass | undefined,
    cause: Cause,
  ): Promise<string> {
    const failed = (text: string): string => {
      this.#recorder.record(claim, 'Warning', 'ProvisioningFailed', text, cause);
      return text;
    };
    if (!storageClass) return failed(`storageclass.storage.k8s.io "${classOf(claim)}" not found`);
    const { provisioner } = storageClass;
    if (provisioner.startsWith('kubernetes.io/'))
      return failed(`no volume plugin matched name: ${provisioner}`);
    let named = claim;
    if (claim.metadata.annotations?.[PROVISIONER] !== provisioner) {
      named = clone(claim);
      annotate(named, BETA_PROVISIONER, provisioner);
      annotate(named, PROVISIONER, provisioner);
      named = await this.#writeClaim(named, cause);
    }
    const text = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    this.#recorder.record(named, 'Normal', 'ExternalProvisioning', text, cause);
    return text;
  }

  #waitForConsumer(claim: PersistentVolumeClaim, cause: Cause): void {
    const { namespace = '', name = '' } = claim.metadata;
    const waiting = this.#pods
      .list(namespace)
      .filter(
        ({ spec }) =>
          !spec?.nodeName &&
          spec?.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === name),
      )
      .map(({ metadata }) => metadata.name ?? '');
    const [reason, text] = waiting.length
      ? [
          'WaitForPodScheduled',
          `waiting for pod${waiting.length > 1 ? 's' : ''} ${waiting.join(',')} to be scheduled`,
        ]
      : ['WaitForFirstConsumer', 'waiting for first consumer to be created before binding'];
    this.#recorder.record(claim, 'Normal', reason, text, cause);
  }

  /** A claim without a class gets the default one, also if that came later. Models assignDefaultStorageClass. */
  async #assignDefaultClass(claim: PersistentVolumeClaim, cause: Cause): Promise<boolean> {
    if (claim.spec?.storageClassName !== undefined || classOf(claim) !== '') return false;
    const created = (one: StorageClass): string => one.metadata.creationTimestamp ?? '';
    const [newest] = this.#classes
      .list()
      .filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')
      .sort((a, b) => (created(a) > created(b) ? -1 : 1));
    if (!newest) return false;
    const storageClassName = newest.metadata.name ?? '';
    await this.#writeClaim({ ...clone(claim), spec: { ...claim.spec, storageClassName } }, cause);
    return true;
  }

  async #writePhase(
    volume: PersistentVolume,
    phase: VolumePhase,
    cause: Cause,
    message?: string,
  ): Promise<PersistentVolume> {
    if (volume.status?.phase === phase) return volume;
    const next = clone(volume);
    next.status = { ...next.status, phase };
    if (message === undefined) delete next.status.message;
    else next.status.message = message;
    const written = await this.client.update(persistentvolumes, next, cause, 'status');
    this.#volumes.see(written);
    return written;
  }

  async #writeVolume(volume: PersistentVolume, cause: Cause): Promise<PersistentVolume> {
    const written = await this.client.update(persistentvolumes, volume, cause);
    this.#volumes.see(written);
    return written;
  }

  async #writeClaim(claim: PersistentVolumeClaim, cause: Cause): Promise<PersistentVolumeClaim> {
    const written = await this.client.update(persistentvolumeclaims, claim, cause);
    this.#claims.see(written);
    return written;
  }

  /** Models updateClaimStatus. */
  async #writeClaimStatus(
    claim: PersistentVolumeClaim,
    phase: ClaimPhase,
    volume: PersistentVolume | undefined,
    cause: Cause,
  ): Promise<void> {
    const status: PersistentVolumeClaimStatus = { ...claim.status, phase };
    if (!volume) {
      delete status.accessModes;
      delete status.capacity;
      delete status.currentVolumeAttributesClassName;
    } else {
      const { accessModes, capacity, volumeAttributesClassName } = volume.spec ?? {};
      if (accessModes) status.accessModes = accessModes;
      if (claim.status?.phase !== phase && capacity) status.capacity = capacity;
      if (claim.status?.phase === 'Pending' && volumeAttributesClassName !== undefined)
        status.currentVolumeAttributesClassName = volumeAttributesClassName;
    }
    if (equal(status, claim.status)) return;
    const next = { ...clone(claim), status };
    this.#claims.see(await this.client.update(persistentvolumeclaims, next, cause, 'status'));
  }
}

function annotate(
  object: PersistentVolume | PersistentVolumeClaim,
  name: string,
  value: string,
): void {
  object.metadata.annotations = { ...object.metadata.annotations, [name]: value };
}
