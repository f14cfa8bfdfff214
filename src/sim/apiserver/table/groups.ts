import type { KubeObject } from '../../../api/meta.ts';
import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from '../../../api/types/appsV1.ts';
import type { CronJob, Job } from '../../../api/types/batchV1.ts';
import type { CertificateSigningRequest } from '../../../api/types/certificatesV1.ts';
import type { Lease } from '../../../api/types/coordinationV1.ts';
import type { EndpointSlice } from '../../../api/types/discoveryV1.ts';
import type {
  Ingress,
  IngressClass,
  IPAddress,
  NetworkPolicy,
  ServiceCIDR,
} from '../../../api/types/networkingV1.ts';
import type { PodDisruptionBudget } from '../../../api/types/policyV1.ts';
import type { ClusterRoleBinding } from '../../../api/types/rbacV1.ts';
import type { PriorityClass } from '../../../api/types/schedulingV1.ts';
import type {
  CSIDriver,
  CSINode,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '../../../api/types/storageV1.ts';
import { parseTime, second } from '../../../base/time.ts';
import { containersOf } from './core.ts';
import { few, goBool, humanDuration, labelsText, none, selectorText, since } from './format.ts';
import { printer, type Print, type Printers } from './printer.ts';

const created: Print = (object) => [
  object.metadata.name ?? '',
  object.metadata.creationTimestamp ?? '',
];

function jobStatus({ metadata, status, spec }: Job): string {
  const holds = (type: string) =>
    status?.conditions?.some(
      (condition) => condition.type === type && condition.status === 'True',
    ) ?? false;
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (metadata.deletionTimestamp) return 'Terminating';
  if (holds('Suspended') && spec?.suspend) return 'Suspended';
  if (holds('FailureTarget')) return 'FailureTarget';
  if (holds('SuccessCriteriaMet')) return 'SuccessCriteriaMet';
  return 'Running';
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: Job, now: number): string {
  if (!status?.startTime) return '';
  const start = parseTime(status.startTime) ?? now;
  const end = status.completionTime ? (parseTime(status.completionTime) ?? now) : now;
  return humanDuration((end - start) / second);
}

const subjects = ({ subjects: list = [] }: ClusterRoleBinding, kind: string): string =>
  list
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
    .join(', ');

const bindingPrinter = printer<ClusterRoleBinding>((binding, age) => [
  `${binding.roleRef.kind}/${binding.roleRef.name}`,
  age,
  subjects(binding, 'User'),
  subjects(binding, 'Group'),
  subjects(binding, 'ServiceAccount'),
]);

function csrStatus({ status }: CertificateSigningRequest): string {
  const types = status?.conditions?.map(({ type }) => type) ?? [];
  const words = [
    types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending',
  ];
  if (types.includes('Failed')) words.push('Failed');
  if (status?.certificate) words.push('Issued');
  return words.join(',');
}

function ingressAddress({ status }: Ingress): string {
  return (status?.loadBalancer?.ingress ?? [])
    .map(({ ip, hostname }) => ip ?? hostname ?? '')
    .filter(Boolean)
    .sort()
    .join(',');
}

const controllerText = ({ metadata }: KubeObject): string => {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (!owner) return '<none>';
  const group = owner.apiVersion.includes('/') ? (owner.apiVersion.split('/')[0] ?? '') : '';
  return `${owner.kind.toLowerCase()}${group ? `.${group}` : ''}/${owner.name}`;
};

interface Loose {
  readonly [key: string]: unknown;
}
const spec = (object: KubeObject): Loose => (object as unknown as { spec?: Loose }).spec ?? {};

const webhooks: Print = printer((object, age) => [
  ((object as unknown as { webhooks?: unknown[] }).webhooks ?? []).length,
  age,
]);

function paramKind(object: KubeObject): string {
  const kind = spec(object)['paramKind'] as { apiVersion?: string; kind?: string } | undefined;
  return kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : '<unset>';
}

function paramRef(object: KubeObject): string {
  const reference = spec(object)['paramRef'] as
    { namespace?: string; name?: string; selector?: unknown } | undefined;
  if (!reference) return '<unset>';
  const name = reference.name ?? '*';
  return reference.namespace ? `${reference.namespace}/${name}` : name;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const bindingOfPolicy = printer((object, age) => [
  text(spec(object)['policyName']),
  paramRef(object),
  age,
]);

function flowSchema(object: KubeObject, age: string): (string | number)[] {
  const own = spec(object) as {
    priorityLevelConfiguration?: { name?: string };
    matchingPrecedence?: number;
    distinguisherMethod?: { type?: string };
  };
  const dangling = (
    (object as unknown as { status?: { conditions?: { type: string; status: string }[] } }).status
      ?.conditions ?? []
  ).find(({ type }) => type === 'Dangling');
  return [
    own.priorityLevelConfiguration?.name ?? '',
    own.matchingPrecedence ?? 0,
    own.distinguisherMethod?.type ?? '<none>',
    age,
    dangling?.status ?? '?',
  ];
}

function priorityLevel(object: KubeObject, age: string): (string | number)[] {
  const own = spec(object) as {
    type?: string;
    limited?: {
      nominalConcurrencyShares?: number;
      limitResponse?: { queuing?: { queues: number; handSize: number; queueLengthLimit: number } };
    };
    exempt?: { nominalConcurrencyShares?: number };
  };
  const shares =
    own.limited?.nominalConcurrencyShares ?? own.exempt?.nominalConcurrencyShares ?? '<none>';
  const queuing = own.limited?.limitResponse?.queuing;
  return [
    own.type ?? '',
    shares,
    queuing?.queues ?? '<none>',
    queuing?.handSize ?? '<none>',
    queuing?.queueLengthLimit ?? '<none>',
    age,
  ];
}

function claimState(object: KubeObject): string {
  const status =
    (object as unknown as { status?: { allocation?: unknown; reservedFor?: unknown[] } }).status ??
    {};
  const words = object.metadata.deletionTimestamp ? ['deleted'] : [];
  if (!status.allocation) return [...words, ...(words.length ? [] : ['pending'])].join(',');
  return [...words, 'allocated', ...(status.reservedFor?.length ? ['reserved'] : [])].join(',');
}

export const groupPrinters: Printers = {
  'controllerrevisions.v1.apps': printer<ControllerRevision>((revision, age) => [
    controllerText(revision),
    revision.revision,
    age,
  ]),
  'daemonsets.v1.apps': printer<DaemonSet>(({ spec: own, status }, age) => [
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    labelsText(own?.template.spec?.nodeSelector),
    age,
    ...containersOf(own?.template.spec),
    selectorText(own?.selector),
  ]),
  'deployments.v1.apps': printer<Deployment>(({ spec: own, status }, age) => [
    `${status?.readyReplicas ?? 0}/${own?.replicas ?? 0}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    age,
    ...containersOf(own?.template.spec),
    selectorText(own?.selector),
  ]),
  'replicasets.v1.apps': printer<ReplicaSet>(({ spec: own, status }, age) => [
    own?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    age,
    ...containersOf(own?.template?.spec),
    selectorText(own?.selector),
  ]),
  'statefulsets.v1.apps': printer<StatefulSet>(({ spec: own, status }, age) => [
    `${status?.readyReplicas ?? 0}/${own?.replicas ?? 0}`,
    age,
    ...containersOf(own?.template.spec),
  ]),
  'cronjobs.v1.batch': printer<CronJob>(({ spec: own, status }, age, now) => [
    own.schedule,
    none(own.timeZone),
    goBool(own.suspend),
    status?.active?.length ?? 0,
    status?.lastScheduleTime ? since(status.lastScheduleTime, now) : '<none>',
    age,
    ...containersOf(own.jobTemplate.spec?.template.spec),
    selectorText(own.jobTemplate.spec?.selector),
  ]),
  'jobs.v1.batch': printer<Job>((job, age, now) => [
    jobStatus(job),
    completions(job),
    jobDuration(job, now),
    age,
    ...containersOf(job.spec?.template.spec),
    selectorText(job.spec?.selector),
  ]),
  'certificatesigningrequests.v1.certificates.k8s.io': printer<CertificateSigningRequest>(
    (request, age) => [
      age,
      request.spec.signerName,
      request.spec.username ?? '',
      request.spec.expirationSeconds === undefined
        ? '<none>'
        : humanDuration(request.spec.expirationSeconds),
      csrStatus(request),
    ],
  ),
  'leases.v1.coordination.k8s.io': printer<Lease>(({ spec: own }, age) => [
    own?.holderIdentity ?? '',
    age,
  ]),
  'endpointslices.v1.discovery.k8s.io': printer<EndpointSlice>(
    ({ addressType, ports, endpoints }, age) => [
      addressType,
      ports?.length
        ? few(
            ports.map(({ name, port }) => (port === undefined ? (name ?? '*') : String(port))),
            3,
          )
        : '<unset>',
      endpoints?.length
        ? few(
            endpoints.flatMap(({ addresses }) => addresses),
            3,
          )
        : '<unset>',
      age,
    ],
  ),
  'ingressclasses.v1.networking.k8s.io': printer<IngressClass>(({ spec: own }, age) => {
    const reference = own?.parameters;
    return [
      own?.controller ?? '',
      reference
        ? `${reference.kind}${reference.apiGroup ? `.${reference.apiGroup}` : ''}/${reference.name}`
        : '<none>',
      age,
    ];
  }),
  'ingresses.v1.networking.k8s.io': printer<Ingress>((ingress, age) => {
    const hosts = (ingress.spec?.rules ?? []).map(({ host }) => host ?? '').filter(Boolean);
    return [
      none(ingress.spec?.ingressClassName),
      hosts.length ? few(hosts, 3) : '*',
      ingressAddress(ingress),
      ingress.spec?.tls?.length ? '80, 443' : '80',
      age,
    ];
  }),
  'ipaddresses.v1.networking.k8s.io': printer<IPAddress>(({ spec: own }) => {
    const { resource, namespace, name } = own.parentRef;
    return [[resource, namespace, name].filter(Boolean).join('/')];
  }),
  'networkpolicies.v1.networking.k8s.io': printer<NetworkPolicy>(({ spec: own }, age) => [
    selectorText(own?.podSelector),
    age,
  ]),
  'servicecidrs.v1.networking.k8s.io': printer<ServiceCIDR>(({ spec: own }, age) => [
    (own?.cidrs ?? []).join(','),
    age,
  ]),
  'poddisruptionbudgets.v1.policy': printer<PodDisruptionBudget>(({ spec: own, status }, age) => [
    String(own?.minAvailable ?? 'N/A'),
    String(own?.maxUnavailable ?? 'N/A'),
    status?.disruptionsAllowed ?? 0,
    age,
  ]),
  'clusterrolebindings.v1.rbac.authorization.k8s.io': bindingPrinter,
  'rolebindings.v1.rbac.authorization.k8s.io': bindingPrinter,
  'clusterroles.v1.rbac.authorization.k8s.io': created,
  'roles.v1.rbac.authorization.k8s.io': created,
  'customresourcedefinitions.v1.apiextensions.k8s.io': created,
  'csistoragecapacities.v1.storage.k8s.io': created,
  'csidrivers.v1.storage.k8s.io': printer<CSIDriver>(({ spec: own }, age) => {
    const tokens = (own.tokenRequests ?? []).map(({ audience }) => audience);
    return [
      own.attachRequired ?? true,
      own.podInfoOnMount ?? false,
      own.storageCapacity ?? false,
      tokens.length ? tokens.join(',') : '<unset>',
      own.requiresRepublish ?? false,
      none((own.volumeLifecycleModes ?? []).join(',')),
      age,
    ];
  }),
  'csinodes.v1.storage.k8s.io': printer<CSINode>(({ spec: own }, age) => [
    (own.drivers as unknown[] | null)?.length ?? 0,
    age,
  ]),
  'storageclasses.v1.storage.k8s.io': (object, now) => {
    const storage = object as unknown as StorageClass;
    const isDefault =
      storage.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ||
      storage.metadata.annotations?.['storageclass.beta.kubernetes.io/is-default-class'] === 'true';
    return [
      `${storage.metadata.name ?? ''}${isDefault ? ' (default)' : ''}`,
      storage.provisioner,
      storage.reclaimPolicy ?? 'Delete',
      storage.volumeBindingMode ?? 'Immediate',
      storage.allowVolumeExpansion ?? false,
      since(storage.metadata.creationTimestamp, now),
    ];
  },
  'volumeattachments.v1.storage.k8s.io': printer<VolumeAttachment>(({ spec: own, status }, age) => [
    own.attacher,
    own.source.persistentVolumeName ?? '',
    own.nodeName,
    status?.attached ?? false,
    age,
  ]),
  'volumeattributesclasses.v1.storage.k8s.io': printer<VolumeAttributesClass>(
    ({ driverName }, age) => [driverName, age],
  ),
  'mutatingadmissionpolicies.v1.admissionregistration.k8s.io': printer((object, age) => [
    ((spec(object)['mutations'] ?? []) as unknown[]).length,
    paramKind(object),
    age,
  ]),
  'validatingadmissionpolicies.v1.admissionregistration.k8s.io': printer((object, age) => [
    ((spec(object)['validations'] ?? []) as unknown[]).length,
    paramKind(object),
    age,
  ]),
  'mutatingadmissionpolicybindings.v1.admissionregistration.k8s.io': bindingOfPolicy,
  'validatingadmissionpolicybindings.v1.admissionregistration.k8s.io': bindingOfPolicy,
  'mutatingwebhookconfigurations.v1.admissionregistration.k8s.io': webhooks,
  'validatingwebhookconfigurations.v1.admissionregistration.k8s.io': webhooks,
  'priorityclasses.v1.scheduling.k8s.io': printer<PriorityClass>(
    ({ value, globalDefault, preemptionPolicy }, age) => [
      value ?? 0,
      globalDefault ?? false,
      age,
      preemptionPolicy ?? '',
    ],
  ),
  'runtimeclasses.v1.node.k8s.io': printer((object, age) => [
    (object as unknown as { handler?: string }).handler ?? '',
    age,
  ]),
  'resourceclaims.v1.resource.k8s.io': printer((object, age) => [claimState(object), age]),
  'resourceslices.v1.resource.k8s.io': printer((object, age) => [
    text(spec(object)['nodeName']),
    text(spec(object)['driver']),
    (spec(object)['pool'] as { name?: string } | undefined)?.name ?? '',
    age,
  ]),
  'flowschemas.v1.flowcontrol.apiserver.k8s.io': printer(flowSchema),
  'prioritylevelconfigurations.v1.flowcontrol.apiserver.k8s.io': printer(priorityLevel),
  'apiservices.v1.apiregistration.k8s.io': printer((object, age) => {
    const service = spec(object)['service'] as { namespace?: string; name?: string } | undefined;
    const available = (
      (
        object as unknown as {
          status?: { conditions?: { type: string; status: string; reason?: string }[] };
        }
      ).status?.conditions ?? []
    ).find(({ type }) => type === 'Available');
    const state = !available
      ? 'Unknown'
      : available.status === 'True'
        ? 'True'
        : `${available.status} (${available.reason ?? ''})`;
    return [service ? `${service.namespace ?? ''}/${service.name ?? ''}` : 'Local', state, age];
  }),
};
