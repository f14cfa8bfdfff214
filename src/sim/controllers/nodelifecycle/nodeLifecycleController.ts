import { clone, keyOf, type JsonObject } from '../../../api/meta.ts';
import { leases, nodes, pods } from '../../../api/resources.ts';
import { StatusError } from '../../../api/status.ts';
import type { Lease } from '../../../api/types/coordinationV1.ts';
import type { Node, NodeCondition, Pod, Taint } from '../../../api/types/coreV1.ts';
import { millisecond, second } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/workQueue.ts';
import { conditionOf } from '../shared/conditions.ts';
import { nodeReady, POD_NODE, zoneOf } from '../shared/nodes.ts';
import { updatePodCondition } from '../shared/podStatus.ts';
import {
  hasTaint,
  removeTaints,
  sameTaint,
  swapTaints,
  type TaintWriter,
} from '../shared/taints.ts';
import { checkHealth, type NodeHealth } from './nodeHealth.ts';
import { Zones } from './zones.ts';

const MONITOR_PERIOD = 5 * second;
const TAINT_PERIOD = 100 * millisecond;
const RETRY = 20 * millisecond;
const RETRIES = 5;

const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' };
const UNREACHABLE: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** Which condition, with which status, is which taint. */
const CONDITION_TAINTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: NOT_READY.key, Unknown: UNREACHABLE.key },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};
const OWN_TAINTS = new Set([
  UNSCHEDULABLE,
  ...Object.values(CONDITION_TAINTS).flatMap((keys) => Object.values(keys)),
]);

/** Watches over the nodes' signs of life. Models pkg/controller/nodelifecycle Controller. */
export class NodeLifecycleController extends Controller {
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #leases: Informer<Lease>;
  readonly #podQueue: WorkQueue;
  readonly #recorder: EventRecorder;
  readonly #zones: Zones;
  readonly #writer: TaintWriter;
  readonly #known = new Map<string, Node>();
  readonly #health = new Map<string, NodeHealth>();
  readonly #retry = new Set<string>();
  #isTainting = false;

