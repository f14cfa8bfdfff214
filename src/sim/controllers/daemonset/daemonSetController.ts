import { controllerOf, equal, keyOf, type OwnerReference } from '../../../api/meta.ts';
import { controllerrevisions, daemonsets, nodes, pods } from '../../../api/resources.ts';
import { selectorOf } from '../../../api/selectors.ts';
import { StatusError } from '../../../api/status.ts';
import type { ControllerRevision, DaemonSet, DaemonSetStatus } from '../../../api/types/appsV1.ts';
import type { Node, Pod } from '../../../api/types/coreV1.ts';
import { minute, second, type Micros } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/workQueue.ts';
import { claim } from '../shared/claim.ts';
import { ConsistencyStore } from '../shared/consistency.ts';
import { Expectations } from '../shared/expectations.ts';
import { allSettled, isNamespaceTerminating } from '../shared/objects.ts';
import { PodControl } from '../shared/podControl.ts';
import {
  isPodAvailable,
  isPodReady,
  isPodTerminal,
  POD_CONTROLLER,
  podControllerIndex,
  podsOfOwner,
} from '../shared/pods.ts';
import { revisionsOf } from '../shared/revisions.ts';
import { slowStart } from '../shared/slowStart.ts';
import {
  byPlaceAndAge,
  isUpdated,
  nodeVerdict,
  podTemplateFor,
  REVISION_HASH,
  specOf,
  targetNode,
} from './daemonPods.ts';
import { cleanUpHistory, constructHistory } from './history.ts';
import { rollingStep, type PodsByNode } from './rollingUpdate.ts';

const BURST = 250;
const FIRST_BACKOFF = 1 * second;
const LONGEST_BACKOFF = 15 * minute;

interface Turn {
  readonly key: string;
  readonly set: DaemonSet;
  readonly hash: string;
  readonly nodes: readonly Node[];
  readonly own: readonly Pod[];
  readonly now: Micros;
  readonly cause: Cause;
}

/** A pod on every node that may have one. Models pkg/controller/daemon DaemonSetsController. */
export class DaemonSetController extends Controller {
  readonly #sets: Informer<DaemonSet>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #nodeQueue: WorkQueue;
  readonly #recorder: EventRecorder;
  readonly #podControl: PodControl;
  readonly #expectations: Expectations;
  readonly #consistency = new ConsistencyStore();
  /** By set and node: when a pod last failed there, and how long is waited before it is removed. */
  readonly #failures = new Map<string, { readonly at: Micros; readonly wait: Micros }>();

