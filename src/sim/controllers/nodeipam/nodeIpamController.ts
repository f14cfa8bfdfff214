import { keyOf } from '../../../api/meta.ts';
import { nodes } from '../../../api/resources.ts';
import { StatusError } from '../../../api/status.ts';
import type { Node } from '../../../api/types/coreV1.ts';
import type { Cause } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import { RetryError } from '../../client/worker.ts';

/** The cluster's range of pod addresses, as `10.244.0.0/16`, and how much of it a node gets. */
const CLUSTER_PREFIX = '10.244';
const NODES = 256;
const UPDATE_RETRIES = 3;

/** Gives every node its range of pod addresses. Models pkg/controller/nodeipam/ipam rangeAllocator. */
export class NodeIpamController extends Controller {
  readonly #nodes: Informer<Node>;
  readonly #recorder: EventRecorder;
  /** The third number of a range to the node that has it. */
  readonly #taken = new Map<number, string>();
  #next = 0;

  constructor(options: ControllerOptions) {
    super(options, 'cidrallocator_node');
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'cidrAllocator',
      }),
    );
    this.#nodes = this.informer(nodes, {
      added: (node, cause) => {
        this.#occupy(node);
        this.queue.add(keyOf(node), cause);
      },
      updated: (_, node, cause) => {
        if (!node.spec?.podCIDRs?.length) this.queue.add(keyOf(node), cause);
      },
      deleted: (node) => this.#release(keyOf(node)),
    });
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const node = this.#nodes.lister.byKey(key);
    if (!node) return 'is gone: its range is free again';
    if (node.spec?.podCIDRs?.length) return `has ${node.spec.podCIDRs.join(', ')}`;
    const index = this.#allocate(key);
    if (index === undefined) {
      const about = { apiVersion: 'v1', kind: 'Node', name: key, uid: node.metadata.uid ?? '' };
      const message = `Node ${key} status is now: CIDRNotAvailable`;
      this.#recorder.record(about, 'Normal', 'CIDRNotAvailable', message, cause);
      throw new RetryError(
        'failed to allocate cidr: CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range',
      );
    }
    const podCIDR = `${CLUSTER_PREFIX}.${index}.0/24`;
    for (let tries = 1; ; tries++)
      try {
        const patch = { spec: { podCIDR, podCIDRs: [podCIDR] } };
        await this.client.patch(nodes, '', key, 'strategic', patch, cause);
        return `gets ${podCIDR}`;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        if (tries < UPDATE_RETRIES) continue;
        this.#release(key);
        throw error;
      }
  }

  #occupy(node: Node): void {
    for (const range of node.spec?.podCIDRs ?? []) {
      const [first, second, third] = range.split('.');
      if (`${first ?? ''}.${second ?? ''}` === CLUSTER_PREFIX)
        this.#taken.set(Number(third), keyOf(node));
    }
  }

  /** The next free one after the last given, so that ranges are not used again at once. */
  #allocate(node: string): number | undefined {
    for (const [index, owner] of this.#taken) if (owner === node) return index;
    for (let i = 0; i < NODES; i++) {
      const index = (this.#next + i) % NODES;
      if (this.#taken.has(index)) continue;
      this.#taken.set(index, node);
      this.#next = (index + 1) % NODES;
      return index;
    }
    return undefined;
  }

  #release(node: string): void {
    for (const [index, owner] of this.#taken) if (owner === node) this.#taken.delete(index);
  }
}
