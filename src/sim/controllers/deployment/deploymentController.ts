import { clone, controllerOf, equal, keyOf, type OwnerReference } from '../../../api/meta.ts';
import { deployments, pods, replicasets } from '../../../api/resources.ts';
import { selectorOf } from '../../../api/selectors.ts';
import { StatusError } from '../../../api/status.ts';
import type { Deployment, ReplicaSet } from '../../../api/types/appsV1.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import { claim } from '../shared/claim.ts';
import { conditionOf } from '../shared/conditions.ts';
import { isControlledBy, isNamespaceTerminating } from '../shared/objects.ts';
import { POD_CONTROLLER, podControllerIndex, podsOfOwner } from '../shared/pods.ts';
import { hasProgressDeadline, specOf } from './deploymentUtil.ts';
import { cleanUp, setProgressing, syncReplicaSets } from './replicaSets.ts';
import { recreate, rollingUpdate } from './rollout.ts';
import { isScalingEvent, scale } from './scaling.ts';
import { syncStatus } from './status.ts';
import { updateStatus, type Turn } from './turn.ts';

/** Models pkg/controller/deployment DeploymentController. */
export class DeploymentController extends Controller {
  readonly #deployments: Informer<Deployment>;
  readonly #sets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #recorder: EventRecorder;

