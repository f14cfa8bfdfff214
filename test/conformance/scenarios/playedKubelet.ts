import type { JsonObject } from '../../../src/api/meta.ts';
import type { Pod } from '../../../src/api/types/coreV1.ts';
import { isoSeconds, type Server } from './server.ts';
import type { NodeTemplate, PlayedStatus } from './scenario.ts';

const userAgent = 'kubelet-stub';
const strategic = { userAgent, contentType: 'application/strategic-merge-patch+json' };

/**
 * The kubelets of all nodes, played by the player: so every state between two pods is seen, and the record is sharp.
 * One thing at a time: first the oldest bound pod starts (or ends, as its image says), then the oldest deleted pod goes.
 */
export class PlayedKubelet {
  readonly #server: Server;
  readonly #namespace: string;
  readonly #aliasOf: (name: string) => string;
  readonly #started = new Set<string>();
  readonly #addresses = new Map<string, string>();
  readonly #stopped = new Set<string>();
  /** The nodes that belong to this scenario alone; their leases are renewed while time passes. */
  readonly nodes = new Set<string>();

  constructor(server: Server, namespace: string, aliasOf: (name: string) => string) {
    this.#server = server;
    this.#namespace = namespace;
    this.#aliasOf = aliasOf;
  }

  /** Does the next thing that a kubelet would do; returns whether there was one. */
  async act(): Promise<boolean> {
    const { code, body } = await this.#server.request('GET', this.#pods(), { userAgent });
    if (code !== 200) return false;
    const pods = (body as { items: Pod[] }).items
      .filter(({ spec }) => spec?.nodeName && !this.#stopped.has(spec.nodeName))
      .sort((a, b) => this.#rank(a).localeCompare(this.#rank(b)));
    for (const pod of pods) {
      const next = this.#nextStatus(pod);
      if (!next) continue;
      await this.set(pod, next);
      return true;
    }
    for (const pod of pods) {
      if (!pod.metadata.deletionTimestamp) continue;
      if (!hasEnded(pod) && pod.metadata.finalizers?.length) {
        await this.set(pod, { phase: 'Failed', exitCode: 137 });
        return true;
      }
      if (pod.metadata.deletionGracePeriodSeconds === 0) continue;
      return this.#remove(pod);
    }
    return false;
  }

  /** What a scenario says that the kubelet of a pod does. Returns the code when there is no such pod. */
  async told(name: string, status: 'deleted' | PlayedStatus): Promise<number | undefined> {
    const url = `${this.#pods()}/${name}`;
    const { code, body } = await this.#server.request('GET', url, { userAgent });
    if (code !== 200) return code;
    const pod = body as Pod;
    this.#start(pod);
    if (status === 'deleted')
      await this.#server.request('DELETE', url, { userAgent, body: { gracePeriodSeconds: 0 } });
    else await this.set(pod, status);
    return undefined;
  }

  async set(pod: Pod, status: PlayedStatus): Promise<void> {
    const ip = this.#addresses.get(pod.metadata.uid ?? '');
    const host = addressOf(pod.spec?.nodeName ?? '');
    const body = {
      metadata: { uid: pod.metadata.uid },
      status: {
        ...statusOf(pod, status, isoSeconds(this.#server)),
        ...(ip !== undefined && { podIP: ip, podIPs: [{ ip }] }),
        hostIP: host,
        hostIPs: [{ ip: host }],
      },
    };
    const url = `${this.#pods()}/${pod.metadata.name ?? ''}/status`;
    await this.#server.request('PATCH', url, { ...strategic, body });
  }

  stopNode(name: string): void {
    this.#stopped.add(name);
  }

  /** Renews the leases of the scenario's own nodes. */
  async beat(): Promise<void> {
    await beat(
      this.#server,
      [...this.nodes].filter((name) => !this.#stopped.has(name)),
    );
  }

  /** Starts a pod that is not yet: its address counts starts within the scenario. */
  #start(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (!this.#addresses.has(uid)) this.#addresses.set(uid, `10.244.0.${this.#addresses.size + 1}`);
    this.#started.add(uid);
  }

  /** By the image of the first container: hold, unready and exit-N tell what becomes of it. */
  #nextStatus(pod: Pod): PlayedStatus | undefined {
    if (pod.metadata.deletionTimestamp || hasEnded(pod)) return undefined;
    const image = pod.spec?.containers[0]?.image ?? '';
    const exit = /exit-(\d+)/.exec(image)?.[1];
    if (image.includes('hold')) return undefined;
    if (!this.#started.has(pod.metadata.uid ?? '')) {
      this.#start(pod);
      return { phase: 'Running', ready: !image.includes('unready') && exit === undefined };
    }
    if (exit === undefined || pod.status?.phase !== 'Running') return undefined;
    return { phase: exit === '0' ? 'Succeeded' : 'Failed', exitCode: Number(exit) };
  }

  async #remove({ metadata: { name = '', uid } }: Pod): Promise<boolean> {
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: 0,
      preconditions: { uid },
    };
    const url = `${this.#pods()}/${name}`;
    const { code } = await this.#server.request('DELETE', url, { userAgent, body });
    return code < 400;
  }

  #rank({ metadata: { name = '', creationTimestamp } }: Pod): string {
    const number = (digits: string) => digits.padStart(6, '0');
    return `${creationTimestamp ?? ''} ${this.#aliasOf(name).replace(/\d+/g, number)}`;
  }

