import {
  equal,
  parseGroupVersion,
  type JsonObject,
  type KubeObject,
  type OwnerReference,
} from '../../../api/meta.ts';
import type { Resource } from '../../../api/resource.ts';
import { isStatus } from '../../../api/status.ts';
import { millisecond, second } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import { RetryError } from '../../client/worker.ts';
import type { WorkQueue } from '../../client/workQueue.ts';
import { preferredResources, type DiscoveredResource } from '../shared/discovery.ts';
import { allSettled, asJson, unlessNotFound } from '../shared/objects.ts';
import {
  blockingDependents,
  FOREGROUND,
  hasFinalizer,
  ORPHAN,
  OwnerGraph,
  type GraphNode,
  type Identity,
} from './graph.ts';

type Policy = 'Orphan' | 'Background' | 'Foreground';

/** How often it looks for kinds that are served only now. */
const RESYNC = 30 * second;
const WORKERS = 20;

/**
 * Deletes what is owned by things that are gone, and does foreground deletion and orphaning.
 * Models pkg/controller/garbagecollector GarbageCollector.
 */
export class GarbageCollector extends Controller {
  readonly #graph: OwnerGraph;
  readonly #orphans: WorkQueue;
  readonly #recorder: EventRecorder;
  readonly #monitors = new Map<string, Informer<KubeObject>>();
  #resources: readonly DiscoveredResource[] = [];

