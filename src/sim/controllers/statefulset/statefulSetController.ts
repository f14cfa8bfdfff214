import { controllerOf, equal, keyOf, type JsonObject } from '../../../api/meta.ts';
import {
  controllerrevisions,
  persistentvolumeclaims,
  pods,
  statefulsets,
} from '../../../api/resources.ts';
import { selectorOf, type Selector } from '../../../api/selectors.ts';
import type { ControllerRevision, StatefulSet } from '../../../api/types/appsV1.ts';
import type { PersistentVolumeClaim, Pod } from '../../../api/types/coreV1.ts';
import { second } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import { RetryError } from '../../client/worker.ts';
import { claim } from '../shared/claim.ts';
import { ConsistencyStore } from '../shared/consistency.ts';
import { asJson, controllerReference } from '../shared/objects.ts';
import {
  isPodReady,
  nextAvailability,
  POD_CONTROLLER,
  podControllerIndex,
  podsOfOwner,
} from '../shared/pods.ts';
import { revisionsOf } from '../shared/revisions.ts';
import { StatefulPodControl } from './statefulPodControl.ts';
import { updateStatefulSet } from './statefulSetControl.ts';
import { parentAndOrdinal, specOf } from './statefulPods.ts';

/** Models pkg/controller/statefulset StatefulSetController. */
export class StatefulSetController extends Controller {
  readonly #sets: Informer<StatefulSet>;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #podControl: StatefulPodControl;
  readonly #consistency = new ConsistencyStore();

  constructor(options: ControllerOptions) {
    super(options, 'statefulset', { workers: 5 });
    const recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'statefulset-controller',
      }),
    );
    const enqueue = (set: StatefulSet, cause: EventId): void => this.queue.add(keyOf(set), cause);
    this.#sets = this.informer(statefulsets, {
      added: enqueue,
      updated: (_, set, cause) => enqueue(set, cause),
      deleted: enqueue,
    });
    this.#pods = this.informer(pods, {
      added: (pod, cause) => this.#podAdded(pod, cause),
      updated: (old, pod, cause) => this.#podUpdated(old, pod, cause),
      deleted: (pod, cause) => this.#enqueueOwner(pod, cause),
    });
    this.#pods.addIndex(POD_CONTROLLER, podControllerIndex);
    this.#claims = this.informer(persistentvolumeclaims);
    this.#revisions = this.informer(controllerrevisions);
    this.#podControl = new StatefulPodControl({
      client: this.client,
      clock: this.clock,
      recorder,
      pods: this.#pods.lister,
      claims: this.#claims.lister,
      wrotePod: (set, pod) => this.#wrote(set, this.#pods, pod.metadata.resourceVersion),
      wroteClaim: (set, { metadata }) => this.#wrote(set, this.#claims, metadata.resourceVersion),
    });
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    this.#consistency.ensureReady(key);
    const set = this.#sets.lister.byKey(key);
    if (!set) {
      this.#consistency.forget(key);
      return 'is gone: nothing to do';
    }
    const selector = selectorOf(specOf(set).selector);
    await this.#adoptRevisions(set, selector, cause);
    const own = await claim(podsOfOwner(this.#pods.lister, set, true), {
      client: this.client,
      cause,
      owner: set,
      ownerResource: statefulsets,
      selector,
      resource: pods,
      matches: (pod) => parentAndOrdinal(pod).parent === set.metadata.name,
    });
    const now = this.clock.now();
    const notes: string[] = [];
    const status = await updateStatefulSet({
      set,
      pods: own,
      revisions: revisionsOf(this.#revisions.lister, set, selector),
      now,
      cause,
      client: this.client,
      clock: this.clock,
      podControl: this.#podControl,
      revisionLister: this.#revisions.lister,
      setLister: this.#sets.lister,
      wroteSet: (written) => this.#wrote(written, this.#sets, written.metadata.resourceVersion),
      note: (text) => notes.push(text),
    });
    const { minReadySeconds = 0 } = specOf(set);
    if (minReadySeconds > 0 && (status.readyReplicas ?? 0) !== (status.availableReplicas ?? 0)) {
      const delay = nextAvailability(own, minReadySeconds, now) ?? minReadySeconds * second;
      this.queue.addAfter(key, delay, cause);
    }
    return notes.join('; ') || 'its pods are right';
  }

  async #adoptRevisions(set: StatefulSet, selector: Selector, cause: Cause): Promise<void> {
    const orphans = revisionsOf(this.#revisions.lister, set, selector).filter(
      (revision) => !controllerOf(revision),
    );
    if (orphans.length === 0) return;
    const { namespace = '', name = '', uid } = set.metadata;
    const fresh = await this.client.get(statefulsets, namespace, name, cause);
    if (fresh.metadata.uid !== uid || fresh.metadata.deletionTimestamp)
      throw new RetryError(
        `can't adopt ControllerRevisions: original StatefulSet ${namespace}/${name} is gone`,
      );
    for (const { metadata } of orphans) {
      const patch: JsonObject = {
        metadata: {
          uid: metadata.uid ?? '',
          ownerReferences: [asJson(controllerReference(set))],
        },
      };
      const revision = metadata.name ?? '';
      await this.client.patch(controllerrevisions, namespace, revision, 'strategic', patch, cause);
    }
  }

  #wrote(
    set: StatefulSet,
    informer: Parameters<ConsistencyStore['wroteAt']>[2],
    version: string | undefined,
  ): void {
    this.#consistency.wroteAt(keyOf(set), set.metadata.uid ?? '', informer, version);
  }

  #podAdded(pod: Pod, cause: EventId): void {
    if (pod.metadata.deletionTimestamp || controllerOf(pod)) this.#enqueueOwner(pod, cause);
    else this.#enqueueSelecting(pod, cause);
  }

  #podUpdated(old: Pod, pod: Pod, cause: EventId): void {
    const ownerChanged = !equal(controllerOf(old), controllerOf(pod));
    if (ownerChanged) this.#enqueueOwner(old, cause);
    if (controllerOf(pod)) {
      const set = this.#enqueueOwner(pod, cause);
      const { minReadySeconds = 0 } = set ? specOf(set) : {};
      if (set && minReadySeconds > 0 && !isPodReady(old) && isPodReady(pod))
        this.queue.addAfter(keyOf(set), minReadySeconds * second, cause);
      return;
    }
    if (ownerChanged || !equal(old.metadata.labels, pod.metadata.labels))
      this.#enqueueSelecting(pod, cause);
  }

  #enqueueOwner(pod: Pod, cause: EventId): StatefulSet | undefined {
    const reference = controllerOf(pod);
    if (reference?.kind !== 'StatefulSet') return undefined;
    const set = this.#sets.lister.get(pod.metadata.namespace ?? '', reference.name);
    if (!set || set.metadata.uid !== reference.uid) return undefined;
    this.queue.add(keyOf(set), cause);
    return set;
  }

  #enqueueSelecting(pod: Pod, cause: EventId): void {
    if (!pod.metadata.labels) return;
    for (const set of this.#sets.lister.list(pod.metadata.namespace)) {
      const selector = selectorOf(specOf(set).selector);
      if (!selector.isEmpty && selector.matches(pod.metadata.labels))
        this.queue.add(keyOf(set), cause);
    }
  }
}
