import { Disposable } from '../../base/disposable.ts';
import {
  formatMicroTime,
  formatTime,
  millisecond,
  minute,
  second,
  type Clock,
} from '../../base/time.ts';
import type { Random } from '../../base/random.ts';
import { keyOf, type JsonValue } from '../../api/meta.ts';
import { leases, nodes, pods } from '../../api/resources.ts';
import { isStatus, StatusError } from '../../api/status.ts';
import type { Pod } from '../../api/types/coreV1.ts';
import type { Cause, CauseId, EventId } from '../../trace/event.ts';
import type { TraceSink } from '../../trace/sink.ts';
import type { Client } from '../client/client.ts';
import { EventRecorder } from '../client/eventRecorder.ts';
import { Informer } from '../client/informer.ts';
import { nodeObject, nodeStatus, type NodeSpec } from './nodeObject.ts';
import { PodContext } from './podContext.ts';
import { PodWorker } from './podWorker.ts';

const leaseNamespace = 'kube-node-lease';
/** Models the kubelet's defaults: the lease every 10 s, the full status every 5 min. */
const leaseInterval = 10 * second;
const statusInterval = 5 * minute;

export interface KubeletOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: TraceSink;
  readonly node: NodeSpec;
}

/** The agent of one node: registers it, keeps its lease, and runs the pods that are bound to it. */
export class Kubelet extends Disposable {
  readonly node: NodeSpec;
  readonly #options: KubeletOptions;
  readonly #workers = new Map<string, PodWorker>();
  readonly #images = new Map<string, string>();
  readonly #events: EventRecorder;
  readonly #pods: Informer<Pod>;
  #started: EventId = 0;
  #readySince = '';
  #nextAddress = 2;
  #podCidr: string | undefined;

