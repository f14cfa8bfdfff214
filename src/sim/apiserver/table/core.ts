import type {
  ConfigMap,
  Endpoints,
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PodTemplate,
  ReplicationController,
  ResourceQuota,
  Secret,
  Service,
} from '../../../api/types/coreV1.ts';
import { accessModes, few, labelsText, none, since, unset } from './format.ts';
import { printer, type Printers } from './printer.ts';
import { podCells } from './pod.ts';

const containersOf = (
  spec: { containers?: readonly { name: string; image?: string }[] | null } | undefined,
): [string, string] => {
  const list = spec?.containers ?? [];
  return [list.map(({ name }) => name).join(','), list.map(({ image = '' }) => image).join(',')];
};
export { containersOf };

const reached = (
  conditions: readonly { type: string; status: string }[] | undefined,
  type: string,
) => conditions?.find((condition) => condition.type === type);

function nodeStatus({ status, spec }: Node): string {
  const ready = reached(status?.conditions, 'Ready');
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (spec?.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles({ metadata }: Node): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    const role = key.startsWith('node-role.kubernetes.io/')
      ? key.slice('node-role.kubernetes.io/'.length)
      : key === 'kubernetes.io/role'
        ? value
        : '';
    if (role) roles.add(role);
  }
  return none([...roles].sort().join(','));
}

const address = ({ status }: Node, type: string): string =>
  none(status?.addresses?.find((it) => it.type === type)?.address);

function externalIp({ spec, status }: Service): string {
  const ips = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'ExternalName':
      return spec.externalName ?? '';
    case 'LoadBalancer': {
      const balanced = (status?.loadBalancer?.ingress ?? [])
        .map(({ ip, hostname }) => ip ?? hostname ?? '')
        .filter(Boolean);
      const all = [...new Set(balanced)].sort().concat(ips);
      return all.length ? all.join(',') : '<pending>';
    }
    default:
      return none(ips.join(','));
  }
}

const servicePorts = ({ spec }: Service): string =>
  none(
    (spec?.ports ?? [])
      .map(({ port, nodePort, protocol }) =>
        nodePort ? `${port}:${nodePort}/${protocol ?? 'TCP'}` : `${port}/${protocol ?? 'TCP'}`,
      )
      .join(','),
  );

function endpointsText({ subsets }: Endpoints): string {
  const all = (subsets ?? []).flatMap(({ addresses, ports }) =>
    ports?.length
      ? ports.flatMap(({ port }) => (addresses ?? []).map(({ ip }) => joinPort(ip, port)))
      : (addresses ?? []).map(({ ip }) => ip),
  );
  return none(few(all, 3));
}

const joinPort = (ip: string, port: number): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

function eventCells(event: Event, now: number): (string | number)[] {
  const first = event.firstTimestamp
    ? since(event.firstTimestamp, now)
    : event.eventTime
      ? since(event.eventTime, now)
      : '<unknown>';
  const last = event.series
    ? since(event.series.lastObservedTime, now)
    : event.lastTimestamp
      ? since(event.lastTimestamp, now)
      : first;
  const {
    kind = '',
    name = '',
    fieldPath = '',
  } = event.involvedObject as { kind?: string; name?: string; fieldPath?: string };
  const component = event.source?.component || event.reportingComponent || '';
  const host = event.source?.host || event.reportingInstance || '';
  const source = [component, host].filter(Boolean).join(', ');
  const count = event.series?.count ?? (event.count || 1);
  return [
    last,
    event.type ?? '',
    event.reason ?? '',
    `${kind.toLowerCase()}/${name}`,
    fieldPath,
    source,
    (event.message ?? '').trim(),
    first,
    count,
    event.metadata.name ?? '',
  ];
}

function quotaCells({ metadata, status }: ResourceQuota, now: number): string[] {
  const requests: string[] = [];
  const limits: string[] = [];
  for (const name of Object.keys(status?.hard ?? {}).sort()) {
    const text = `${name}: ${status?.used?.[name] ?? '0'}/${status?.hard?.[name] ?? ''}`;
    (name.startsWith('limits.') ? limits : requests).push(text);
  }
  return [
    metadata.name ?? '',
    requests.join(', '),
    limits.join(', '),
    since(metadata.creationTimestamp, now),
  ];
}

export const corePrinters: Printers = {
  'pods.v1': printer(podCells),
  'configmaps.v1': printer<ConfigMap>(({ data, binaryData }, age) => [
    Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    age,
  ]),
  'endpoints.v1': printer<Endpoints>((endpoints, age) => [endpointsText(endpoints), age]),
  'events.v1': (object, now) => eventCells(object as unknown as Event, now),
  'limitranges.v1': (object) => [
    object.metadata.name ?? '',
    object.metadata.creationTimestamp ?? '',
  ],
  'namespaces.v1': printer<Namespace>(({ status }, age) => [status?.phase ?? '', age]),
  'nodes.v1': printer<Node>((node, age) => {
    const info = node.status?.nodeInfo;
    const kernel = info?.kernelVersion
      ? info.architecture
        ? `${info.kernelVersion} (${info.architecture})`
        : info.kernelVersion
      : '<unknown>';
    return [
      nodeStatus(node),
      nodeRoles(node),
      age,
      info?.kubeletVersion ?? '',
      address(node, 'InternalIP'),
      address(node, 'ExternalIP'),
      info?.osImage || '<unknown>',
      kernel,
      info?.containerRuntimeVersion || '<unknown>',
    ];
  }),
  'persistentvolumeclaims.v1': printer<PersistentVolumeClaim>(({ metadata, spec, status }, age) => {
    const phase = metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '');
    const isBound = Boolean(spec?.volumeName);
    return [
      phase,
      spec?.volumeName ?? '',
      isBound ? (status?.capacity?.['storage'] ?? '0') : '',
      isBound ? accessModes(status?.accessModes) : '',
      metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ??
        spec?.storageClassName ??
        '',
      unset(spec?.volumeAttributesClassName),
      age,
      unset(spec?.volumeMode),
    ];
  }),
  'persistentvolumes.v1': printer<PersistentVolume>(({ metadata, spec, status }, age) => {
    const claim = spec?.claimRef
      ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}`
      : '';
    return [
      spec?.capacity?.['storage'] ?? '0',
      accessModes(spec?.accessModes),
      spec?.persistentVolumeReclaimPolicy ?? '',
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
      claim,
      metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ??
        spec?.storageClassName ??
        '',
      unset(spec?.volumeAttributesClassName),
      status?.reason ?? '',
      age,
      unset(spec?.volumeMode),
    ];
  }),
  'podtemplates.v1': printer<PodTemplate>(({ template }) => [
    ...containersOf(template?.spec),
    labelsText(template?.metadata?.labels),
  ]),
  'replicationcontrollers.v1': printer<ReplicationController>(({ spec, status }, age) => [
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    age,
    ...containersOf(spec?.template?.spec),
    labelsText(spec?.selector),
  ]),
  'resourcequotas.v1': (object, now) => quotaCells(object, now),
  'secrets.v1': printer<Secret>(({ type, data }, age) => [
    type ?? '',
    Object.keys(data ?? {}).length,
    age,
  ]),
  'services.v1': printer<Service>((service, age) => [
    service.spec?.type ?? '',
    none(service.spec?.clusterIP),
    externalIp(service),
    servicePorts(service),
    age,
    labelsText(service.spec?.selector),
  ]),
};
