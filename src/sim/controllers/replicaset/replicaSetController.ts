import { clone, controllerOf, equal, keyOf, type KubeObject } from '../../../api/meta.ts';
import { pods, replicasets } from '../../../api/resources.ts';
import { selectorOf, type Selector } from '../../../api/selectors.ts';
import { isStatus, StatusError } from '../../../api/status.ts';
import type { ReplicaSetStatus } from '../../../api/types/appsV1.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import { second, type Micros } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import { claim } from '../shared/claim.ts';
import { ConsistencyStore } from '../shared/consistency.ts';
import { Expectations } from '../shared/expectations.ts';
import { allSettled, isControlledBy, isNamespaceTerminating } from '../shared/objects.ts';
import { PodControl } from '../shared/podControl.ts';
import { inDeletionOrder } from '../shared/podRanking.ts';
import {
  isPodActive,
  isPodReady,
  isPodTerminating,
  nextAvailability,
  POD_CONTROLLER,
  podControllerIndex,
  podsOfOwner,
} from '../shared/pods.ts';
import { slowStart } from '../shared/slowStart.ts';
import { calculateStatus, statusDiffers } from './replicaSetStatus.ts';
import type { ReplicaKind, Replicated } from './replicated.ts';

const REPLICA_SET: ReplicaKind = {
  resource: replicasets,
  queueName: 'replicaset',
  source: 'replicaset-controller',
  selectorOf: (owner) => selectorOf(owner.spec?.selector),
  countsTerminating: true,
  checksConsistency: true,
};

/** At most so many pods in one turn. */
const BURST = 500;
const CONTROLLER_UID = 'controllerUID';

/** Models pkg/controller/replicaset ReplicaSetController. */
export class ReplicaSetController extends Controller {
  readonly #kind: ReplicaKind;
  readonly #owners: Informer<Replicated>;
  readonly #pods: Informer<Pod>;
  readonly #podControl: PodControl;
  readonly #expectations: Expectations;
  readonly #consistency = new ConsistencyStore();

