import type { Clock, Micros } from '../../base/time.ts';
import type { Random } from '../../base/random.ts';
import { configmaps, secrets } from '../../api/resources.ts';
import { isStatus } from '../../api/status.ts';
import type { Container, Pod } from '../../api/types/coreV1.ts';
import type { CauseId, KubeletEvent } from '../../trace/event.ts';
import type { TraceSink } from '../../trace/sink.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder, EventType } from '../client/eventRecorder.ts';
import type { ContainerRun } from './containerRun.ts';
import { parseReference, pullImage } from './images.ts';

/** What the containers of a pod need from their kubelet. */
export class PodContext {
  pod: Pod;
  readonly clock: Clock;
  /** Images on the node, by the name they were pulled by: the id. */
  readonly images: Map<string, string>;
  /** The event that the pod's work began with. */
  readonly started: CauseId;
  readonly #random: Random;
  readonly #trace: TraceSink;
  readonly #client: Client;
  readonly #events: EventRecorder;

  constructor(
    pod: Pod,
    started: CauseId,
    parts: {
      clock: Clock;
      random: Random;
      trace: TraceSink;
      client: Client;
      events: EventRecorder;
      images: Map<string, string>;
    },
  ) {
    this.pod = pod;
    this.started = started;
    this.clock = parts.clock;
    this.images = parts.images;
    this.#random = parts.random;
    this.#trace = parts.trace;
    this.#client = parts.client;
    this.#events = parts.events;
  }

  note(
    action: KubeletEvent['action'],
    summary: string,
    cause: CauseId,
    container?: string,
  ): CauseId {
    const pod = `${this.pod.metadata.namespace ?? ''}/${this.pod.metadata.name ?? ''}`;
    return this.#trace.emit(this.#client.component, cause, {
      type: 'kubelet',
      action,
      pod,
      ...(container !== undefined && { container }),
      summary,
    });
  }

  timer(summary: string, cause: CauseId): CauseId {
    return this.#trace.emit(this.#client.component, cause, { type: 'timer', summary });
  }

  /** Records an Event about the pod, or about one of its containers. */
  event(
    type: EventType,
    reason: string,
    message: string,
    cause: CauseId,
    run?: ContainerRun,
  ): void {
    const { metadata } = this.pod;
    const list = run?.kind === 'app' || !run ? 'containers' : 'initContainers';
    this.#events.record(
      {
        kind: 'Pod',
        apiVersion: 'v1',
        ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
        ...(metadata.name !== undefined && { name: metadata.name }),
        ...(metadata.uid !== undefined && { uid: metadata.uid }),
        ...(metadata.resourceVersion !== undefined && {
          resourceVersion: metadata.resourceVersion,
        }),
        ...(run && { fieldPath: `spec.${list}{${run.container.name}}` }),
      },
      type,
      reason,
      message,
      { cause },
    );
  }

  async pull(image: string): Promise<{ id: string; bytes: number } | { error: string }> {
    const result = pullImage(image, this.#random);
    if ('error' in result) {
      await this.clock.sleep(this.between(600_000, 1_400_000));
      return result;
    }
    // What is there already is only asked for.
    await this.clock.sleep(
      this.images.has(image) ? this.between(300_000, 700_000) : result.duration,
    );
    const { registry, repository } = parseReference(image);
    const id = this.images.get(image) ?? `${registry}/${repository}@sha256:${this.hexId()}`;
    this.images.set(image, id);
    return { id, bytes: result.bytes };
  }

  /** What an env entry or envFrom of the container refers to and is not there, in the kubelet's words. */
  async missingConfig(container: Container, cause: CauseId): Promise<string | undefined> {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      const missing =
        (await this.#missing(configmaps, configMapRef, undefined, cause)) ??
        (await this.#missing(secrets, secretRef, undefined, cause));
      if (missing !== undefined) return missing;
    }
    for (const { valueFrom } of container.env ?? []) {
      const map = valueFrom?.configMapKeyRef;
      const secret = valueFrom?.secretKeyRef;
      const missing =
        (await this.#missing(configmaps, map, map?.key, cause)) ??
        (await this.#missing(secrets, secret, secret?.key, cause));
      if (missing !== undefined) return missing;
    }
    return undefined;
  }

  /** The first volume whose ConfigMap or Secret is not there. */
  async missingVolume(cause: CauseId): Promise<string | undefined> {
    for (const { name, configMap, secret } of this.pod.spec?.volumes ?? []) {
      const missing =
        (await this.#missing(configmaps, configMap, undefined, cause)) ??
        (await this.#missing(
          secrets,
          secret && {
            name: secret.secretName ?? '',
            ...(secret.optional !== undefined && { optional: secret.optional }),
          },
          undefined,
          cause,
        ));
      if (missing !== undefined)
        return `MountVolume.SetUp failed for volume "${name}" : ${missing}`;
    }
    return undefined;
  }

  async #missing(
    resource: typeof configmaps | typeof secrets,
    reference: { name?: string; optional?: boolean } | undefined,
    key: string | undefined,
    cause: CauseId,
  ): Promise<string | undefined> {
    if (!reference?.name || reference.optional) return undefined;
    const namespace = this.pod.metadata.namespace ?? '';
    const kind = resource.resource.slice(0, -1);
    try {
      const found = (await this.#client.get<Pod>(resource, namespace, reference.name, {
        cause,
      })) as unknown as { data?: Record<string, string> };
      if (key === undefined || found.data?.[key] !== undefined) return undefined;
      return `couldn't find key ${key} in ${resource.kind} ${namespace}/${reference.name}`;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return `${kind} "${reference.name}" not found`;
      throw error;
    }
  }

  between(low: Micros, high: Micros): Micros {
    return low + this.#random.below(high - low);
  }

  hexId(): string {
    let id = '';
    while (id.length < 64) id += this.#random.below(16).toString(16);
    return id;
  }

  readonly fullName = (image: string): string => parseReference(image).full;
}
