import type { Node, NodeCondition, NodeStatus } from '../../api/types/coreV1.ts';

/** What a simulated node is made of. */
export interface NodeSpec {
  readonly name: string;
  readonly address: string;
  readonly cpu: string;
  readonly memory: string;
  readonly pods: string;
  readonly ephemeralStorage: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** node-1, node-2 …: four cores, 8 GiB, a zone each. */
export const simulatedNode = (index: number): NodeSpec => ({
  name: `node-${index}`,
  address: `192.168.${Math.floor((index + 10) / 250)}.${(index + 10) % 250}`,
  cpu: '4',
  memory: '8Gi',
  pods: '110',
  ephemeralStorage: '100Gi',
  labels: { 'topology.kubernetes.io/zone': `zone-${((index - 1) % 3) + 1}` },
});

/** The object that a kubelet registers. Models kubelet_node_status.go initialNode. */
export function nodeObject(spec: NodeSpec, now: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: spec.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': spec.name,
        'kubernetes.io/os': 'linux',
        ...spec.labels,
      },
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    status: nodeStatus(spec, now, now),
  };
}

/** What a 1.36 kubelet with its usual feature gates says of itself. Models component-helpers/nodedeclaredfeatures. */
const declaredFeatures = [
  'ExtendWebSocketsToKubelet',
  'InPlacePodLevelResourcesVerticalScaling',
  'InPlacePodVerticalScalingInitContainers',
  'RestartAllContainersOnContainerExits',
];

export function nodeStatus(spec: NodeSpec, now: string, since: string): NodeStatus {
  const resources = {
    cpu: spec.cpu,
    memory: spec.memory,
    pods: spec.pods,
    'ephemeral-storage': spec.ephemeralStorage,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
  };
  const condition = (
    type: string,
    status: 'True' | 'False',
    reason: string,
    message: string,
  ): NodeCondition => ({
    type,
    status,
    lastHeartbeatTime: now,
    lastTransitionTime: since,
    reason,
    message,
  });
  return {
    capacity: resources,
    allocatable: resources,
    conditions: [
      condition(
        'MemoryPressure',
        'False',
        'KubeletHasSufficientMemory',
        'kubelet has sufficient memory available',
      ),
      condition(
        'DiskPressure',
        'False',
        'KubeletHasNoDiskPressure',
        'kubelet has no disk pressure',
      ),
      condition(
        'PIDPressure',
        'False',
        'KubeletHasSufficientPID',
        'kubelet has sufficient PID available',
      ),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    addresses: [
      { type: 'InternalIP', address: spec.address },
      { type: 'Hostname', address: spec.name },
    ],
    declaredFeatures,
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: `machine-${spec.name}`,
      systemUUID: `system-${spec.name}`,
      bootID: `boot-${spec.name}`,
      kernelVersion: '6.12.0',
      osImage: 'Debian GNU/Linux 13 (trixie)',
      containerRuntimeVersion: 'containerd://2.2.0',
      kubeletVersion: 'v1.36.3',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
  };
}
