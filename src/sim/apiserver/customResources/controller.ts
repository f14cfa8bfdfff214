import { clone, type KubeObject } from '../../../api/meta.ts';
import type { Resource } from '../../../api/resource.ts';
import { apiservices, customresourcedefinitions } from '../../../api/resources.ts';
import { StatusError } from '../../../api/status.ts';
import type { CustomResourceDefinition } from '../../../api/types/apiextensionsV1.ts';
import type { APIService } from '../../../api/types/apiregistrationV1.ts';
import { defined } from '../../../base/assert.ts';
import { formatTime } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import type { ServedResource } from '../registry/resources.ts';
import type { ServerParts } from '../serverParts.ts';
import { isCondition } from './definitions.ts';
import { acceptNames, establish, noteApproval, setCondition } from './naming.ts';

/** What is refused so often waits for the next write. */
const MAX_FAILURES = 5;
const FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/**
 * What the server itself does about its CustomResourceDefinitions: accepts their names, serves them, and when one goes,
 * deletes its objects first. All of it is done when the write that caused it is answered, so that what comes next finds
 * the resources there. Models apiextensions-apiserver pkg/controller: status, establish, finalizer.
 */
export class DefinitionController {
  readonly #server: ServerParts;
  /** Requests of its own cause nothing more. */
  #isBusy = false;
  #isDue = false;

  constructor(server: ServerParts) {
    this.#server = server;
  }

  /** Does whatever is to be done after a write. */
  async settle(cause: EventId): Promise<void> {
    this.#isDue = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    let failures = 0;
    try {
      while (this.#isDue && failures < MAX_FAILURES) {
        this.#isDue = false;
        // Every step is a request of its own, and makes the next one due.
        if (!(await this.#tryStep({ cause }))) failures++;
      }
    } finally {
      this.#isBusy = false;
    }
  }

  /** Whether it went well; somebody may have been faster, or a policy refuses it. */
  async #tryStep(cause: Cause): Promise<boolean> {
    try {
      if (await this.#step(cause)) this.#isDue = true;
      return true;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#isDue = true;
      return false;
    }
  }

  async #step(cause: Cause): Promise<boolean> {
    const all = await this.#stored<CustomResourceDefinition>(customresourcedefinitions);
    const time = formatTime(this.#server.clock.now());
    for (const definition of all) {
      const next = clone(definition);
      if (definition.metadata.deletionTimestamp) {
        if (await this.#finish(next, time, cause)) return true;
      } else if (
        noteApproval(next, time) ||
        acceptNames(next, all, time) ||
        establish(next, time)
      ) {
        await this.#update(next, cause);
        return true;
      }
    }
    return this.#register(all, cause);
  }

  /** Every served version has an APIService. Models kube-aggregator crdRegistrationController and autoregister. */
  async #register(all: readonly CustomResourceDefinition[], cause: Cause): Promise<boolean> {
    const wanted = new Map<string, APIService>();
    for (const { spec } of all.filter((definition) => isCondition(definition, 'Established')))
      for (const { name, served } of spec.versions)
        if (served) wanted.set(`${name}.${spec.group}`, apiServiceOf(spec.group, name));
    const there = await this.#stored<APIService>(apiservices);
    for (const { metadata } of there) {
      const { name = '', labels } = metadata;
      if (wanted.delete(name) || labels?.[MANAGED] !== 'true') continue;
      await this.#server.loopback.delete(apiservices, '', name, {}, cause);
      return true;
    }
    for (const service of wanted.values()) {
      await this.#server.loopback.create(apiservices, service, cause);
      return true;
    }
    return false;
  }

  async #stored<T extends KubeObject>(of: Resource<T>): Promise<T[]> {
    const { store, resources } = this.#server;
    const served = resources.get(of.group, of.version, of.resource);
    const { items } = await store.list(defined(served, `${of.resource} are served`), '');
    return items.map(({ object }) => object as T);
  }

  async #update(definition: CustomResourceDefinition, cause: Cause): Promise<void> {
    await this.#server.loopback.update(customresourcedefinitions, definition, cause, 'status');
  }

  /** Deletes the objects of a definition that goes, then lets it go; whether anything was done. */
  async #finish(
    definition: CustomResourceDefinition,
    time: string,
    cause: Cause,
  ): Promise<boolean> {
    const { finalizers = [] } = definition.metadata;
    if (!finalizers.includes(FINALIZER)) return false;
    const served = this.#server.resources
      .custom()
      .find(({ custom }) => custom?.definition === definition.metadata.name);
    const left = served ? await this.#left(served) : [];
    if (left.some(({ isMarked }) => !isMarked)) {
      setCondition(definition, deleting('InstanceDeletionInProgress'), time);
      if (isPending(definition)) await this.#update(definition, cause);
      if (served) await this.#deleteAll(served, cause);
      return true;
    }
    if (left.length) return false;
    setCondition(definition, done, time);
    const rest = finalizers.filter((name) => name !== FINALIZER);
    if (rest.length) definition.metadata.finalizers = rest;
    else delete definition.metadata.finalizers;
    await this.#update(definition, cause);
    return true;
  }

  async #left(served: ServedResource): Promise<{ isMarked: boolean; namespace: string }[]> {
    const { items } = await this.#server.store.list(served, '');
    return items.map(({ object: { metadata } }) => ({
      isMarked: metadata.deletionTimestamp !== undefined,
      namespace: metadata.namespace ?? '',
    }));
  }

  async #deleteAll(served: ServedResource, cause: Cause): Promise<void> {
    const { group, version, resource, gvk, namespaced } = served;
    const about = { group, version, resource, kind: gvk.kind, namespaced };
    const namespaces = new Set((await this.#left(served)).map(({ namespace }) => namespace));
    for (const namespace of namespaces)
      await this.#server.loopback.deleteCollection(about, namespace, {}, cause);
  }
}

/** On what the server keeps by itself. */
const MANAGED = 'kube-aggregator.kubernetes.io/automanaged';

const apiServiceOf = (group: string, version: string): APIService => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: `${version}.${group}`, labels: { [MANAGED]: 'true' } },
  spec: { group, version, groupPriorityMinimum: 1000, versionPriority: 100 },
});

const deleting = (reason: string) =>
  ({
    type: 'Terminating',
    status: 'True',
    reason,
    message: 'CustomResource deletion is in progress',
  }) as const;

const done = {
  type: 'Terminating',
  status: 'False',
  reason: 'InstanceDeletionCompleted',
  message: 'removed all instances',
} as const;

const isPending = (definition: CustomResourceDefinition): boolean =>
  isCondition(definition, 'Terminating');

/** A definition as its deletion marks it, in place. Models pkg/registry/customresourcedefinition REST.Delete. */
export function markForDeletion(definition: CustomResourceDefinition, time: string): void {
  const { metadata } = definition;
  metadata.deletionTimestamp ??= time;
  const finalizers = metadata.finalizers ?? [];
  if (!finalizers.includes(FINALIZER)) metadata.finalizers = [...finalizers, FINALIZER];
  setCondition(
    definition,
    {
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionPending',
      message:
        'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    },
    time,
  );
}
