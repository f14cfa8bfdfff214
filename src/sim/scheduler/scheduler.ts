import { formatTime, minute, second, type Micros } from '../../base/time.ts';
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
import { isStatus, StatusError } from '../../api/status.ts';
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodCondition,
} from '../../api/types/coreV1.ts';
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
import type { Candidate } from './preemption.ts';
import { isFullyBound, VolumeBinder, type PodClaims } from './volumeBinder.ts';

const profile = 'default-scheduler';

/** The profiles: whose Pods are scheduled. */
export const schedulerNames: ReadonlySet<string> = new Set([profile]);
/** How long a pod may wait before it is tried again although nothing has changed. */
const unschedulableTimeout: Micros = 5 * minute;
const flushInterval: Micros = 30 * second;
/** How long claims may take to be bound. */
const bindTimeout: Micros = 10 * minute;

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
  readonly #claims: Lister<PersistentVolumeClaim>;
  readonly #volumes: VolumeBinder;
  readonly #events: SeriesRecorder;

  constructor(options: ControllerOptions) {
    super(options, 'scheduler', { rateLimiter: new ExponentialRateLimiter(second, 10 * second) });
    const { client, clock, random } = options;
    this.#events = this._register(
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
    this.#claims = this.informer(persistentvolumeclaims, {
      added: retry,
      updated: (_, claim, cause) => retry(claim, cause),
    }).lister;
    this.#volumes = new VolumeBinder(
      {
        claims: this.#claims,
        volumes: this.informer<PersistentVolume>(persistentvolumes, { added: retry }).lister,
        classes: this.informer<StorageClass>(storageclasses, { added: retry }).lister,
      },
      client,
    );
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
    const because = { cause: decided };
    if ('delayed' in claims && claims.delayed.length) {
      this.#assume(pod, decision.node);
      void this.#bindWithVolumes(pod, decision.node, claims, because);
      return `binds the volumes of ${key}, then binds it to ${decision.node}`;
    }
    this.#assume(pod, decision.node);
    await this.#bind(pod, decision.node, because);
    return `binds ${key} to ${decision.node}`;
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

  /** Waits, beside all else, until the claims are bound; looks every second. Models PreBind of VolumeBinding. */
  async #bindWithVolumes(pod: Pod, node: string, claims: PodClaims, cause: Cause): Promise<void> {
    const info = this.#infos.get(node);
    const uid = pod.metadata.uid ?? '';
    const areBound = (): boolean =>
      claims.delayed.every((one) => {
        const claim = this.#claims.byKey(keyOf(one));
        return claim !== undefined && isFullyBound(claim);
      });
    try {
      await this.#nominate(pod, node, cause);
      if (info) await this.#volumes.bind(claims, info.node, cause);
      const deadline = this.clock.now() + bindTimeout;
      do await this.clock.sleep(second);
      while (this.#assumed.has(uid) && !areBound() && this.clock.now() < deadline);
      if (!this.#assumed.has(uid)) return;
      if (areBound()) await this.#bind(pod, node, cause);
      else this.#retryUnbound(pod, node, cause);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#retryUnbound(pod, node, cause);
    }
  }

  #retryUnbound(pod: Pod, node: string, cause: Cause): void {
    this.#forget(pod, node);
    this.queue.addRateLimited(keyOf(pod), cause.cause);
  }

  /** Tells where the pod is to go while that takes time. */
  async #nominate({ metadata }: Pod, nominatedNodeName: string, cause: Cause): Promise<void> {
    const { namespace = '', name = '' } = metadata;
    const patch = { status: { nominatedNodeName } };
    const options = { subresource: 'status' };
    await this.client.patch(pods, namespace, name, 'strategic', patch, cause, options);
  }

  async #bind(pod: Pod, node: string, cause: Cause): Promise<void> {
    const { uid = '', name = '', namespace = '' } = pod.metadata;
    try {
      await this.client.createSubresource(
        pods,
        namespace,
        name,
        'binding',
        {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name, namespace, uid },
          target: { kind: 'Node', name: node },
        },
        cause,
      );
    } catch (error) {
      this.#forget(pod, node);
      if (isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return;
      throw error;
    }
    this.#events.record(
      {
        regarding: pod,
        type: 'Normal',
        reason: 'Scheduled',
        action: 'Binding',
        note: `Successfully assigned ${namespace}/${name} to ${node}`,
      },
      cause,
    );
  }

  #nominatedByNode(): Map<string, Pod[]> {
    const byNode = new Map<string, Pod[]>();
    for (const { pod, node } of this.#nominated.values())
      byNode.set(node, [...(byNode.get(node) ?? []), pod]);
    return byNode;
  }

  /** Removes lower pods; those that wait for the node with less priority give it up. Models prepareCandidate and PreemptPod. */
  async #makeRoom(pod: Pod, { node, victims }: Candidate, cause: Cause): Promise<void> {
    for (const victim of victims) {
      if (victim.metadata.deletionTimestamp) continue;
      try {
        await this.#preempt(pod, victim, node, cause);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
      }
    }
  }

  async #preempt(pod: Pod, victim: Pod, node: string, cause: Cause): Promise<void> {
    const { namespace = '', name = '', generation } = victim.metadata;
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${profile}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: formatTime(this.clock.now()),
      lastProbeTime: null,
      ...(generation !== undefined && { observedGeneration: generation }),
    };
    const patch = { status: { conditions: [condition] } };
    const options = { subresource: 'status' };
    await this.client.patch(pods, namespace, name, 'strategic', patch, cause, options);
    await this.client.delete(pods, namespace, name, {}, cause);
    this.#events.record(
      {
        regarding: victim,
        related: pod,
        type: 'Normal',
        reason: 'Preempted',
        action: 'Preempting',
        note: `Preempted by pod ${pod.metadata.uid ?? ''} on node ${node}`,
      },
      cause,
    );
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
      void this.#makeRoom(pod, preemption, cause);
    }
    this.#waiting.set(key, { since: this.clock.now(), cause: decided });
    this.#events.record(
      {
        regarding: pod,
        type: 'Warning',
        reason: 'FailedScheduling',
        action: 'Scheduling',
        note: message,
      },
      cause,
    );
    const condition: PodCondition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    };
    const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const isSame =
      known?.status === condition.status &&
      known.reason === condition.reason &&
      known.message === condition.message &&
      known.observedGeneration === condition.observedGeneration;
    if (!isSame || preemption) {
      const patch = {
        status: {
          ...(preemption && { nominatedNodeName: preemption.node }),
          conditions: [
            {
              lastProbeTime: null,
              lastTransitionTime:
                known?.status === 'False'
                  ? (known.lastTransitionTime ?? null)
                  : formatTime(this.clock.now()),
              ...condition,
            },
          ],
        },
      };
      await this.client.patch(
        pods,
        pod.metadata.namespace ?? '',
        pod.metadata.name ?? '',
        'strategic',
        patch,
        cause,
        { subresource: 'status' },
      );
    }
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