  constructor(options: ControllerOptions, kind: ReplicaKind = REPLICA_SET) {
    super(options, kind.queueName, { workers: 5 });
    this.#kind = kind;
    this.#expectations = new Expectations(this.clock);
    const recorder = this._register(
      new EventRecorder({ ...options, random: this.random.fork('events'), source: kind.source }),
    );
    this.#podControl = new PodControl(this.client, recorder);
    this.#owners = this.informer(kind.resource, {
      added: (owner, cause) => this.queue.add(keyOf(owner), cause),
      updated: (old, owner, cause) => {
        if (old.metadata.uid !== owner.metadata.uid) this.#ownerDeleted(old, cause);
        this.queue.add(keyOf(owner), cause);
      },
      deleted: (owner, cause) => this.#ownerDeleted(owner, cause),
    });
    this.#owners.addIndex(CONTROLLER_UID, (owner) => [controllerOf(owner)?.uid ?? '']);
    this.#pods = this.informer(pods, {
      added: (pod, cause) => this.#podAdded(pod, cause),
      updated: (old, pod, cause) => this.#podUpdated(old, pod, cause),
      deleted: (pod, cause) => this.#podDeleted(pod, cause),
    });
    this.#pods.addIndex(POD_CONTROLLER, podControllerIndex);
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    if (this.#kind.checksConsistency) this.#consistency.ensureReady(key);
    const owner = this.#owners.lister.byKey(key);
    if (!owner) {
      this.#consistency.forget(key);
      this.#expectations.forget(key);
      return 'is gone: nothing to do';
    }
    const needsSync = this.#expectations.satisfied(key);
    const selector = this.#kind.selectorOf(owner);
    const all = podsOfOwner(this.#pods.lister, owner, true);
    const active = await this.#claim(owner, selector, all.filter(isPodActive), cause);
    const terminating = all.filter(
      (pod) =>
        isPodTerminating(pod) &&
        isControlledBy(pod, owner) &&
        selector.matches(pod.metadata.labels),
    );
    let summary = 'waits to see the pods it asked for';
    let failure: StatusError | undefined;
    if (needsSync && !owner.metadata.deletionTimestamp)
      try {
        summary = await this.#manage(key, owner, active, cause);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        failure = error;
      }
    const now = this.clock.now();
    const status = calculateStatus(owner, active, {
      ...(this.#kind.countsTerminating && { terminating: terminating.length }),
      ...(failure && { failure: failure.message }),
      now,
    });
    const updated = await this.#updateStatus(owner, status, cause);
    const { resourceVersion, uid = '' } = updated.metadata;
    this.#consistency.wroteAt(key, uid, this.#owners, resourceVersion);
    if (failure) throw failure;
    this.#wakeWhenAvailable(key, updated, active, now, cause);
    return summary;
  }

  #claim(owner: Replicated, selector: Selector, found: Pod[], cause: Cause): Promise<Pod[]> {
    return claim(found, {
      client: this.client,
      cause,
      owner,
      ownerResource: this.#kind.resource,
      selector,
      resource: pods,
      wrote: (pod) => this.#wrotePod(owner, pod),
    });
  }

  #wrotePod(owner: KubeObject, pod: Pod): void {
    const { uid = '' } = owner.metadata;
    this.#consistency.wroteAt(keyOf(owner), uid, this.#pods, pod.metadata.resourceVersion);
  }

  /** Creates what is missing or deletes what is too much. */
  async #manage(
    key: string,
    owner: Replicated,
    active: readonly Pod[],
    cause: Cause,
  ): Promise<string> {
    const wanted = owner.spec?.replicas ?? 0;
    const count = `${wanted} wanted, ${active.length} there`;
    const missing = Math.min(wanted - active.length, BURST);
    if (missing > 0) {
      await this.#create(key, owner, missing, cause);
      return `${count}: creates ${missing}`;
    }
    const surplus = Math.min(active.length - wanted, BURST);
    if (surplus > 0) {
      await this.#delete(key, owner, active, surplus, cause);
      return `${count}: deletes ${surplus}`;
    }
    return `${count}: as it should be`;
  }

  async #create(key: string, owner: Replicated, count: number, cause: Cause): Promise<void> {
    this.#expectations.expectCreations(key, count);
    const { successes, failure } = await slowStart(count, async () => {
      try {
        const pod = await this.#podControl.create(owner.spec?.template ?? {}, owner, cause);
        this.#wrotePod(owner, pod);
      } catch (error) {
        // When the namespace goes, so does the owner: not worth an error.
        if (!isNamespaceTerminating(error)) throw error;
      }
    });
    for (let i = successes; i < count; i++) this.#expectations.creationObserved(key);
    if (failure) throw failure;
  }

  async #delete(
    key: string,
    owner: Replicated,
    active: readonly Pod[],
    count: number,
    cause: Cause,
  ): Promise<void> {
    const ordered =
      count < active.length
        ? inDeletionOrder(active, this.#relatedPods(owner), this.clock.now())
        : active;
    const doomed = ordered.slice(0, count);
    this.#expectations.expectDeletions(key, doomed.map(keyOf));
    await allSettled(
      doomed.map(async (pod) => {
        try {
          await this.#podControl.delete(pod, owner, cause);
        } catch (error) {
          this.#expectations.deletionObserved(key, keyOf(pod));
          if (!isStatus(error, 'NotFound')) throw error;
        }
      }),
    );
  }

  /** Pods of this one and of its siblings, the other ReplicaSets of a Deployment. */
  #relatedPods(owner: Replicated): Pod[] {
    const uid = controllerOf(owner)?.uid;
    if (uid === undefined) return [];
    const related = new Map<string, Pod>();
    for (const sibling of this.#owners.lister.byIndex(CONTROLLER_UID, uid)) {
      const selector = this.#kind.selectorOf(sibling);
      for (const pod of this.#pods.lister.list(sibling.metadata.namespace))
        if (selector.matches(pod.metadata.labels)) related.set(pod.metadata.uid ?? '', pod);
    }
    return [...related.values()];
  }

  /** Tries twice, the second time on a fresh object. Models updateReplicaSetStatus. */
  async #updateStatus(
    owner: Replicated,
    status: ReplicaSetStatus,
    cause: Cause,
  ): Promise<Replicated> {
    if (!statusDiffers(owner, status)) return owner;
    const { generation = 0, namespace = '', name = '' } = owner.metadata;
    const wanted: ReplicaSetStatus = {
      ...status,
      ...(generation && { observedGeneration: generation }),
    };
    let current = owner;
    for (let tries = 1; ; tries++)
      try {
        const changed: Replicated = { ...clone(current), status: wanted };
        return await this.client.update(this.#kind.resource, changed, cause, 'status');
      } catch (error) {
        if (!(error instanceof StatusError) || tries > 1) throw error;
        current = await this.client.get(this.#kind.resource, namespace, name, cause);
      }
  }

  /** Pods become available by the passing of time alone. */
  #wakeWhenAvailable(
    key: string,
    owner: Replicated,
    active: readonly Pod[],
    now: Micros,
    cause: Cause,
  ): void {
    const { minReadySeconds = 0 } = owner.spec ?? {};
    const { readyReplicas = 0, availableReplicas = 0 } = owner.status ?? {};
    if (minReadySeconds === 0 || readyReplicas === availableReplicas) return;
    const delay = nextAvailability(active, minReadySeconds, now) ?? minReadySeconds * second;
    this.queue.addAfter(key, delay, cause);
  }

  #ownerDeleted(owner: Replicated, cause: EventId): void {
    const key = keyOf(owner);
    this.#consistency.forget(key, owner.metadata.uid);
    this.#expectations.forget(key);
    this.queue.add(key, cause);
  }

  #podAdded(pod: Pod, cause: EventId): void {
    if (pod.metadata.deletionTimestamp) {
      this.#podDeleted(pod, cause);
      return;
    }
    if (!controllerOf(pod)) {
      for (const owner of this.#selecting(pod)) this.queue.add(keyOf(owner), cause);
      return;
    }
    const owner = this.#ownerOf(pod);
    if (!owner) return;
    this.#expectations.creationObserved(keyOf(owner));
    this.queue.add(keyOf(owner), cause);
  }

  #podUpdated(old: Pod, pod: Pod, cause: EventId): void {
    const labelsChanged = !equal(old.metadata.labels, pod.metadata.labels);
    if (pod.metadata.deletionTimestamp) {
      this.#podDeleted(pod, cause);
      if (labelsChanged) this.#podDeleted(old, cause);
      return;
    }
    const ownerChanged = !equal(controllerOf(old), controllerOf(pod));
    if (ownerChanged) {
      const before = this.#ownerOf(old);
      if (before) this.queue.add(keyOf(before), cause);
    }
    if (controllerOf(pod)) {
      const owner = this.#ownerOf(pod);
      if (!owner) return;
      this.queue.add(keyOf(owner), cause);
      const { minReadySeconds = 0 } = owner.spec ?? {};
      if (minReadySeconds > 0 && !isPodReady(old) && isPodReady(pod))
        this.queue.addAfter(keyOf(owner), minReadySeconds * second, cause);
      return;
    }
    if (labelsChanged || ownerChanged)
      for (const owner of this.#selecting(pod)) this.queue.add(keyOf(owner), cause);
  }

  #podDeleted(pod: Pod, cause: EventId): void {
    const owner = this.#ownerOf(pod);
    if (!owner) return;
    this.#expectations.deletionObserved(keyOf(owner), keyOf(pod));
    this.queue.add(keyOf(owner), cause);
  }

  #ownerOf(pod: Pod): Replicated | undefined {
    const reference = controllerOf(pod);
    if (reference?.kind !== this.#kind.resource.kind) return undefined;
    const owner = this.#owners.lister.get(pod.metadata.namespace ?? '', reference.name);
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }

  /** Who would adopt an orphan. */
  #selecting(pod: Pod): Replicated[] {
    if (!pod.metadata.labels) return [];
    const owners = this.#owners.lister.list(pod.metadata.namespace);
    return owners.filter((owner) => {
      const selector = this.#kind.selectorOf(owner);
      return !selector.isEmpty && selector.matches(pod.metadata.labels);
    });
  }
}
