import { clone, keyOf, splitKey } from '../../../api/meta.ts';
import { persistentvolumeclaims, pods } from '../../../api/resources.ts';
import type { PersistentVolumeClaim, Pod } from '../../../api/types/coreV1.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { isPodTerminal } from '../shared/pods.ts';
import { isCandidate, needsFinalizer } from './finalizer.ts';

const FINALIZER = 'kubernetes.io/pvc-protection';

/** Keeps claims that pods use from being removed. Models pkg/controller/volume/pvcprotection Controller. */
export class ClaimProtectionController extends Controller {
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #pods: Informer<Pod>;

  constructor(options: ControllerOptions) {
    super(options, 'pvcprotection');
    const seen = (claim: PersistentVolumeClaim, cause: EventId): void => {
      if (isCandidate(claim, FINALIZER) || needsFinalizer(claim, FINALIZER))
        this.queue.add(keyOf(claim), cause);
    };
    this.#claims = this.informer(persistentvolumeclaims, {
      added: seen,
      updated: (_, claim, cause) => seen(claim, cause),
    });
    this.#pods = this.informer(pods, {
      added: (pod, cause) => this.#podSeen(pod, cause, false),
      updated: (_, pod, cause) => this.#podSeen(pod, cause, false),
      deleted: (pod, cause) => this.#podSeen(pod, cause, true),
    });
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const claim = this.#claims.lister.byKey(key);
    if (!claim) return 'is gone: nothing to do';
    const finalizers = claim.metadata.finalizers ?? [];
    const write = (list: string[]): Promise<unknown> => {
      const next = clone(claim);
      if (list.length) next.metadata.finalizers = list;
      else delete next.metadata.finalizers;
      return this.client.update(persistentvolumeclaims, next, cause);
    };
    if (isCandidate(claim, FINALIZER)) {
      if (await this.#isUsed(claim, cause)) return 'is in use: stays';
      await write(finalizers.filter((one) => one !== FINALIZER));
      return 'nobody uses it any more: may go';
    }
    if (!needsFinalizer(claim, FINALIZER)) return 'nothing to do';
    await write([...finalizers, FINALIZER]);
    return 'is protected';
  }

  /** Asks the cache, and when that knows of no use, the API server. */
  async #isUsed(claim: PersistentVolumeClaim, cause: Cause): Promise<boolean> {
    const { namespace = '' } = claim.metadata;
    const uses = (pod: Pod): boolean => isUsing(pod, claim);
    if (this.#pods.lister.list(namespace).some(uses)) return true;
    const { items } = await this.client.list(pods, { namespace }, cause);
    return items.some(uses);
  }

  /** Pods that came to an end, or are not on a node. */
  #podSeen(pod: Pod, cause: EventId, isDeleted: boolean): void {
    if (!isDeleted && !isPodTerminal(pod) && pod.spec?.nodeName) return;
    const { namespace = '' } = pod.metadata;
    for (const volume of pod.spec?.volumes ?? []) {
      const name = claimNameOf(pod, volume);
      if (name !== undefined && this.#claims.lister.get(namespace, name))
        this.queue.add(`${namespace}/${name}`, cause);
    }
  }
}

type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];

function claimNameOf(pod: Pod, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral ? `${pod.metadata.name ?? ''}-${volume.name}` : undefined;
}

function isUsing(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec?.nodeName) return false;
  const { name } = splitKey(keyOf(claim));
  return (pod.spec.volumes ?? []).some((volume) => claimNameOf(pod, volume) === name);
}
