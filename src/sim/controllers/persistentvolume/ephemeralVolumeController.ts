import { clone, controllerOf, keyOf } from '../../../api/meta.ts';
import { persistentvolumeclaims, pods } from '../../../api/resources.ts';
import { StatusError } from '../../../api/status.ts';
import type { PersistentVolumeClaim, Pod } from '../../../api/types/coreV1.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import type { Lister } from '../../client/objectCache.ts';
import { RetryError } from '../../client/worker.ts';
import { controllerReference } from '../shared/objects.ts';

type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];

/** Makes the claims of volumes that live as long as their pod. Models pkg/controller/volume/ephemeral. */
export class EphemeralVolumeController extends Controller {
  readonly #pods: Informer<Pod>;
  readonly #claims: Lister<PersistentVolumeClaim>;
  readonly #recorder: EventRecorder;

  constructor(options: ControllerOptions) {
    super(options, 'ephemeral_volume', { workers: 5 });
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'ephemeral_volume',
      }),
    );
    const enqueue = (pod: Pod, cause: EventId): void => {
      const hasAny = pod.spec?.volumes?.some(({ ephemeral }) => ephemeral);
      if (hasAny && !pod.metadata.deletionTimestamp) this.queue.add(keyOf(pod), cause);
    };
    this.#pods = this.informer(pods, { added: enqueue });
    this.#claims = this.informer(persistentvolumeclaims, {
      deleted: ({ metadata: { namespace, name } }, cause) => {
        for (const pod of this.#pods.lister.list(namespace))
          if (pod.spec?.volumes?.some((volume) => claimName(pod, volume) === name))
            enqueue(pod, cause);
      },
    }).lister;
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const pod = this.#pods.lister.byKey(key);
    if (!pod || pod.metadata.deletionTimestamp) return 'is gone, or going';
    let count = 0;
    for (const volume of pod.spec?.volumes ?? []) {
      if (!volume.ephemeral) continue;
      try {
        if (await this.#provide(pod, volume, cause)) count++;
      } catch (error) {
        if (!(error instanceof StatusError || error instanceof RetryError)) throw error;
        const text = `ephemeral volume ${volume.name}: ${error.message}`;
        this.#recorder.record(pod, 'Warning', 'FailedBinding', text, cause);
        throw new RetryError(`pod ${key}, ${text}`);
      }
    }
    return count ? `makes ${count} claims` : 'has its claims';
  }

  async #provide(pod: Pod, volume: Volume, cause: Cause): Promise<boolean> {
    const { namespace = '', name: owner = '', uid } = pod.metadata;
    const name = claimName(pod, volume);
    const known = this.#claims.get(namespace, name);
    if (known) {
      if (controllerOf(known)?.uid === uid) return false;
      throw new RetryError(
        `PVC ${namespace}/${name} was not created for pod ${namespace}/${owner} (pod is not owner)`,
      );
    }
    const { metadata, spec } = clone(volume.ephemeral?.volumeClaimTemplate ?? { spec: {} });
    const claim: PersistentVolumeClaim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace,
        ...(metadata?.labels && { labels: metadata.labels }),
        ...(metadata?.annotations && { annotations: metadata.annotations }),
        ownerReferences: [controllerReference(pod)],
      },
      spec,
    };
    try {
      await this.client.create(persistentvolumeclaims, claim, cause);
      return true;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      throw new RetryError(`create PVC ${name}: ${error.message}`);
    }
  }
}

/** Models ephemeral.VolumeClaimName. */
const claimName = (pod: Pod, volume: Volume): string => `${pod.metadata.name ?? ''}-${volume.name}`;
