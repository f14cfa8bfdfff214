import { keyOf } from '../../../api/meta.ts';
import { nodes } from '../../../api/resources.ts';
import type { Node } from '../../../api/types/coreV1.ts';
import type { Cause } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';

const TTL = 'node.alpha.kubernetes.io/ttl';

/** How long kubelets may keep Secrets and ConfigMaps, by the number of nodes. The ranges overlap, against flapping. */
const STEPS = [
  { min: 0, max: 100, seconds: 0 },
  { min: 90, max: 500, seconds: 15 },
  { min: 450, max: 1000, seconds: 30 },
  { min: 900, max: 2000, seconds: 60 },
  { min: 1800, max: Number.POSITIVE_INFINITY, seconds: 300 },
] as const;

/** Tells kubelets by an annotation how long they may cache. Models pkg/controller/ttl Controller. */
export class TtlController extends Controller {
  readonly #nodes: Informer<Node>;
  #count = 0;
  #step = 0;

  constructor(options: ControllerOptions) {
    super(options, 'ttlcontroller');
    this.#nodes = this.informer(nodes, {
      added: (node, cause) => {
        this.#count++;
        if (this.#count > (STEPS[this.#step]?.max ?? 0)) this.#step++;
        this.queue.add(keyOf(node), cause);
      },
      updated: (_, node, cause) => this.queue.add(keyOf(node), cause),
      deleted: () => {
        this.#count--;
        if (this.#count < (STEPS[this.#step]?.min ?? 0)) this.#step--;
      },
    });
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const node = this.#nodes.lister.byKey(key);
    if (!node) return 'is gone: nothing to do';
    const seconds = String(STEPS[this.#step]?.seconds ?? 0);
    if (node.metadata.annotations?.[TTL] === seconds) return `may cache for ${seconds} s already`;
    const patch = { metadata: { annotations: { [TTL]: seconds } } };
    await this.client.patch(nodes, '', key, 'strategic', patch, cause);
    return `may cache for ${seconds} s`;
  }
}
