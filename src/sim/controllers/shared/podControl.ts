import { clone, type KubeObject } from '../../../api/meta.ts';
import { pods } from '../../../api/resources.ts';
import { StatusError } from '../../../api/status.ts';
import type { Pod, PodTemplateSpec } from '../../../api/types/coreV1.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/eventRecorder.ts';
import { controllerReference, isNamespaceTerminating } from './objects.ts';

/** Creates and deletes the pods of an owner, and tells so in events. Models controller.RealPodControl. */
export class PodControl {
  readonly #client: Client;
  readonly #recorder: EventRecorder;

  constructor(client: Client, recorder: EventRecorder) {
    this.#client = client;
    this.#recorder = recorder;
  }

  /** @param name a name for the pod, or a prefix that ends in '-' for a generated one */
  async create(
    template: PodTemplateSpec,
    owner: KubeObject,
    cause: Cause,
    change: (pod: Pod) => void = () => undefined,
  ): Promise<Pod> {
    const pod = podFromTemplate(template, owner);
    change(pod);
    try {
      const created = await this.#client.create(pods, pod, cause);
      const { name = '' } = created.metadata;
      this.#recorder.record(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${name}`, cause);
      return created;
    } catch (error) {
      if (error instanceof StatusError && !isNamespaceTerminating(error))
        this.#recorder.record(
          owner,
          'Warning',
          'FailedCreate',
          `Error creating: ${error.message}`,
          cause,
        );
      throw error;
    }
  }

  async delete(pod: Pod, owner: KubeObject, cause: Cause): Promise<void> {
    const { namespace = '', name = '' } = pod.metadata;
    try {
      await this.#client.delete(pods, namespace, name, {}, cause);
    } catch (error) {
      if (!(error instanceof StatusError) || error.reason === 'NotFound') throw error;
      const why = `Error deleting: ${error.message}`;
      this.#recorder.record(owner, 'Warning', 'FailedDelete', why, cause);
      throw new StatusError({
        ...error.status,
        message: `unable to delete pods: ${error.message}`,
      });
    }
    this.#recorder.record(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`, cause);
  }
}

/** Models controller.GetPodFromTemplate. */
export function podFromTemplate(template: PodTemplateSpec, owner: KubeObject): Pod {
  const { labels, annotations, finalizers } = clone(template.metadata ?? {});
  const name = owner.metadata.name ?? '';
  const { namespace } = owner.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${name}-`,
      ...(namespace && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: clone(template.spec ?? { containers: [] }),
  };
}