  constructor(options: ControllerOptions) {
    super(options, 'deployment', { maxRetries: 15, workers: 5 });
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'deployment-controller',
      }),
    );
    const enqueue = (d: Deployment, cause: EventId): void => this.queue.add(keyOf(d), cause);
    this.#deployments = this.informer(deployments, {
      added: enqueue,
      updated: (_, d, cause) => enqueue(d, cause),
      deleted: enqueue,
    });
    this.#sets = this.informer(replicasets, {
      added: (set, cause) => this.#setAdded(set, cause),
      updated: (old, set, cause) => this.#setUpdated(old, set, cause),
      deleted: (set, cause) => this.#setDeleted(set, cause),
    });
    this.#pods = this.informer(pods, {
      deleted: (pod, cause) => void this.#podDeleted(pod, cause),
    });
    this.#pods.addIndex(POD_CONTROLLER, podControllerIndex);
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const found = this.#deployments.lister.byKey(key);
    if (!found) return 'is gone: nothing to do';
    const d = clone(found);
    if (equal(specOf(d).selector, {})) return this.#refuseSelectingAll(d, cause);
    const notes: string[] = [];
    try {
      await this.#sync(await this.#turn(d, cause, notes));
    } catch (error) {
      // The Deployment will go with its namespace.
      if (!isNamespaceTerminating(error)) throw error;
    }
    return notes.join('; ') || 'nothing to change but its status';
  }

  async #turn(d: Deployment, cause: Cause, notes: string[]): Promise<Turn> {
    const sets = await claim(this.#sets.lister.list(d.metadata.namespace), {
      client: this.client,
      cause,
      owner: d,
      ownerResource: deployments,
      selector: selectorOf(specOf(d).selector),
      resource: replicasets,
    });
    return {
      d,
      sets,
      cause,
      client: this.client,
      recorder: this.#recorder,
      clock: this.clock,
      replicaSets: this.#sets.lister,
      again: (delay) =>
        delay === 0
          ? this.queue.addRateLimited(keyOf(d), cause)
          : this.queue.addAfter(keyOf(d), delay, cause),
      note: (text) => notes.push(text),
    };
  }

  /** Models syncDeployment. */
  async #sync(turn: Turn): Promise<void> {
    const { d } = turn;
    if (d.metadata.deletionTimestamp) {
      turn.note('is being deleted: only its status');
      const { newSet, oldSets } = await syncReplicaSets(turn, false);
      return syncStatus(turn, [...oldSets, newSet], newSet);
    }
    await this.#checkPaused(turn);
    if (specOf(d).paused) {
      turn.note('is paused: scales, but does not roll out');
      return this.#syncSize(turn);
    }
    if (isScalingEvent(d, await syncReplicaSets(turn, false))) return this.#syncSize(turn);
    if (specOf(d).strategy?.type === 'Recreate')
      return recreate(turn, (set) => podsOfOwner(this.#pods.lister, set, false));
    return rollingUpdate(turn);
  }

  /** Models DeploymentController.sync: for paused ones, and when only the size changed. */
  async #syncSize(turn: Turn): Promise<void> {
    const sets = await syncReplicaSets(turn, false);
    await scale(turn, sets);
    if (specOf(turn.d).paused) await cleanUp(turn, sets.oldSets);
    return syncStatus(turn, [...sets.oldSets, sets.newSet], sets.newSet);
  }

  /** Models checkPausedConditions. */
  async #checkPaused(turn: Turn): Promise<void> {
    const { d } = turn;
    if (!hasProgressDeadline(d)) return;
    const { reason } = conditionOf(d.status?.conditions, 'Progressing') ?? {};
    if (reason === 'ProgressDeadlineExceeded') return;
    const isPaused = specOf(d).paused ?? false;
    if (isPaused === (reason === 'DeploymentPaused')) return;
    if (isPaused) setProgressing(turn, 'Unknown', 'DeploymentPaused', 'Deployment is paused');
    else setProgressing(turn, 'Unknown', 'DeploymentResumed', 'Deployment is resumed');
    await updateStatus(turn);
  }

  async #refuseSelectingAll(d: Deployment, cause: Cause): Promise<string> {
    const message = 'This deployment is selecting all pods. A non-empty selector is required.';
    this.#recorder.record(d, 'Warning', 'SelectingAll', message, cause);
    const { generation = 0 } = d.metadata;
    if ((d.status?.observedGeneration ?? 0) < generation) {
      d.status = { ...d.status, observedGeneration: generation };
      await this.client.update(deployments, d, cause, 'status').catch((error: unknown) => {
        if (!(error instanceof StatusError)) throw error;
      });
    }
    return 'selects all pods: refused';
  }

  #setAdded(set: ReplicaSet, cause: EventId): void {
    if (set.metadata.deletionTimestamp) this.#setDeleted(set, cause);
    else if (controllerOf(set)) this.#enqueueOwner(set, controllerOf(set), cause);
    else this.#enqueueSelecting(set, cause);
  }

  #setUpdated(old: ReplicaSet, set: ReplicaSet, cause: EventId): void {
    const ownerChanged = !equal(controllerOf(old), controllerOf(set));
    if (ownerChanged) this.#enqueueOwner(old, controllerOf(old), cause);
    if (controllerOf(set)) this.#enqueueOwner(set, controllerOf(set), cause);
    else if (ownerChanged || !equal(old.metadata.labels, set.metadata.labels))
      this.#enqueueSelecting(set, cause);
  }

  #setDeleted(set: ReplicaSet, cause: EventId): void {
    this.#enqueueOwner(set, controllerOf(set), cause);
  }

  /** A Deployment that recreates waits for the last pod to go. */
  async #podDeleted(pod: Pod, cause: EventId): Promise<void> {
    const reference = controllerOf(pod);
    if (reference?.kind !== 'ReplicaSet') return;
    const set = this.#sets.lister.get(pod.metadata.namespace ?? '', reference.name);
    const d =
      set?.metadata.uid === reference.uid ? this.#resolve(set, controllerOf(set)) : undefined;
    if (!d || specOf(d).strategy?.type !== 'Recreate') return;
    try {
      const { items } = await this.client.list(
        replicasets,
        {
          namespace: d.metadata.namespace ?? '',
          labelSelector: selectorOf(specOf(d).selector).toString(),
        },
        { cause },
      );
      const left = items
        .filter((item) => isControlledBy(item, d))
        .some((item) => podsOfOwner(this.#pods.lister, item, false).length > 0);
      if (!left) this.queue.add(keyOf(d), cause);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  #enqueueOwner(set: ReplicaSet, reference: OwnerReference | undefined, cause: EventId): void {
    const d = this.#resolve(set, reference);
    if (d) this.queue.add(keyOf(d), cause);
  }

  #resolve(set: ReplicaSet, reference: OwnerReference | undefined): Deployment | undefined {
    if (reference?.kind !== 'Deployment') return undefined;
    const d = this.#deployments.lister.get(set.metadata.namespace ?? '', reference.name);
    return d?.metadata.uid === reference.uid ? d : undefined;
  }

  #enqueueSelecting(set: ReplicaSet, cause: EventId): void {
    if (!set.metadata.labels) return;
    for (const d of this.#deployments.lister.list(set.metadata.namespace)) {
      const selector = selectorOf(specOf(d).selector);
      if (!selector.isEmpty && selector.matches(set.metadata.labels))
        this.queue.add(keyOf(d), cause);
    }
  }
}
