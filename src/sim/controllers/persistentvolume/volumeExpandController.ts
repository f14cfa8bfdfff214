import { keyOf } from '../../../api/meta.ts';
import { compareQuantities, tryQuantity, zeroQuantity } from '../../../api/quantity.ts';
import { persistentvolumeclaims, persistentvolumes } from '../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../api/types/coreV1.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import type { Lister } from '../../client/objectCache.ts';
import type { PersistentVolume } from '../../../api/types/coreV1.ts';

/** Tells of claims that want more than they have; drivers outside give it. Models pkg/controller/volume/expand expandController. */
export class VolumeExpandController extends Controller {
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Lister<PersistentVolume>;
  readonly #recorder: EventRecorder;

  constructor(options: ControllerOptions) {
    super(options, 'volume_expand');
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'volume_expand',
      }),
    );
    const seen = (claim: PersistentVolumeClaim, cause: EventId): void => {
      if (wantsMore(claim)) this.queue.add(keyOf(claim), cause);
    };
    this.#claims = this.informer(persistentvolumeclaims, {
      added: seen,
      updated: (old, claim, cause) => {
        const [before, now] = [requestOf(old), requestOf(claim)];
        if (compareQuantities(now, before) > 0) seen(claim, cause);
      },
    });
    this.#volumes = this.informer(persistentvolumes).lister;
  }

  protected reconcile(key: string, cause: Cause): Promise<string> {
    const claim = this.#claims.lister.byKey(key);
    const volume = claim && this.#volumes.get('', claim.spec?.volumeName ?? '');
    if (!claim || !wantsMore(claim) || volume?.spec?.claimRef?.uid !== claim.metadata.uid)
      return Promise.resolve('nothing to expand');
    const text = 'waiting for an external controller to expand this PVC';
    this.#recorder.record(claim, 'Normal', 'ExternalExpanding', text, cause);
    return Promise.resolve(text);
  }
}

const requestOf = (claim: PersistentVolumeClaim) =>
  tryQuantity(claim.spec?.resources?.requests?.['storage']) ?? zeroQuantity;

function wantsMore(claim: PersistentVolumeClaim): boolean {
  const has = tryQuantity(claim.status?.capacity?.['storage']) ?? zeroQuantity;
  return claim.status?.phase === 'Bound' && compareQuantities(requestOf(claim), has) > 0;
}