  constructor(options: ControllerOptions) {
    super(options, 'garbage_collector_attempt_to_delete', { workers: WORKERS });
    this.#orphans = this.addQueue(
      'garbage_collector_attempt_to_orphan',
      (key, cause) => this.#orphan(key, cause),
      { workers: WORKERS },
    );
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'garbage-collector-controller',
      }),
    );
    this.#graph = new OwnerGraph({
      attemptToDelete: (node, cause) => this.queue.add(queueKey(node), cause),
      retryDelete: (node, cause) => this.queue.addRateLimited(queueKey(node), cause),
      attemptToOrphan: (node, cause) => this.#orphans.add(queueKey(node), cause),
      invalidNamespace: (node, owner, cause) => this.#reportNamespace(node, owner, cause),
    });
  }

  protected override async prepare(): Promise<void> {
    await this.#monitorAll({ cause: this.started });
    this.after(RESYNC, () =>
      this.every(RESYNC, 'looks for new kinds of objects', (cause) => this.#monitorAll(cause())),
    );
  }

  /** Watches every resource that can be listed, watched and deleted. Models GarbageCollector.Sync. */
  async #monitorAll(cause: Cause): Promise<void> {
    const served = await preferredResources(this.client, cause);
    if (served.length === 0) return;
    this.#resources = served;
    const wanted = new Map(
      served
        .filter(isCollectable)
        .map((resource) => [`${resource.resource}.${resource.group}`, resource]),
    );
    for (const [name, informer] of this.#monitors)
      if (!wanted.has(name)) {
        informer.dispose();
        this.#monitors.delete(name);
      }
    for (const [name, resource] of wanted)
      if (!this.#monitors.has(name))
        this.#monitors.set(
          name,
          this.informer<KubeObject>(resource, {
            added: (object, delivery) => this.#graph.put(undefined, object, delivery),
            updated: (old, object, delivery) => this.#graph.put(old, object, delivery),
            deleted: (object, delivery) => this.#graph.remove(object, delivery),
          }),
        );
  }

  /** Models attemptToDeleteWorker and attemptToDeleteItem. */
  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const node = this.#graph.get(uidOfKey(key));
    if (!node) return 'is gone from the graph';
    const wasVirtual = node.virtual;
    const summary = await this.#attemptToDelete(node, cause);
    const isGone = this.#graph.get(node.identity.uid) === undefined;
    if (wasVirtual && node.virtual && !isGone && summary !== ABSENT)
      throw new RetryError('not seen by an informer yet');
    return summary;
  }

  async #attemptToDelete(node: GraphNode, cause: Cause): Promise<string> {
    if (node.beingDeleted && !node.deletingDependents) return 'is being deleted already';
    const latest = await this.#get(node.identity, cause);
    if (latest?.metadata.uid !== node.identity.uid) {
      this.#graph.removeVirtual(node.identity, cause.cause);
      return ABSENT;
    }
    if (node.deletingDependents) return this.#processForeground(node, cause);
    const references = latest.metadata.ownerReferences ?? [];
    if (references.length === 0) return 'has no owner: stays';
    const { solid, dangling, waiting } = await this.#classify(node, references, cause);
    if (solid.length) {
      const gone = [...dangling, ...waiting];
      if (gone.length === 0) return 'has an owner: stays';
      await this.#patch(node.identity, removeOwners(node.identity.uid, gone), cause);
      return 'has an owner: the references to others go';
    }
    if (waiting.length && node.dependents.size) {
      if ([...node.dependents].some((dependent) => dependent.deletingDependents))
        await this.#unblockOwners(node, cause);
      return this.#delete(node, latest, 'Foreground', cause);
    }
    const policy = hasFinalizer(latest, ORPHAN)
      ? 'Orphan'
      : hasFinalizer(latest, FOREGROUND)
        ? 'Foreground'
        : 'Background';
    return this.#delete(node, latest, policy, cause);
  }

  async #classify(
    node: GraphNode,
    references: readonly OwnerReference[],
    cause: Cause,
  ): Promise<{ solid: OwnerReference[]; dangling: OwnerReference[]; waiting: OwnerReference[] }> {
    const found = {
      solid: [] as OwnerReference[],
      dangling: [] as OwnerReference[],
      waiting: [] as OwnerReference[],
    };
    for (const reference of references) {
      const owner = await this.#ownerOf(node, reference, cause);
      if (!owner) found.dangling.push(reference);
      else if (owner.metadata.deletionTimestamp && hasFinalizer(owner, FOREGROUND))
        found.waiting.push(reference);
      else found.solid.push(reference);
    }
    return found;
  }

  /** The owner as it is now; undefined when there is none of that uid. Models isDangling. */
  async #ownerOf(
    node: GraphNode,
    reference: OwnerReference,
    cause: Cause,
  ): Promise<KubeObject | undefined> {
    const { namespace } = node.identity;
    if (this.#graph.isAbsent(reference, namespace)) return undefined;
    const resource = this.#resourceOf(reference.apiVersion, reference.kind);
    if (resource.namespaced && !namespace)
      throw new RetryError('cluster-scoped objects cannot refer to namespaced owners');
    const place = resource.namespaced ? namespace : '';
    const owner = await unlessNotFound(this.client.get(resource, place, reference.name, cause));
    if (owner?.metadata.uid === reference.uid) return owner;
    this.#graph.addAbsent(reference, place);
    return undefined;
  }

  async #processForeground(node: GraphNode, cause: Cause): Promise<string> {
    const blocking = blockingDependents(node);
    if (blocking.length === 0) {
      await this.#removeFinalizer(node.identity, FOREGROUND, cause);
      return 'no dependent holds it back: its finalizer goes';
    }
    for (const dependent of blocking)
      if (!dependent.deletingDependents) this.queue.add(queueKey(dependent), cause);
    return `waits for ${blocking.length} dependents`;
  }

  async #delete(
    node: GraphNode,
    latest: KubeObject,
    policy: Policy,
    cause: Cause,
  ): Promise<string> {
    const { identity } = node;
    const { resourceVersion = '', ownerReferences } = latest.metadata;
    try {
      await this.#deleteObject(identity, resourceVersion, ownerReferences, policy, cause);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
      this.#graph.removeVirtual(identity, cause.cause);
      return ABSENT;
    }
    return `no owner is left: deleted (${policy.toLowerCase()})`;
  }

  /** When only something else than the owners changed meanwhile, the version does not matter. */
  async #deleteObject(
    identity: Identity,
    resourceVersion: string,
    owners: readonly OwnerReference[] | undefined,
    policy: Policy,
    cause: Cause,
  ): Promise<void> {
    const resource = this.#resourceOf(identity.apiVersion, identity.kind);
    const { namespace, name, uid } = identity;
    const preconditions = { uid, ...(resourceVersion && { resourceVersion }) };
    try {
      await this.client.delete(
        resource,
        namespace,
        name,
        { preconditions, propagationPolicy: policy },
        cause,
      );
    } catch (error) {
      if (!isStatus(error, 'Conflict') || !resourceVersion) throw error;
      const live = await this.client.get(resource, namespace, name, cause);
      const isUnchanged = live.metadata.uid === uid && equal(live.metadata.ownerReferences, owners);
      if (!isUnchanged || live.metadata.resourceVersion === resourceVersion) throw error;
      await this.#deleteObject(identity, '', undefined, policy, cause);
    }
  }

  /** Takes the owner out of its dependents, then its finalizer. Models attemptToOrphanWorker. */
  async #orphan(key: string, cause: Cause): Promise<string> {
    const node = this.#graph.get(uidOfKey(key));
    if (!node) return 'is gone from the graph';
    const dependents = [...node.dependents];
    await allSettled(
      dependents.map((dependent) =>
        unlessNotFound(
          this.#patch(
            dependent.identity,
            removeOwners(dependent.identity.uid, [node.identity]),
            cause,
          ),
        ),
      ),
    );
    await this.#removeFinalizer(node.identity, ORPHAN, cause);
    return `${dependents.length} dependents are orphans now`;
  }

  /** So that two that wait for each other do not wait for ever. */
  async #unblockOwners(node: GraphNode, cause: Cause): Promise<void> {
    const ownerReferences = node.owners
      .filter(({ blockOwnerDeletion }) => blockOwnerDeletion)
      .map((reference) => asJson({ ...reference, blockOwnerDeletion: false }));
    const patch = { metadata: { ownerReferences, uid: node.identity.uid } };
    await this.#patch(node.identity, patch, cause);
  }

  async #removeFinalizer(identity: Identity, finalizer: string, cause: Cause): Promise<void> {
    const resource = this.#resourceOf(identity.apiVersion, identity.kind);
    const { namespace, name } = identity;
    for (let tries = 0, pause = 10 * millisecond; ; tries++, pause *= 5) {
      const object = await this.#get(identity, cause);
      if (!object || !hasFinalizer(object, finalizer)) return;
      const rest = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
      const patch: JsonObject = {
        metadata: {
          resourceVersion: object.metadata.resourceVersion ?? '',
          finalizers: rest.length ? rest : null,
        },
      };
      try {
        await this.client.patch(resource, namespace, name, 'merge', patch, cause);
        return;
      } catch (error) {
        if (!isStatus(error, 'Conflict')) throw error;
        if (tries >= 3)
          throw new RetryError(
            `updateMaxRetries(4) has reached. The garbage collector will retry later for owner ${name}`,
          );
        await this.clock.sleep(pause);
      }
    }
  }

  #get(identity: Identity, cause: Cause): Promise<KubeObject | undefined> {
    const resource = this.#resourceOf(identity.apiVersion, identity.kind);
    const namespace = resource.namespaced ? identity.namespace : '';
    return unlessNotFound(this.client.get(resource, namespace, identity.name, cause));
  }

  /** A strategic patch, or a merge patch for kinds that know no other. */
  async #patch(identity: Identity, patch: JsonObject, cause: Cause): Promise<void> {
    const resource = this.#resourceOf(identity.apiVersion, identity.kind);
    const { namespace, name } = identity;
    try {
      await this.client.patch(resource, namespace, name, 'strategic', patch, cause);
    } catch (error) {
      if (!isStatus(error, 'UnsupportedMediaType')) throw error;
      const live = await this.client.get(resource, namespace, name, cause);
      const merged: JsonObject = {
        metadata: {
          resourceVersion: live.metadata.resourceVersion ?? '',
          ownerReferences: mergedOwners(live.metadata.ownerReferences ?? [], patch).map(asJson),
        },
      };
      await this.client.patch(resource, namespace, name, 'merge', merged, cause);
    }
  }

  #resourceOf(apiVersion: string, kind: string): Resource {
    const { group, version } = parseGroupVersion(apiVersion);
    const found = this.#resources.find((one) => one.group === group && one.kind === kind);
    if (!found)
      throw new RetryError(
        `unable to get REST mapping for ${apiVersion}/${kind}, or the kind is not served any more`,
      );
    return { ...found, version };
  }

  #reportNamespace(node: GraphNode, owner: OwnerReference, cause: EventId): void {
    const { apiVersion, kind, namespace, name, uid } = node.identity;
    this.#recorder.record(
      { kind, apiVersion, namespace, name, uid },
      'Warning',
      'OwnerRefInvalidNamespace',
      `ownerRef [${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}] does not exist in namespace "${namespace}"`,
      { cause },
    );
  }
}