  constructor(options: ControllerOptions) {
    super(options, 'daemonset', { workers: 2 });
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'daemonset-controller',
      }),
    );
    this.#podControl = new PodControl(this.client, this.#recorder);
    this.#expectations = new Expectations(this.clock);
    this.#nodeQueue = this.addQueue('daemonset-node-updates', (name, cause) =>
      this.#nodeChanged(name, cause),
    );
    const enqueue = (set: DaemonSet, cause: EventId): void => this.queue.add(keyOf(set), cause);
    this.#sets = this.informer(daemonsets, {
      added: enqueue,
      updated: (_, set, cause) => enqueue(set, cause),
      deleted: (set, cause) => {
        this.#expectations.forget(keyOf(set));
        enqueue(set, cause);
      },
    });
    this.#pods = this.informer(pods, {
      added: (pod, cause) => this.#podAdded(pod, cause),
      updated: (old, pod, cause) => this.#podUpdated(old, pod, cause),
      deleted: (pod, cause) => this.#podDeleted(pod, cause),
    });
    this.#pods.addIndex(POD_CONTROLLER, podControllerIndex);
    this.#nodes = this.informer(nodes, {
      added: (node, cause) => this.#nodeQueue.add(keyOf(node), cause),
      updated: (old, node, cause) => {
        const isSame =
          equal(old.metadata.labels ?? {}, node.metadata.labels ?? {}) &&
          equal(old.spec?.taints ?? [], node.spec?.taints ?? []);
        if (!isSame) this.#nodeQueue.add(keyOf(node), cause);
      },
    });
    this.#revisions = this.informer(controllerrevisions);
  }

  /** Models syncDaemonSet. */
  protected async reconcile(key: string, cause: Cause): Promise<string> {
    this.#consistency.ensureReady(key);
    const set = this.#sets.lister.byKey(key);
    if (!set) {
      this.#expectations.forget(key);
      this.#consistency.forget(key);
      return 'is gone: nothing to do';
    }
    const selector = selectorOf(specOf(set).selector);
    if (selector.isEmpty) {
      const text = 'This daemon set is selecting all pods. A non-empty selector is required.';
      this.#recorder.record(set, 'Warning', 'SelectingAll', text, cause);
      return text;
    }
    if (set.metadata.deletionTimestamp) return 'is being deleted';
    const own = await claim(podsOfOwner(this.#pods.lister, set, true), {
      client: this.client,
      cause,
      owner: set,
      ownerResource: daemonsets,
      selector,
      resource: pods,
    });
    const revisions = revisionsOf(this.#revisions.lister, set, selector);
    const { current, old } = await constructHistory(set, revisions, own, this.client, cause);
    const hash = current.metadata.labels?.[REVISION_HASH] ?? '';
    const all = this.#nodes.lister.list();
    const turn: Turn = { key, set, hash, nodes: all, own, now: this.clock.now(), cause };
    if (!this.#expectations.satisfied(key)) {
      await this.#writeStatus(turn, false);
      return 'waits for what it asked for';
    }
    let failure: StatusError | undefined;
    let summary = '';
    try {
      summary = await this.#manage(turn);
      await cleanUpHistory(set, old, own, this.client, cause);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      failure = error;
    }
    await this.#writeStatus(turn, true);
    if (failure) throw failure;
    return summary;
  }

  /** Models manage and updateDaemonSet. */
  async #manage(turn: Turn): Promise<string> {
    const byNode = podsByNode(turn.own);
    const wanting: string[] = [];
    const surplus: Pod[] = [];
    for (const node of turn.nodes) this.#judgeNode(turn, node, byNode, wanting, surplus);
    const names = new Set(turn.nodes.map(({ metadata }) => metadata.name));
    for (const [name, list] of byNode)
      if (!names.has(name)) surplus.push(...list.filter(({ spec }) => !spec?.nodeName));
    await this.#sync(turn, wanting, surplus);
    const { type = 'RollingUpdate' } = specOf(turn.set).updateStrategy ?? {};
    if (type === 'RollingUpdate' && this.#expectations.satisfied(turn.key)) {
      const step = rollingStep({ ...turn, byNode });
      await this.#sync(turn, step.surge, step.remove);
      wanting.push(...step.surge);
      surplus.push(...step.remove);
    }
    if (!wanting.length && !surplus.length) return 'every node has what it should';
    return `creates ${wanting.length} and deletes ${surplus.length} pods`;
  }

  /** Models podsShouldBeOnNode. */
  #judgeNode(turn: Turn, node: Node, byNode: PodsByNode, wanting: string[], surplus: Pod[]): void {
    const { name = '' } = node.metadata;
    const { runs, continues } = nodeVerdict(node, turn.set);
    const there = byNode.get(name);
    if (runs && !there) wanting.push(name);
    else if (continues && there) {
      const running = this.#runningOf(turn, name, there, surplus);
      if (!this.#allowsSurge(turn)) surplus.push(...running.slice(1));
      else if (!running.length && runs) wanting.push(name);
      else if (running.length > 1) surplus.push(...this.#surgeSurplus(turn, running));
    } else if (!continues && there)
      surplus.push(...there.filter(({ metadata }) => !metadata.deletionTimestamp));
  }

  #allowsSurge({ set }: Turn): boolean {
    const { maxSurge } = specOf(set).updateStrategy?.rollingUpdate ?? {};
    return maxSurge !== undefined && maxSurge !== 0 && maxSurge !== '0%';
  }

  /** The oldest new pod and the oldest old one stay; the old one goes when the new one is available. */
  #surgeSurplus({ set, hash, now }: Turn, running: readonly Pod[]): Pod[] {
    const isNew = ({ metadata }: Pod): boolean => metadata.labels?.[REVISION_HASH] === hash;
    const [fresh, ...moreFresh] = running.filter(isNew);
    const [old, ...moreOld] = running.filter((pod) => !isNew(pod));
    const surplus = [...moreFresh, ...moreOld];
    const { minReadySeconds = 0 } = specOf(set);
    if (fresh && old && (!isPodReady(old) || isPodAvailable(fresh, minReadySeconds, now)))
      surplus.push(old);
    return surplus;
  }

  /** The pods of a node that run; those that ended are to go, failed ones after a while. */
  #runningOf(turn: Turn, node: string, there: readonly Pod[], surplus: Pod[]): Pod[] {
    const { set, key, now, cause } = turn;
    const running: Pod[] = [];
    for (const pod of there) {
      const { namespace = '', name = '', deletionTimestamp } = pod.metadata;
      if (deletionTimestamp) continue;
      const about = `daemon pod ${namespace}/${name} on node ${node}`;
      if (pod.status?.phase === 'Failed') {
        const wait = this.#failureWait(`${key}/${node}`, now);
        if (wait > 0) {
          this.queue.addAfter(key, wait, cause);
          continue;
        }
        const text = `Found failed ${about}, will try to kill it`;
        this.#recorder.record(set, 'Warning', 'FailedDaemonPod', text, cause);
        surplus.push(pod);
      } else if (pod.status?.phase === 'Succeeded') {
        const text = `Found succeeded ${about}, will try to delete it`;
        this.#recorder.record(set, 'Normal', 'SucceededDaemonPod', text, cause);
        surplus.push(pod);
      } else running.push(pod);
    }
    return running.sort(byPlaceAndAge);
  }

  /** How long to wait yet; with 0 the next wait begins. Models flowcontrol.Backoff. */
  #failureWait(place: string, now: Micros): Micros {
    const known = this.#failures.get(place);
    const isForgotten = known !== undefined && now - known.at > 2 * LONGEST_BACKOFF;
    if (known && !isForgotten && now - known.at < known.wait) return known.wait;
    const wait = known && !isForgotten ? Math.min(known.wait * 2, LONGEST_BACKOFF) : FIRST_BACKOFF;
    this.#failures.set(place, { at: now, wait });
    return 0;
  }

  /** Models syncNodes. */
  async #sync(turn: Turn, wanting: readonly string[], surplus: readonly Pod[]): Promise<void> {
    const { key, set, hash, cause } = turn;
    const created = wanting.slice(0, BURST);
    const deleted = surplus.slice(0, BURST);
    this.#expectations.expect(key, created.length, deleted.length);
    const { successes, failure } = await slowStart(created.length, async (index) => {
      const template = podTemplateFor(set, hash, created[index] ?? '');
      try {
        await this.#podControl.create(template, set, cause);
      } catch (error) {
        if (isNamespaceTerminating(error)) return;
        throw error;
      }
    });
    for (let left = created.length - successes; left > 0; left--)
      this.#expectations.creationObserved(key);
    await allSettled(
      deleted.map(async (pod) => {
        try {
          await this.#podControl.delete(pod, set, cause);
        } catch (error) {
          this.#expectations.someDeletionObserved(key);
          if (!(error instanceof StatusError) || error.reason !== 'NotFound') throw error;
        }
      }),
    );
    if (failure) throw failure;
  }

  /** Models updateDaemonSetStatus. */
  async #writeStatus(turn: Turn, isObserved: boolean): Promise<void> {
    const { key, set, hash, now, cause } = turn;
    const byNode = podsByNode(podsOfOwner(this.#pods.lister, set, false));
    const { minReadySeconds = 0 } = specOf(set);
    const count = { desired: 0, current: 0, stray: 0, ready: 0, updated: 0, available: 0 };
    for (const node of turn.nodes) {
      const [pod] = [...(byNode.get(node.metadata.name ?? '') ?? [])].sort(byPlaceAndAge);
      if (!nodeVerdict(node, set).runs) {
        if (pod) count.stray++;
        continue;
      }
      count.desired++;
      if (!pod) continue;
      count.current++;
      if (isPodReady(pod)) count.ready++;
      if (isPodAvailable(pod, minReadySeconds, now)) count.available++;
      if (isUpdated(pod, set, hash)) count.updated++;
    }
    const unavailable = count.desired - count.available;
    const { collisionCount, conditions, observedGeneration: seen } = set.status ?? {};
    const observedGeneration = isObserved ? set.metadata.generation : seen;
    const status: DaemonSetStatus = {
      currentNumberScheduled: count.current,
      numberMisscheduled: count.stray,
      desiredNumberScheduled: count.desired,
      numberReady: count.ready,
      ...(observedGeneration !== undefined && { observedGeneration }),
      ...(count.updated && { updatedNumberScheduled: count.updated }),
      ...(count.available && { numberAvailable: count.available }),
      ...(unavailable && { numberUnavailable: unavailable }),
      ...(collisionCount !== undefined && { collisionCount }),
      ...(conditions && { conditions }),
    };
    if (!equal(status, set.status)) {
      const written = await this.client.update(daemonsets, { ...set, status }, cause, 'status');
      const { uid = '', resourceVersion } = written.metadata;
      this.#consistency.wroteAt(key, uid, this.#sets, resourceVersion);
    }
    if (minReadySeconds > 0 && count.ready !== count.available)
      this.queue.addAfter(key, minReadySeconds * second, cause);
  }

  /** Models syncNodeUpdate: which sets a change of the node concerns. */
  #nodeChanged(name: string, cause: Cause): Promise<string> {
    const node = this.#nodes.lister.byKey(name);
    if (!node) return Promise.resolve('is gone: nothing to do');
    let count = 0;
    for (const set of this.#sets.lister.list()) {
      const { runs, continues } = nodeVerdict(node, set);
      const isThere = podsOfOwner(this.#pods.lister, set, false).some(
        ({ spec }) => spec?.nodeName === name,
      );
      const isStray = isThere && (set.status?.numberMisscheduled ?? 0) > 0;
      if ((runs && !isThere) || (!continues && isThere) || isStray) {
        this.queue.add(keyOf(set), cause.cause);
        count++;
      }
    }
    return Promise.resolve(`concerns ${count} DaemonSets`);
  }

  #podAdded(pod: Pod, cause: EventId): void {
    if (pod.metadata.deletionTimestamp) {
      this.#podDeleted(pod, cause);
      return;
    }
    const set = this.#resolve(pod, controllerOf(pod));
    if (set) {
      this.#expectations.creationObserved(keyOf(set));
      this.queue.add(keyOf(set), cause);
    } else if (!controllerOf(pod)) this.#enqueueSelecting(pod, cause);
  }

  #podUpdated(old: Pod, pod: Pod, cause: EventId): void {
    if (pod.metadata.deletionTimestamp) {
      this.#podDeleted(pod, cause);
      return;
    }
    const [before, now] = [controllerOf(old), controllerOf(pod)];
    const hasChanged = !equal(before, now);
    const former = hasChanged ? this.#resolve(old, before) : undefined;
    if (former) this.queue.add(keyOf(former), cause);
    const set = this.#resolve(pod, now);
    if (set) {
      this.queue.add(keyOf(set), cause);
      const { minReadySeconds = 0 } = specOf(set);
      if (minReadySeconds > 0 && !isPodReady(old) && isPodReady(pod))
        this.queue.addAfter(keyOf(set), (minReadySeconds + 1) * second, cause);
    } else if (!now && (hasChanged || !equal(old.metadata.labels, pod.metadata.labels)))
      this.#enqueueSelecting(pod, cause);
  }

  #podDeleted(pod: Pod, cause: EventId): void {
    const set = this.#resolve(pod, controllerOf(pod));
    if (!set) return;
    this.#expectations.someDeletionObserved(keyOf(set));
    this.queue.add(keyOf(set), cause);
  }

  #enqueueSelecting(pod: Pod, cause: EventId): void {
    if (!pod.metadata.labels) return;
    for (const set of this.#sets.lister.list(pod.metadata.namespace)) {
      const selector = selectorOf(specOf(set).selector);
      if (!selector.isEmpty && selector.matches(pod.metadata.labels))
        this.queue.add(keyOf(set), cause);
    }
  }

  #resolve(pod: Pod, reference: OwnerReference | undefined): DaemonSet | undefined {
    if (reference?.kind !== 'DaemonSet') return undefined;
    const set = this.#sets.lister.get(pod.metadata.namespace ?? '', reference.name);
    return set?.metadata.uid === reference.uid ? set : undefined;
  }
}

/** Without pods that ended and are going. Models getNodesToDaemonPods. */
function podsByNode(own: readonly Pod[]): PodsByNode {
  const byNode: PodsByNode = new Map();
  for (const pod of own) {
    const node = targetNode(pod);
    if (node === undefined || (isPodTerminal(pod) && pod.metadata.deletionTimestamp)) continue;
    byNode.set(node, [...(byNode.get(node) ?? []), pod]);
  }
  return byNode;
}
