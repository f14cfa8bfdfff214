import { formatTime, minute, second, type Clock, type Micros } from '../../base/time.ts';
import { keyOf } from '../../api/meta.ts';
import { pods } from '../../api/resources.ts';
import { isStatus, StatusError } from '../../api/status.ts';
import type { Node, PersistentVolumeClaim, Pod, PodCondition } from '../../api/types/coreV1.ts';
import type { Cause } from '../../trace/event.ts';
import type { Client } from '../client/client.ts';
import type { Lister } from '../client/objectCache.ts';
import type { SeriesRecorder } from '../client/seriesRecorder.ts';
import type { Candidate } from './preemption.ts';
import { isFullyBound, type PodClaims, type VolumeBinder } from './volumeBinder.ts';

/** How long claims may take to be bound. */
const bindTimeout: Micros = 10 * minute;

export interface PodWritesParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: SeriesRecorder;
  readonly volumes: VolumeBinder;
  readonly claims: Lister<PersistentVolumeClaim>;
  /** The profile that pods name as their scheduler. */
  readonly profile: string;
}

/** What the scheduler writes about pods, beside its cycles: bindings, nominations, evictions, and why not. */
export class PodWrites {
  readonly #parts: PodWritesParts;

  constructor(parts: PodWritesParts) {
    this.#parts = parts;
  }

  /**
   * Binds a pod, its volumes first. Resolves with whether it is bound; undefined: it is gone, or somebody else's now.
   * Models PreBind of VolumeBinding, and DefaultBinder.
   */
  async place(
    pod: Pod,
    node: Node,
    claims: PodClaims,
    isWanted: () => boolean,
    cause: Cause,
  ): Promise<boolean | undefined> {
    try {
      if (claims.delayed.length && !(await this.#bindVolumes(pod, node, claims, isWanted, cause)))
        return isWanted() ? false : undefined;
      await this.#bind(pod, node.metadata.name ?? '', cause);
      return true;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return isStatus(error, 'NotFound') || isStatus(error, 'Conflict') ? undefined : false;
    }
  }

  /** Removes the pods that are in the way. Models PreemptPod. */
  async makeRoom(pod: Pod, { node, victims }: Candidate, cause: Cause): Promise<void> {
    for (const victim of victims) {
      if (victim.metadata.deletionTimestamp) continue;
      try {
        await this.#preempt(pod, victim, node, cause);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
      }
    }
  }

  /** Says why a pod has no node, in an event and, unless it says so already, in its status. */
  async markUnschedulable(
    pod: Pod,
    message: string,
    preemption: Candidate | undefined,
    cause: Cause,
  ): Promise<void> {
    this.#parts.events.record(
      {
        regarding: pod,
        type: 'Warning',
        reason: 'FailedScheduling',
        action: 'Scheduling',
        note: message,
      },
      cause,
    );
    const { generation } = pod.metadata;
    const condition: PodCondition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      ...(generation !== undefined && { observedGeneration: generation }),
    };
    const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const isSame =
      known?.status === condition.status &&
      known.reason === condition.reason &&
      known.message === condition.message &&
      known.observedGeneration === condition.observedGeneration;
    if (isSame && !preemption) return;
    const since = known?.status === 'False' ? known.lastTransitionTime : undefined;
    const dated = {
      lastProbeTime: null,
      lastTransitionTime: since ?? formatTime(this.#parts.clock.now()),
      ...condition,
    };
    await this.#patchStatus(
      pod,
      { ...(preemption && { nominatedNodeName: preemption.node }), conditions: [dated] },
      cause,
    );
  }

  /** Returns whether all claims got a volume in time; looks every second. */
  async #bindVolumes(
    pod: Pod,
    node: Node,
    { bound, delayed }: PodClaims,
    isWanted: () => boolean,
    cause: Cause,
  ): Promise<boolean> {
    const { clock, volumes, claims } = this.#parts;
    const areBound = (): boolean =>
      delayed.every((one) => {
        const claim = claims.byKey(keyOf(one));
        return claim !== undefined && isFullyBound(claim);
      });
    await this.#patchStatus(pod, { nominatedNodeName: node.metadata.name ?? '' }, cause);
    await volumes.bind({ bound, delayed }, node, cause);
    const deadline = clock.now() + bindTimeout;
    do await clock.sleep(second);
    while (isWanted() && !areBound() && clock.now() < deadline);
    return isWanted() && areBound();
  }

  async #bind(pod: Pod, node: string, cause: Cause): Promise<void> {
    const { client, events } = this.#parts;
    const { uid = '', name = '', namespace = '' } = pod.metadata;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { kind: 'Node', name: node },
    };
    await client.createSubresource(pods, namespace, name, 'binding', binding, cause);
    events.record(
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

  async #preempt(pod: Pod, victim: Pod, node: string, cause: Cause): Promise<void> {
    const { client, clock, events, profile } = this.#parts;
    const { namespace = '', name = '', generation } = victim.metadata;
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${profile}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: formatTime(clock.now()),
      lastProbeTime: null,
      ...(generation !== undefined && { observedGeneration: generation }),
    };
    await this.#patchStatus(victim, { conditions: [condition] }, cause);
    await client.delete(pods, namespace, name, {}, cause);
    events.record(
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

  async #patchStatus({ metadata }: Pod, status: object, cause: Cause): Promise<void> {
    const { namespace = '', name = '' } = metadata;
    const patch = { status: { ...status } };
    const options = { subresource: 'status' };
    await this.#parts.client.patch(pods, namespace, name, 'strategic', patch, cause, options);
  }
}