const ABSENT = 'is not there: its dependents are looked at';

const isCollectable = ({ group, resource, verbs }: DiscoveredResource): boolean =>
  ['delete', 'list', 'watch'].every((verb) => verbs.includes(verb)) &&
  !(resource === 'events' && (group === '' || group === 'events.k8s.io'));

const queueKey = ({ identity: { kind, namespace, name, uid } }: GraphNode): string =>
  `${kind} ${namespace ? `${namespace}/` : ''}${name} ${uid}`;

const uidOfKey = (key: string): string => key.slice(key.lastIndexOf(' ') + 1);

const removeOwners = (uid: string, owners: readonly { readonly uid: string }[]): JsonObject => ({
  metadata: {
    uid,
    ownerReferences: owners.map((owner) => ({ $patch: 'delete', uid: owner.uid })),
  },
});

/** What a strategic patch of owner references means, done here. */
function mergedOwners(live: readonly OwnerReference[], patch: JsonObject): OwnerReference[] {
  const { ownerReferences = [] } = patch['metadata'] as {
    ownerReferences?: (Partial<OwnerReference> & { $patch?: string })[];
  };
  const changes = new Map(ownerReferences.map((change) => [change.uid, change]));
  return live.flatMap((reference) => {
    const change = changes.get(reference.uid);
    if (change?.$patch === 'delete') return [];
    return [change ? { ...reference, ...change } : reference];
  });
}
