import { minute, second, type Micros } from '../../base/time.ts';
import { equal, keyOf } from '../../api/meta.ts';
import {
  nodes,
  persistentvolumeclaims,
  persistentvolumes,
  poddisruptionbudgets,
  pods,
  replicasets,
  replicationcontrollers,
  services,
  statefulsets,
  storageclasses,
} from '../../api/resources.ts';
import type { Node, PersistentVolume, Pod } from '../../api/types/coreV1.ts';
import type { PodDisruptionBudget } from '../../api/types/policyV1.ts';
import type { StorageClass } from '../../api/types/storageV1.ts';
import type { Cause, CauseId } from '../../trace/event.ts';
import { Controller, type ControllerOptions } from '../client/controller.ts';
import { ExponentialRateLimiter } from '../client/rateLimiter.ts';
import type { Lister } from '../client/objectCache.ts';
import { SeriesRecorder } from '../client/seriesRecorder.ts';
import { schedule, type Decision } from './cycle.ts';
import type { PodFacts } from './framework.ts';
import { kinOf, type KinListers } from './kin.ts';
import { byZone, NodeInfo } from './nodeInfo.ts';
import { PodWrites } from './podWrites.ts';
import { VolumeBinder, type PodClaims } from './volumeBinder.ts';

const profile = 'default-scheduler';

/** The profiles: whose Pods are scheduled. */
export const schedulerNames: ReadonlySet<string> = new Set([profile]);
/** How long a pod may wait before it is tried again although nothing has changed. */
const unschedulableTimeout: Micros = 5 * minute;
const flushInterval: Micros = 30 * second;

interface Waiting {
  readonly since: Micros;
  readonly cause: CauseId;
}

/**
 * Gives every pod a node. Its queue holds pods that can be tried; those that fit nowhere wait until something changes
 * that may help. Models kubernetes/pkg/scheduler.
 */
export class Scheduler extends Controller {
  readonly #infos = new Map<string, NodeInfo>();
  readonly #assumed = new Map<string, Pod>();
  readonly #waiting = new Map<string, Waiting>();
  /** Pods that room is made for, by uid, and where. */
  readonly #nominated = new Map<string, { readonly pod: Pod; readonly node: string }>();
  readonly #pods: Lister<Pod>;
  readonly #kin: KinListers;
  readonly #budgets: Lister<PodDisruptionBudget>;
  readonly #volumes: VolumeBinder;
  readonly #writes: PodWrites;

