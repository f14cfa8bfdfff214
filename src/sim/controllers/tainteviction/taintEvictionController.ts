import { equal, keyOf, splitKey } from '../../../api/meta.ts';
import { nodes, pods } from '../../../api/resources.ts';
import { StatusError } from '../../../api/status.ts';
import type { Node, Pod, Taint, Toleration } from '../../../api/types/coreV1.ts';
import type { IDisposable } from '../../../base/disposable.ts';
import { millisecond, second, type Micros } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/workQueue.ts';
import { POD_NODE } from '../shared/nodes.ts';
import { disruptionTarget, patchPodStatus, updatePodCondition } from '../shared/podStatus.ts';
import { tolerates } from '../shared/tolerations.ts';

const RETRIES = 5;
const PAUSE = 10 * millisecond;

interface Eviction {
  readonly since: Micros;
  readonly timer: IDisposable;
}

/** Deletes pods that do not tolerate a NoExecute taint of their node, when their time is up. Models pkg/controller/tainteviction Controller. */
export class TaintEvictionController extends Controller {
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #podQueue: WorkQueue;
  readonly #recorder: EventRecorder;
  readonly #tainted = new Map<string, readonly Taint[]>();
  readonly #evictions = new Map<string, Eviction>();

  constructor(options: ControllerOptions) {
    super(options, 'noexec_taint_node');
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'taint-eviction-controller',
      }),
    );
    this.#podQueue = this.addQueue('noexec_taint_pod', (key, cause) =>
      Promise.resolve(this.#podChanged(key, cause)),
    );
    this.#nodes = this.informer(nodes, {
      added: (node, cause) => this.queue.add(keyOf(node), cause),
      updated: (old, node, cause) => {
        if (!equal(noExecute(old), noExecute(node))) this.queue.add(keyOf(node), cause);
      },
      deleted: (node, cause) => this.queue.add(keyOf(node), cause),
    });
    this.#pods = this.informer(pods, {
      added: (pod, cause) => this.#podQueue.add(keyOf(pod), cause),
      updated: (old, pod, cause) => {
        const isSame =
          equal(old.spec?.tolerations, pod.spec?.tolerations) &&
          old.spec?.nodeName === pod.spec?.nodeName;
        if (!isSame) this.#podQueue.add(keyOf(pod), cause);
      },
      deleted: (pod, cause) => this.#podQueue.add(keyOf(pod), cause),
    });
    this.#pods.addIndex(POD_NODE, (pod) => [pod.spec?.nodeName ?? '']);
  }

  protected reconcile(key: string, cause: Cause): Promise<string> {
    return Promise.resolve(this.#nodeChanged(key, cause));
  }

  #nodeChanged(name: string, cause: Cause): string {
    const node = this.#nodes.lister.byKey(name);
    const taints = node ? noExecute(node) : [];
    if (taints.length) this.#tainted.set(name, taints);
    else this.#tainted.delete(name);
    if (!node) return 'is gone: nothing to do';
    const bound = this.#pods.lister.byIndex(POD_NODE, name);
    for (const pod of bound)
      if (taints.length) this.#process(pod, taints, cause);
      else this.#cancel(keyOf(pod), cause);
    return taints.length
      ? `${taints.map(({ key }) => key).join(', ')} NoExecute: looks at ${bound.length} pods`
      : 'has no NoExecute taint';
  }

  #podChanged(key: string, cause: Cause): string {
    const pod = this.#pods.lister.byKey(key);
    if (!pod) {
      this.#cancel(key, cause);
      return 'is gone';
    }
    const taints = this.#tainted.get(pod.spec?.nodeName ?? '');
    return taints ? this.#process(pod, taints, cause) : 'its node has no NoExecute taint';
  }

  /** Models processPodOnNode. */
  #process(pod: Pod, taints: readonly Taint[], cause: Cause): string {
    const key = keyOf(pod);
    const used = usedTolerations(pod.spec?.tolerations ?? [], taints);
    if (!used) {
      this.#cancel(key, cause);
      this.#evict(key, cause);
      return 'does not tolerate it: deleted';
    }
    const delay = shortest(used);
    if (delay === undefined) {
      this.#cancel(key, cause);
      return 'tolerates it for ever';
    }
    const now = this.clock.now();
    const planned = this.#evictions.get(key);
    const since = planned?.since ?? now;
    if (planned) {
      if (since + delay < now + delay) return 'its time runs already';
      this.#cancel(key, cause);
    }
    if (delay <= 0) {
      this.#evict(key, cause);
      return 'its time is up: deleted';
    }
    const timer = this.after(delay, () => {
      this.#evictions.delete(key);
      const because = `tolerated the taints of its node for ${delay / second} s: ${key}`;
      this.#evict(key, { cause: this.timer(cause.cause, because) });
    });
    this.#evictions.set(key, { since, timer });
    return `tolerates it for ${delay / second} s`;
  }

  #evict(key: string, cause: Cause): void {
    this.#recorder.record(
      podReference(key),
      'Normal',
      'TaintManagerEviction',
      `Marking for deletion Pod ${key}`,
      cause,
    );
    void this.#delete(key, cause);
  }

  /** Models addConditionAndDeletePod, with its retries. */
  async #delete(key: string, cause: Cause): Promise<void> {
    const { namespace, name } = splitKey(key);
    for (let tries = 1; tries <= RETRIES; tries++)
      try {
        const pod = await this.client.get(pods, namespace, name, cause);
        const condition = disruptionTarget(
          pod,
          'DeletionByTaintManager',
          'Taint manager: deleting due to NoExecute taint',
        );
        const now = this.clock.now();
        const conditions = updatePodCondition(pod.status?.conditions, condition, now);
        if (conditions)
          await patchPodStatus(this.client, pod, { ...pod.status, conditions }, cause);
        await this.client.delete(pods, namespace, name, {}, cause);
        return;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        await this.clock.sleep(PAUSE);
      }
  }

  #cancel(key: string, cause: Cause | EventId): void {
    const planned = this.#evictions.get(key);
    if (!planned) return;
    planned.timer.dispose();
    this.#evictions.delete(key);
    this.#recorder.record(
      podReference(key),
      'Normal',
      'TaintManagerEviction',
      `Cancelling deletion of Pod ${key}`,
      typeof cause === 'number' ? { cause } : cause,
    );
  }
}

const noExecute = (node: Node): Taint[] =>
  (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');

function podReference(key: string): {
  apiVersion: string;
  kind: string;
  name: string;
  namespace: string;
} {
  return { apiVersion: 'v1', kind: 'Pod', ...splitKey(key) };
}

/** The tolerations for all the taints; undefined when one is not tolerated. Models GetMatchingTolerations. */
function usedTolerations(
  tolerations: readonly Toleration[],
  taints: readonly Taint[],
): Toleration[] | undefined {
  const used: Toleration[] = [];
  for (const taint of taints) {
    const found = tolerations.find((toleration) => tolerates(toleration, taint));
    if (!found) return undefined;
    used.push(found);
  }
  return used;
}

/** Models getMinTolerationTime; undefined: for ever. */
function shortest(tolerations: readonly Toleration[]): Micros | undefined {
  if (tolerations.length === 0) return 0;
  const limits = tolerations.flatMap(({ tolerationSeconds }) =>
    tolerationSeconds === undefined ? [] : [Math.max(0, tolerationSeconds)],
  );
  return limits.length ? Math.min(...limits) * second : undefined;
}