  constructor(options: ControllerOptions) {
    super(options, 'node_lifecycle_controller', { workers: 8 });
    this.#zones = new Zones(this.clock);
    this.#writer = {
      client: this.client,
      clock: this.clock,
      random: this.random.fork('taints'),
    };
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'node-controller',
      }),
    );
    this.#podQueue = this.addQueue('node_lifecycle_controller_pods', (key, cause) =>
      this.#processPod(key, cause),
    );
    this.#nodes = this.informer(nodes, {
      added: (node, cause) => this.queue.add(keyOf(node), cause),
      updated: (_, node, cause) => this.queue.add(keyOf(node), cause),
      deleted: (node) => this.#retry.delete(keyOf(node)),
    });
    const bound = (old: Pod | undefined, pod: Pod, cause: EventId): void => {
      const node = pod.spec?.nodeName;
      if (node && node !== old?.spec?.nodeName) this.#podQueue.add(keyOf(pod), cause);
    };
    this.#pods = this.informer(pods, {
      added: (pod, cause) => bound(undefined, pod, cause),
      updated: (old, pod, cause) => bound(old, pod, cause),
    });
    this.#pods.addIndex(POD_NODE, (pod) => [pod.spec?.nodeName ?? '']);
    this.#leases = this.informer(leases, undefined, { namespace: 'kube-node-lease' });
  }

  protected override synced(): void {
    this.every(MONITOR_PERIOD, 'looks after the nodes', (cause) => this.#monitor(cause));
  }

  /** Conditions become NoSchedule taints; old labels follow new ones. */
  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const node = this.#nodes.lister.byKey(key);
    if (!node) return 'is gone: nothing to do';
    const notes: string[] = [];
    await quietly(async () => {
      const note = await this.#taintNoSchedule(node, cause);
      if (note) notes.push(note);
    });
    await quietly(async () => {
      const note = await this.#reconcileLabels(node, cause);
      if (note) notes.push(note);
    });
    return notes.join('; ') || 'its taints and labels are right';
  }

  /** Models doNoScheduleTaintingPass. */
  async #taintNoSchedule(node: Node, cause: Cause): Promise<string> {
    const wanted: Taint[] = [];
    for (const { type, status } of node.status?.conditions ?? []) {
      const key = CONDITION_TAINTS[type]?.[status];
      if (key !== undefined) wanted.push({ key, effect: 'NoSchedule' });
    }
    if (node.spec?.unschedulable) wanted.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
    const current = (node.spec?.taints ?? []).filter(
      ({ key, effect }) => effect === 'NoSchedule' && OWN_TAINTS.has(key),
    );
    const add = wanted.filter((taint) => !current.some((one) => sameTaint(one, taint)));
    const remove = current.filter((taint) => !wanted.some((one) => sameTaint(one, taint)));
    if (add.length === 0 && remove.length === 0) return '';
    await swapTaints(this.#writer, node, add, remove, cause);
    const words = [
      ...add.map(({ key }) => `+${key}:NoSchedule`),
      ...remove.map(({ key }) => `-${key}:NoSchedule`),
    ];
    return `taints ${words.join(' ')}`;
  }

  /** Models reconcileNodeLabels. */
  async #reconcileLabels(node: Node, cause: Cause): Promise<string> {
    const { labels } = node.metadata;
    if (!labels) return '';
    const update: Record<string, string> = {};
    for (const [primary, secondary] of [
      ['kubernetes.io/os', 'beta.kubernetes.io/os'],
      ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
    ] as const) {
      const value = labels[primary];
      if (value !== undefined && labels[secondary] !== value) update[secondary] = value;
    }
    if (Object.keys(update).length === 0) return '';
    const patch: JsonObject = { metadata: { labels: update } };
    await this.client.patch(nodes, '', keyOf(node), 'strategic', patch, cause);
    return `labels ${Object.keys(update).join(' ')}`;
  }

  /** Models monitorNodeHealth. */
  async #monitor(cause: () => Cause): Promise<void> {
    const all = this.#nodes.lister.list();
    await this.#register(all, cause);
    const ready = new Map<string, boolean[]>();
    await Promise.all(
      all.map(async (node) => {
        const condition = await this.#monitorNode(node, cause);
        if (!condition || 'node.kubernetes.io/exclude-disruption' in (node.metadata.labels ?? {}))
          return;
        const zone = zoneOf(node);
        ready.set(zone, [...(ready.get(zone) ?? []), condition.status === 'True']);
      }),
    );
    const outcome = this.#zones.update(ready);
    if (outcome === 'allFailed')
      for (const node of all) await quietly(() => this.#markReachable(node, cause));
    if (outcome === 'recovered') {
      const probed = this.clock.now();
      for (const [name, health] of this.#health) this.#health.set(name, { ...health, probed });
    }
  }

  async #register(all: readonly Node[], cause: () => Cause): Promise<void> {
    const names = new Set(all.map(keyOf));
    for (const node of all) {
      const name = keyOf(node);
      this.#zones.add(node);
      if (this.#known.has(name)) continue;
      this.#known.set(name, node);
      this.#nodeEvent(node, 'RegisteredNode', `Registered Node ${name} in Controller`, cause());
      await quietly(() => this.#markReachable(node, cause));
    }
    for (const [name, node] of this.#known)
      if (!names.has(name)) {
        this.#known.delete(name);
        this.#health.delete(name);
        this.#nodeEvent(node, 'RemovingNode', `Removing Node ${name} from Controller`, cause());
      }
  }

  /** The Ready condition it ends up with; undefined when that could not be found out. */
  async #monitorNode(seen: Node, cause: () => Cause): Promise<NodeCondition | undefined> {
    const checked = await this.#checkNode(seen, cause);
    if (!checked) return undefined;
    const { node, observed } = checked;
    const name = keyOf(node);
    const current = nodeReady(node);
    if (!current) return observed;
    await quietly(() => this.#taintByReadiness(node, current, cause));
    const failedNow = current.status !== 'True' && observed.status === 'True';
    if (failedNow) {
      const message = `Node ${name} status is now: NodeNotReady`;
      this.#recorder.record(reference(node), 'Normal', 'NodeNotReady', message, cause());
    }
    if (failedNow || (this.#retry.has(name) && observed.status !== 'True')) {
      const bound = this.#pods.lister.byIndex(POD_NODE, name);
      if (!(await this.#markPodsNotReady(bound, name, cause()))) {
        this.#retry.add(name);
        return current;
      }
    }
    this.#retry.delete(name);
    return current;
  }

  async #checkNode(
    seen: Node,
    cause: () => Cause,
  ): Promise<{ node: Node; observed: NodeCondition } | undefined> {
    const name = keyOf(seen);
    for (let node = seen, tries = 1; tries <= RETRIES; tries++) {
      const lease = this.#leases.lister.get('kube-node-lease', name);
      const check = checkHealth(node, this.#health.get(name), lease, this.clock.now());
      if (!check.lost) {
        this.#health.set(name, check.health);
        return { node, observed: check.observed };
      }
      try {
        await this.client.update(nodes, check.lost, cause(), 'status');
        this.#health.set(name, check.health);
        return { node: check.lost, observed: check.observed };
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        await this.clock.sleep(RETRY);
        const fresh = await this.client.get(nodes, '', name, cause()).catch(statusOnly);
        if (!fresh) return undefined;
        node = fresh;
      }
    }
    return undefined;
  }

  /** Models processTaintBaseEviction. */
  async #taintByReadiness(node: Node, ready: NodeCondition, cause: () => Cause): Promise<void> {
    if (ready.status === 'True') {
      await this.#markReachable(node, cause);
      return;
    }
    const [taint, opposite] =
      ready.status === 'False' ? [NOT_READY, UNREACHABLE] : [UNREACHABLE, NOT_READY];
    if (hasTaint(node, opposite)) {
      await swapTaints(this.#writer, node, [taint], [opposite], cause());
      return;
    }
    const queue = this.#zones.tainterOf(node);
    if (!hasTaint(node, taint)) queue?.remove(keyOf(node));
    if (queue?.add(keyOf(node))) this.#taintSoon();
  }

  async #markReachable(node: Node, cause: () => Cause): Promise<void> {
    for (const taint of [UNREACHABLE, NOT_READY])
      if (hasTaint(node, taint)) await removeTaints(this.#writer, node, [taint], cause());
    this.#zones.tainterOf(node)?.remove(keyOf(node));
  }

  /** Models doNoExecuteTaintingPass, which here runs only while nodes wait for it. */
  #taintSoon(): void {
    if (this.#isTainting) return;
    this.#isTainting = true;
    this.after(TAINT_PERIOD, async () => {
      const cause = { cause: this.timer(this.started, 'taints nodes that are not ready') };
      for (const queue of this.#zones.tainters)
        for (let name = queue.next(); name !== undefined; name = queue.next()) {
          const isDone = await this.#taintNoExecute(name, cause);
          if (!isDone) break;
          queue.done(name);
        }
      this.#isTainting = false;
      if (this.#zones.tainters.some((queue) => !queue.isEmpty)) this.#taintSoon();
    });
  }

  async #taintNoExecute(name: string, cause: Cause): Promise<boolean> {
    const node = this.#nodes.lister.byKey(name);
    if (!node) return true;
    const status = nodeReady(node)?.status;
    if (status === undefined) return false;
    if (status === 'True') return true;
    const [taint, opposite] =
      status === 'False' ? [NOT_READY, UNREACHABLE] : [UNREACHABLE, NOT_READY];
    return quietly(() => swapTaints(this.#writer, node, [taint], [opposite], cause));
  }

  /** A pod that comes to a node that is not ready is not ready either. */
  async #processPod(key: string, cause: Cause): Promise<string> {
    const pod = this.#pods.lister.byKey(key);
    const node = pod?.spec?.nodeName ?? '';
    const ready = this.#health.get(node)?.ready;
    if (!pod || !ready || !this.#nodes.lister.byKey(node)) return 'nothing to do';
    if (ready.status === 'True') return `its node ${node} is ready`;
    await this.#markPodsNotReady([pod], node, cause);
    return `its node ${node} is not ready: neither is the pod`;
  }

  /** Whether all could be marked. Models MarkPodsNotReady. */
  async #markPodsNotReady(bound: readonly Pod[], node: string, cause: Cause): Promise<boolean> {
    let isDone = true;
    for (const pod of bound) {
      const ready = conditionOf(pod.status?.conditions, 'Ready');
      if (pod.spec?.nodeName !== node || !ready) continue;
      const condition = { ...ready, status: 'False' };
      const conditions = updatePodCondition(pod.status?.conditions, condition, this.clock.now());
      if (!conditions) continue;
      const changed = clone(pod);
      changed.status = { ...changed.status, conditions };
      try {
        await this.client.update(pods, changed, cause, 'status');
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        if (error.reason === 'NotFound') continue;
        isDone = false;
      }
      this.#recorder.record(pod, 'Warning', 'NodeNotReady', 'Node is not ready', cause);
    }
    return isDone;
  }

  #nodeEvent(node: Node, reason: string, message: string, cause: Cause): void {
    const text = `Node ${keyOf(node)} event: ${message}`;
    this.#recorder.record(reference(node), 'Normal', reason, text, cause);
  }
}

const reference = ({
  metadata,
}: Node): { apiVersion: string; kind: string; name: string; uid: string } => ({
  apiVersion: 'v1',
  kind: 'Node',
  name: metadata.name ?? '',
  uid: metadata.uid ?? '',
});

const statusOnly = (error: unknown): undefined => {
  if (!(error instanceof StatusError)) throw error;
  return undefined;
};

/** Whether it worked. As upstream, a refusal is left to the next round. */
async function quietly(task: () => Promise<unknown>): Promise<boolean> {
  try {
    await task();
    return true;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return false;
  }
}