  constructor(options: ControllerOptions) {
    super(options, 'scheduler', { rateLimiter: new ExponentialRateLimiter(second, 10 * second) });
    const { client, clock, random } = options;
    const events = this._register(
      new SeriesRecorder({
        client,
        clock,
        random: random.fork('events'),
        reportingController: profile,
        host: 'control-plane',
      }),
    );
    this.#pods = this.informer(pods, {
      added: (pod, cause) => this.#podChanged(undefined, pod, cause),
      updated: (old, pod, cause) => this.#podChanged(old, pod, cause),
      deleted: (pod, cause) => this.#podGone(pod, cause),
    }).lister;
    this.informer(nodes, {
      added: (node, cause) => this.#nodeChanged(undefined, node, cause),
      updated: (old, node, cause) => this.#nodeChanged(old, node, cause),
      deleted: (node) => this.#infos.delete(node.metadata.name ?? ''),
    });
    const retry = (_: unknown, cause: CauseId): void => this.#retryAll(cause);
    const claims = this.informer(persistentvolumeclaims, {
      added: retry,
      updated: (_, claim, cause) => retry(claim, cause),
    }).lister;
    this.#volumes = new VolumeBinder(
      {
        claims,
        volumes: this.informer<PersistentVolume>(persistentvolumes, { added: retry }).lister,
        classes: this.informer<StorageClass>(storageclasses, { added: retry }).lister,
      },
      client,
    );
    this.#writes = new PodWrites({
      client,
      clock,
      events,
      volumes: this.#volumes,
      claims,
      profile,
    });
    this.#budgets = this.informer(poddisruptionbudgets).lister;
    this.#kin = {
      services: this.informer(services).lister,
      replicationControllers: this.informer(replicationcontrollers).lister,
      replicaSets: this.informer(replicasets).lister,
      statefulSets: this.informer(statefulsets).lister,
    };
  }

  protected override synced(): void {
    this.every(flushInterval, 'looks for pods that wait for long', (cause) => {
      for (const [key, { since }] of [...this.#waiting]) {
        if (this.clock.now() - since > unschedulableTimeout) this.#retry(key, cause().cause);
      }
      return Promise.resolve();
    });
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const pod = this.#pods.byKey(key);
    if (!pod || !isOurs(pod) || this.#assumed.has(pod.metadata.uid ?? ''))
      return 'nothing to schedule';
    const started = this.trace.emit('scheduler', cause, {
      type: 'schedule',
      phase: 'started',
      pod: key,
      summary: `Looks for a node for ${key}`,
    });
    const claims = this.#volumes.claimsOf(pod);
    const facts: PodFacts = {
      kin: kinOf(pod, this.#kin),
      nominated: this.#nominatedByNode(),
      budgets: this.#budgets.list(),
      ...('problem' in claims ? claims : { volumes: this.#volumes.checkFor(claims) }),
    };
    const decision = schedule(pod, byZone(this.#infos.values()), facts, (note) =>
      this.trace.emit('scheduler', started, { type: 'schedule', pod: key, ...note }),
    );
    if ('message' in decision) return this.#failed(key, pod, decision, started);
    const decided = this.trace.emit('scheduler', started, {
      type: 'schedule',
      phase: 'decision',
      pod: key,
      node: decision.node,
      summary: `${key} goes to ${decision.node}`,
    });
    this.#assume(pod, decision.node);
    void this.#place(pod, decision.node, claims, { cause: decided });
    return `${key} goes to ${decision.node}`;
  }

  /** From now on the pod counts as placed, also before it is bound. */
  #assume(pod: Pod, node: string): void {
    const placed: Pod = { ...pod, spec: { ...(pod.spec ?? { containers: [] }), nodeName: node } };
    this.#assumed.set(pod.metadata.uid ?? '', placed);
    this.#infos.get(node)?.add(placed);
    this.queue.forget(keyOf(pod));
  }

  /** Takes back what was assumed. */
  #forget(pod: Pod, node: string): void {
    this.#assumed.delete(pod.metadata.uid ?? '');
    this.#infos.get(node)?.remove(pod);
  }

  /** Beside the cycles, which go on meanwhile. */
  async #place(
    pod: Pod,
    name: string,
    claims: PodClaims | { readonly problem: string },
    cause: Cause,
  ): Promise<void> {
    const node = this.#infos.get(name)?.node;
    const isWanted = (): boolean => this.#assumed.has(pod.metadata.uid ?? '');
    const isBound =
      node && !('problem' in claims)
        ? await this.#writes.place(pod, node, claims, isWanted, cause)
        : false;
    if (isBound) return;
    this.#forget(pod, name);
    if (isBound === false) this.queue.addRateLimited(keyOf(pod), cause.cause);
  }

  #nominatedByNode(): Map<string, Pod[]> {
    const byNode = new Map<string, Pod[]>();
    for (const { pod, node } of this.#nominated.values())
      byNode.set(node, [...(byNode.get(node) ?? []), pod]);
    return byNode;
  }

  async #failed(
    key: string,
    pod: Pod,
    { message, preemption }: Extract<Decision, { readonly message: string }>,
    started: CauseId,
  ): Promise<string> {
    const decided = this.trace.emit('scheduler', started, {
      type: 'schedule',
      phase: 'decision',
      pod: key,
      passed: false,
      summary: message,
    });
    const cause = { cause: decided };
    if (preemption) {
      this.#nominated.set(pod.metadata.uid ?? '', { pod, node: preemption.node });
      void this.#writes.makeRoom(pod, preemption, cause);
    }
    this.#waiting.set(key, { since: this.clock.now(), cause: decided });
    await this.#writes.markUnschedulable(pod, message, preemption, cause);
    return message;
  }

  #podChanged(old: Pod | undefined, pod: Pod, cause: CauseId): void {
    const key = keyOf(pod);
    const node = pod.spec?.nodeName;
    if (node) {
      this.#assumed.delete(pod.metadata.uid ?? '');
      this.#nominated.delete(pod.metadata.uid ?? '');
      this.#waiting.delete(key);
      const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
      if (isOver) this.#infos.get(node)?.remove(pod);
      else this.#infos.get(node)?.add(pod);
      if (isOver) this.#retryAll(cause);
      return;
    }
    if (!isOurs(pod)) return;
    // What the scheduler itself wrote about a pod is no reason to try it again.
    if (
      old &&
      this.#waiting.has(key) &&
      equal(old.spec, pod.spec) &&
      equal(old.metadata.labels, pod.metadata.labels)
    )
      return;
    this.#waiting.delete(key);
    this.queue.add(key, cause);
  }

  #podGone(pod: Pod, cause: CauseId): void {
    this.#waiting.delete(keyOf(pod));
    this.#assumed.delete(pod.metadata.uid ?? '');
    this.#nominated.delete(pod.metadata.uid ?? '');
    if (!pod.spec?.nodeName) return;
    this.#infos.get(pod.spec.nodeName)?.remove(pod);
    this.#retryAll(cause);
  }

  #nodeChanged(old: Node | undefined, node: Node, cause: CauseId): void {
    const name = node.metadata.name ?? '';
    const info = this.#infos.get(name);
    if (info) info.node = node;
    else this.#addNode(name, node);
    const matters =
      !old ||
      !equal(old.spec, node.spec) ||
      !equal(old.metadata.labels, node.metadata.labels) ||
      !equal(old.status?.allocatable, node.status?.allocatable);
    if (matters) this.#retryAll(cause);
  }

  #addNode(name: string, node: Node): void {
    const info = new NodeInfo(node);
    this.#infos.set(name, info);
    for (const pod of this.#pods.list())
      if (
        pod.spec?.nodeName === name &&
        pod.status?.phase !== 'Succeeded' &&
        pod.status?.phase !== 'Failed'
      )
        info.add(pod);
  }

  #retryAll(cause: CauseId): void {
    for (const key of [...this.#waiting.keys()]) this.#retry(key, cause);
  }

  #retry(key: string, cause: CauseId): void {
    this.#waiting.delete(key);
    this.queue.addRateLimited(key, cause);
  }
}

/** Pods without a node that are for this scheduler, may be scheduled and are not going away. */
function isOurs({ spec, metadata, status }: Pod): boolean {
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  return (
    !spec?.nodeName &&
    !isOver &&
    !metadata.deletionTimestamp &&
    (spec?.schedulerName ?? profile) === profile &&
    !spec?.schedulingGates?.length
  );
}
