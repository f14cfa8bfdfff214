import { clone, keyOf } from '../../../api/meta.ts';
import { persistentvolumes } from '../../../api/resources.ts';
import type { PersistentVolume } from '../../../api/types/coreV1.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { isCandidate, needsFinalizer } from './finalizer.ts';

const FINALIZER = 'kubernetes.io/pv-protection';

/** Keeps bound volumes from being removed. Models pkg/controller/volume/pvprotection Controller. */
export class VolumeProtectionController extends Controller {
  readonly #volumes: Informer<PersistentVolume>;

  constructor(options: ControllerOptions) {
    super(options, 'pvprotection');
    const seen = (volume: PersistentVolume, cause: EventId): void => {
      if (isCandidate(volume, FINALIZER) || needsFinalizer(volume, FINALIZER))
        this.queue.add(keyOf(volume), cause);
    };
    this.#volumes = this.informer(persistentvolumes, {
      added: seen,
      updated: (_, volume, cause) => seen(volume, cause),
    });
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const volume = this.#volumes.lister.byKey(key);
    if (!volume) return 'is gone: nothing to do';
    const next = clone(volume);
    const finalizers = volume.metadata.finalizers ?? [];
    if (isCandidate(volume, FINALIZER)) {
      if (volume.status?.phase === 'Bound') return 'is bound: stays';
      next.metadata.finalizers = finalizers.filter((one) => one !== FINALIZER);
    } else if (needsFinalizer(volume, FINALIZER))
      next.metadata.finalizers = [...finalizers, FINALIZER];
    else return 'nothing to do';
    if (!next.metadata.finalizers.length) delete next.metadata.finalizers;
    await this.client.update(persistentvolumes, next, cause);
    return next.metadata.finalizers ? 'is protected' : 'may go';
  }
}