  constructor(options: KubeletOptions) {
    super();
    this.#options = options;
    this.node = options.node;
    const { client, clock, random, trace } = options;
    this.#events = this._register(
      new EventRecorder({
        client,
        clock,
        random: random.fork('events'),
        source: 'kubelet',
        host: options.node.name,
      }),
    );
    this.#pods = this._register(
      new Informer(pods, {
        client,
        clock,
        random: random.fork('pods'),
        trace,
        fieldSelector: `spec.nodeName=${options.node.name}`,
      }),
    );
    this.#pods.addHandler({
      added: (pod, cause) => this.#sync(pod, cause),
      updated: (_, pod, cause) => this.#sync(pod, cause),
      deleted: (pod) => this.#forget(pod),
    });
    this._register({ dispose: () => this.#workers.forEach((worker) => worker.dispose()) });
  }

  start(cause: Cause | CauseId): void {
    this.#started = this.#options.trace.emit(this.#options.client.component, cause, {
      type: 'lifecycle',
      action: 'started',
      summary: `kubelet ${this.node.name} starts`,
    });
    void this.#registerNode();
  }

  /** The worker of a pod, for its logs. */
  worker(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  async #registerNode(): Promise<void> {
    const { clock } = this.#options;
    this.#readySince = formatTime(clock.now());
    const cause = { cause: this.#started };
    for (let wait = 200 * millisecond; ; wait = Math.min(2 * wait, 7 * second))
      try {
        await this.#createNode(cause);
        break;
      } catch (error) {
        passOver(error);
        await clock.sleep(wait);
      }
    if (this._store.isDisposed) return;
    this.#events.record(
      { kind: 'Node', apiVersion: 'v1', name: this.node.name, uid: this.node.name },
      'Normal',
      'Starting',
      'Starting kubelet.',
      cause,
    );
    this.#pods.start(this.#started);
    await this.#renewLease(this.#started).catch(passOver);
    this.#every(leaseInterval, 'renews the lease of the node', (at) => this.#renewLease(at));
    this.#every(statusInterval, 'reports the status of the node', (at) => this.#reportStatus(at));
  }

  async #createNode(cause: Cause): Promise<void> {
    const { client } = this.#options;
    try {
      await client.create(nodes, nodeObject(this.node, this.#readySince), cause);
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
      const known = await client.get(nodes, '', this.node.name, cause);
      this.#readySince =
        known.status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'True')
          ?.lastTransitionTime ?? this.#readySince;
      this.#adoptAddresses();
      await this.#reportStatus(this.#started);
    }
  }

  #every(period: number, what: string, task: (cause: CauseId) => Promise<void>): void {
    const { clock, trace, client } = this.#options;
    const timer = clock.setTimer(period, () => {
      this._store.delete(timer);
      const again = (): void => {
        if (!this._store.isDisposed) this.#every(period, what, task);
      };
      void task(
        trace.emit(client.component, this.#started, {
          type: 'timer',
          summary: `${client.component} ${what}`,
        }),
      ).then(again, (error: unknown) => {
        passOver(error);
        again();
      });
    });
    this._register(timer);
  }

  async #renewLease(cause: CauseId): Promise<void> {
    const { client, clock } = this.#options;
    const renewTime = formatMicroTime(clock.now());
    try {
      const known = await client.get(leases, leaseNamespace, this.node.name, { cause });
      await client.update(
        leases,
        {
          ...known,
          spec: {
            ...known.spec,
            holderIdentity: this.node.name,
            leaseDurationSeconds: 40,
            renewTime,
          },
        },
        { cause },
      );
    } catch (error) {
      if (!isStatus(error, 'NotFound')) return; // The next renewal tries again.
      const owner = await client.get(nodes, '', this.node.name, { cause });
      const metadata = {
        name: this.node.name,
        namespace: leaseNamespace,
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Node', name: this.node.name, uid: owner.metadata.uid ?? '' },
        ],
      };
      await client.create(
        leases,
        {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata,
          spec: { holderIdentity: this.node.name, leaseDurationSeconds: 40, renewTime },
        },
        { cause },
      );
    }
  }

  async #reportStatus(cause: CauseId): Promise<void> {
    const { client, clock } = this.#options;
    const status = nodeStatus(this.node, formatTime(clock.now()), this.#readySince);
    await client.patch(
      nodes,
      '',
      this.node.name,
      'strategic',
      { status } as unknown as JsonValue,
      { cause },
      { subresource: 'status' },
    );
  }

  #sync(pod: Pod, cause: CauseId): void {
    const uid = pod.metadata.uid ?? '';
    const known = this.#workers.get(uid);
    if (known) {
      known.update(pod, cause);
      return;
    }
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') {
      if (!pod.metadata.deletionTimestamp) return;
    }
    const { client, clock, trace, random } = this.#options;
    const context = new PodContext(pod, cause, {
      client,
      clock,
      trace,
      random: random.fork(keyOf(pod) + uid),
      events: this.#events,
      images: this.#images,
    });
    const worker = new PodWorker(client, context, {
      host: this.node.address,
      take: (at) => this.#takeAddress(at),
    });
    this.#workers.set(uid, worker);
    void worker.start(cause);
    if (pod.metadata.deletionTimestamp) worker.update(pod, cause);
  }

  #forget(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    this.#workers.get(uid)?.dispose();
    this.#workers.delete(uid);
  }

  /** The next address of the node's range, which the controller manager gives it; 10.244.N.0/24 until it has. */
  async #takeAddress(cause: CauseId): Promise<string> {
    if (this.#podCidr === undefined) {
      const node = await this.#options.client.get(nodes, '', this.node.name, { cause });
      this.#podCidr = node.spec?.podCIDR?.replace(/\.\d+\/.*$/, '');
    }
    const range = this.#podCidr ?? `10.244.${Number(/\d+$/.exec(this.node.name)?.[0] ?? 0) % 256}`;
    const host = this.#nextAddress;
    this.#nextAddress = host >= 254 ? 2 : host + 1;
    return `${range}.${host}`;
  }

  /** Addresses that pods have already are not given again. */
  #adoptAddresses(): void {
    this.#nextAddress = 100;
  }
}

/** A server that is slow or refuses is asked again the next time; any other error is a bug. */
function passOver(error: unknown): void {
  if (!(error instanceof StatusError)) throw error;
}
