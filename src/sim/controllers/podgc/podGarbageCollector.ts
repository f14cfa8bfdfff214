import { clone, keyOf } from '../../../api/meta.ts';
import { nodes, pods } from '../../../api/resources.ts';
import { StatusError } from '../../../api/status.ts';
import type { Node, Pod, PodCondition } from '../../../api/types/coreV1.ts';
import { second, type Micros } from '../../../base/time.ts';
import type { Cause } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { nodeReady } from '../shared/nodes.ts';
import { byCreation, unlessNotFound } from '../shared/objects.ts';
import { isPodTerminal } from '../shared/pods.ts';
import { disruptionTarget, patchPodStatus, updatePodCondition } from '../shared/podStatus.ts';

const PERIOD: Micros = 20 * second;
const QUARANTINE: Micros = 40 * second;
/** More pods that are over than this are deleted, the oldest first. */
const TERMINATED_LIMIT = 12500;

/** Deletes pods that nobody else will. Models pkg/controller/podgc PodGCController. */
export class PodGarbageCollector extends Controller {
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  /** Since when a node is missing. */
  readonly #missing = new Map<string, Micros>();

  constructor(options: ControllerOptions) {
    super(options, 'orphaned_pods_nodes');
    this.#pods = this.informer(pods);
    this.#nodes = this.informer(nodes);
  }

  protected override synced(): void {
    this.every(PERIOD, 'looks for pods that nobody deletes', (cause) => this.#collect(cause));
  }

  protected reconcile(): Promise<string> {
    return Promise.resolve('works by the clock alone');
  }

  async #collect(cause: () => Cause): Promise<void> {
    const all = this.#pods.lister.list();
    const over = all.filter(isPodTerminal).sort(byEvictionAndCreation);
    const surplus = over.slice(0, Math.max(0, over.length - TERMINATED_LIMIT));
    await this.#deleteAll(surplus, cause);
    await this.#deleteAll(
      all.filter((pod) => this.#isOutOfService(pod)),
      cause,
    );
    await this.#collectOrphaned(all, cause);
    const stuck = all.filter((pod) => pod.metadata.deletionTimestamp && !pod.spec?.nodeName);
    await this.#deleteAll(stuck, cause);
  }

  #isOutOfService(pod: Pod): boolean {
    const node = this.#nodes.lister.byKey(pod.spec?.nodeName ?? '');
    return (
      !!pod.metadata.deletionTimestamp &&
      !!node &&
      nodeReady(node)?.status !== 'True' &&
      (node.spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/out-of-service') ?? false)
    );
  }

  /** Pods of nodes that have been missing for a while. Models gcOrphaned. */
  async #collectOrphaned(all: readonly Pod[], cause: () => Cause): Promise<void> {
    const now = this.clock.now();
    const missing = new Set<string>();
    for (const { spec } of all)
      if (spec?.nodeName && !this.#nodes.lister.byKey(spec.nodeName)) missing.add(spec.nodeName);
    for (const name of this.#missing.keys()) if (!missing.has(name)) this.#missing.delete(name);
    for (const name of missing) {
      const since = this.#missing.get(name);
      if (since === undefined) this.#missing.set(name, now);
      if (since === undefined || now - since < QUARANTINE) continue;
      if (await unlessNotFound(this.client.get(nodes, '', name, cause()))) continue;
      this.#missing.delete(name);
      const orphans = all.filter((pod) => pod.spec?.nodeName === name);
      await this.#deleteAll(orphans, cause, (pod) =>
        disruptionTarget(pod, 'DeletionByPodGC', 'PodGC: node no longer exists'),
      );
    }
  }

  /** Models markFailedAndDeletePodWithCondition. */
  async #deleteAll(
    doomed: readonly Pod[],
    cause: () => Cause,
    conditionOf?: (pod: Pod) => PodCondition,
  ): Promise<void> {
    for (const pod of doomed)
      try {
        if (!isPodTerminal(pod)) await this.#markFailed(pod, conditionOf?.(pod), cause());
        const { namespace = '', name = '' } = pod.metadata;
        await this.client.delete(pods, namespace, name, { gracePeriodSeconds: 0 }, cause());
      } catch (error) {
        // Tried again in the next round.
        if (!(error instanceof StatusError)) throw error;
      }
  }

  async #markFailed(pod: Pod, condition: PodCondition | undefined, cause: Cause): Promise<void> {
    const { generation } = pod.metadata;
    const status = clone(pod.status ?? {});
    status.phase = 'Failed';
    if (generation !== undefined) status.observedGeneration = generation;
    const conditions =
      condition && updatePodCondition(status.conditions, condition, this.clock.now());
    await patchPodStatus(this.client, pod, { ...status, ...(conditions && { conditions }) }, cause);
  }
}

const byEvictionAndCreation = (a: Pod, b: Pod): number => {
  const isEvicted = (pod: Pod): number => Number(pod.status?.reason === 'Evicted');
  return isEvicted(b) - isEvicted(a) || byCreation(a, b) || (keyOf(a) < keyOf(b) ? -1 : 1);
};