  #pods(): string {
    return `/api/v1/namespaces/${this.#namespace}/pods`;
  }
}

const hasEnded = ({ status }: Pod): boolean =>
  status?.phase === 'Failed' || status?.phase === 'Succeeded';

function statusOf(pod: Pod, wanted: PlayedStatus, now: string): JsonObject {
  const { phase, ready = false, exitCode, reason, message } = wanted;
  const condition = (type: string, on: boolean, why?: string): JsonObject => ({
    type,
    status: on ? 'True' : 'False',
    lastTransitionTime: now,
    ...(why && { reason: why }),
  });
  const isDone = phase === 'Succeeded' || phase === 'Failed';
  const why =
    phase === 'Succeeded'
      ? 'PodCompleted'
      : phase === 'Failed'
        ? 'PodFailed'
        : ready
          ? undefined
          : 'ContainersNotReady';
  const gates = (pod.spec?.readinessGates ?? []).every((gate) =>
    pod.status?.conditions?.some(
      ({ type, status }) => type === gate.conditionType && status === 'True',
    ),
  );
  const initialized = phase === 'Succeeded' ? 'PodCompleted' : undefined;
  const state: JsonObject = isDone
    ? {
        terminated: {
          exitCode,
          reason: exitCode ? 'Error' : 'Completed',
          startedAt: now,
          finishedAt: now,
        },
      }
    : { running: { startedAt: now } };
  return {
    phase,
    conditions: [
      condition('PodReadyToStartContainers', !isDone),
      condition('Initialized', true, initialized),
      condition('Ready', ready && gates, ready && !gates ? 'ReadinessGatesNotReady' : why),
      condition('ContainersReady', ready, why),
    ],
    startTime: pod.status?.startTime ?? now,
    containerStatuses: (pod.spec?.containers ?? []).map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: ready && !isDone,
      started: !isDone,
      restartCount: 0,
      state,
    })),
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
  };
}

const addressOf = (node: string): string => `192.168.0.${/(\d+)$/.exec(node)?.[1] ?? 0}`;

/** Registers a node as a kubelet does: the object, its status, its lease. */
export async function addNode(server: Server, node: NodeTemplate): Promise<void> {
  const { name, labels } = node.metadata;
  const body = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      ...node.metadata,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...labels,
      },
    },
    spec: node.spec ?? {},
  };
  await server.request('POST', '/api/v1/nodes', { userAgent, body });
  await server.request('PATCH', `/api/v1/nodes/${name}/status`, {
    ...strategic,
    body: { status: nodeStatus(server, name, node.status ?? {}) },
  });
  await beat(server, [name]);
}

function nodeStatus(server: Server, name: string, more: JsonObject): JsonObject {
  const now = isoSeconds(server);
  const conditions = [
    [
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ].map(([type, status, reason, message]) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  }));
  const room = {
    cpu: '4',
    memory: '8Gi',
    pods: '110',
    'ephemeral-storage': '20Gi',
    ...(more['capacity'] as JsonObject | undefined),
  };
  return {
    capacity: room,
    allocatable: { ...room, ...(more['allocatable'] as JsonObject | undefined) },
    conditions: more['conditions'] ?? conditions,
    addresses: [
      { type: 'InternalIP', address: addressOf(name) },
      { type: 'Hostname', address: name },
    ],
    images: more['images'],
  };
}

export async function beat(server: Server, names: readonly string[]): Promise<void> {
  const base = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  for (const name of names) {
    const renewTime = `${new Date(server.now()).toISOString().slice(0, -1)}000Z`;
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime };
    const { code } = await server.request('PATCH', `${base}/${name}`, {
      userAgent,
      contentType: 'application/merge-patch+json',
      body: { spec },
    });
    if (code !== 404) continue;
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease' },
      spec,
    };
    await server.request('POST', base, { userAgent, body });
  }
}
