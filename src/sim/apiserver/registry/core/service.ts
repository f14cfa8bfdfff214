import { FieldPath } from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type { Service, ServiceSpec } from '../../../../api/types/coreV1.ts';
import { cidrWarnings, ipWarnings } from '../shared/ip.ts';
import { nameRules } from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';
import { isExternallyAccessible, needsHealthCheck, takesNodePorts } from './serviceFacts.ts';
import {
  validateLoadBalancerStatus,
  validateService,
  validateServiceUpdate,
} from './serviceRules.ts';

const spec = FieldPath.of('spec');
const ingress = FieldPath.of('status', 'loadBalancer', 'ingress');

/** Models kubernetes/pkg/registry/core/service; addresses and ports are allocated by the registry. */
export const serviceStrategy: Strategy<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  allowUnconditionalUpdate: true,
  validateName: nameRules.label,
  default_: defaultService,
  prepareForCreate(service) {
    service.status = { loadBalancer: {} };
    const own = (service.spec ??= {});
    if (own.clusterIP && !own.clusterIPs?.length) own.clusterIPs = [own.clusterIP];
  },
  validate: (service) => validateService(service, undefined),
  warningsOnCreate: serviceWarnings,
  prepareForUpdate(service, old) {
    if (old.status) service.status = old.status;
    const own = (service.spec ??= {});
    const before = old.spec ?? {};
    keepAllocated(own, before);
    syncClusterIps(own, before);
    dropFieldsOfOldType(service, before);
  },
  validateUpdate: validateServiceUpdate,
  warningsOnUpdate: serviceWarnings,
  subresources: {
    status: {
      prepareForUpdate(service, old) {
        if (old.spec) service.spec = old.spec;
      },
      validateUpdate: ({ spec: own, status }, old) =>
        validateLoadBalancerStatus(
          status?.loadBalancer?.ingress,
          old.status?.loadBalancer?.ingress,
          own?.type,
        ),
      warningsOnUpdate: ({ status }) =>
        (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, index) =>
          ip ? ipWarnings(ingress.index(index), ip) : [],
        ),
    },
  },
  selectableFields: ({ spec: own }) => ({
    'spec.clusterIP': own?.clusterIP ?? '',
    'spec.type': own?.type ?? '',
  }),
};

/** Models SetDefaults_Service. */
function defaultService(service: Service): void {
  const own = (service.spec ??= {});
  own.sessionAffinity ??= 'None';
  if (own.sessionAffinity === 'None') delete own.sessionAffinityConfig;
  const { timeoutSeconds } = own.sessionAffinityConfig?.clientIP ?? {};
  if (own.sessionAffinity === 'ClientIP' && timeoutSeconds === undefined)
    own.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } };
  own.type ??= 'ClusterIP';
  for (const port of own.ports ?? []) {
    port.protocol ??= 'TCP';
    if (!port.targetPort) port.targetPort = port.port;
  }
  if (isExternallyAccessible(own)) own.externalTrafficPolicy ??= 'Cluster';
  if (['NodePort', 'LoadBalancer', 'ClusterIP'].includes(own.type))
    own.internalTrafficPolicy ??= 'Cluster';
  if (own.type !== 'LoadBalancer') return;
  own.allocateLoadBalancerNodePorts ??= true;
  for (const one of service.status?.loadBalancer?.ingress ?? []) if (one.ip) one.ipMode ??= 'VIP';
}

/** An update that leaves out what was allocated keeps it. Models patchAllocatedValues. */
function keepAllocated(own: ServiceSpec, before: ServiceSpec): void {
  if (own.type !== 'ExternalName' && before.type !== 'ExternalName') {
    if (!own.clusterIP && before.clusterIP) own.clusterIP = before.clusterIP;
    if (!own.clusterIPs?.length && before.clusterIPs?.length) own.clusterIPs = before.clusterIPs;
  }
  if (takesNodePorts(own) && takesNodePorts(before)) {
    const portsOf = ({ ports }: ServiceSpec): number[] =>
      (ports ?? []).flatMap(({ nodePort }) => nodePort ?? []);
    const used = new Set(portsOf(own).filter((port) => portsOf(before).includes(port)));
    const byName = new Map(before.ports?.map(({ name = '', nodePort }) => [name, nodePort]));
    for (const port of own.ports ?? []) {
      const kept = byName.get(port.name ?? '');
      if (!port.nodePort && kept && !used.has(kept)) port.nodePort = kept;
    }
  }
  if (needsHealthCheck(own) && needsHealthCheck(before) && !own.healthCheckNodePort)
    if (before.healthCheckNodePort) own.healthCheckNodePort = before.healthCheckNodePort;
}

/** Old clients know one address only. Models normalizeClusterIPs. */
function syncClusterIps(own: ServiceSpec, before: ServiceSpec): void {
  const isSame = (): boolean => equal(own.clusterIPs ?? [], before.clusterIPs ?? []);
  if (before.clusterIPs?.length && !own.clusterIPs?.length && before.clusterIP === own.clusterIP)
    own.clusterIPs = before.clusterIPs;
  if ((before.clusterIP ?? '') === (own.clusterIP ?? '') || !isSame()) return;
  if (own.clusterIP) own.clusterIPs = [own.clusterIP];
  else delete own.clusterIPs;
}

/** What only the old type had and nobody changed goes. Models dropTypeDependentFields. */
function dropFieldsOfOldType(service: Service, before: ServiceSpec): void {
  const own = (service.spec ??= {});
  const isSame = (key: keyof ServiceSpec): boolean => equal(own[key], before[key]);
  if (before.type !== 'ExternalName' && own.type === 'ExternalName') {
    if (isSame('clusterIP') && isSame('clusterIPs')) {
      delete own.clusterIP;
      delete own.clusterIPs;
    }
    if (isSame('ipFamilies')) delete own.ipFamilies;
    if (isSame('ipFamilyPolicy')) delete own.ipFamilyPolicy;
  }
  if (takesNodePorts(before) && !takesNodePorts(own)) {
    const known = new Set(before.ports?.map(({ nodePort }) => nodePort));
    if (own.ports?.every(({ nodePort }) => !nodePort || known.has(nodePort)))
      for (const port of own.ports) delete port.nodePort;
  }
  if (needsHealthCheck(before) && !needsHealthCheck(own) && isSame('healthCheckNodePort'))
    delete own.healthCheckNodePort;
  if (before.type === 'LoadBalancer' && own.type !== 'LoadBalancer') {
    if (isSame('allocateLoadBalancerNodePorts')) delete own.allocateLoadBalancerNodePorts;
    if (isSame('loadBalancerClass')) delete own.loadBalancerClass;
  }
  if (
    isExternallyAccessible(before) &&
    !isExternallyAccessible(own) &&
    isSame('externalTrafficPolicy')
  )
    delete own.externalTrafficPolicy;
  if (own.type !== 'LoadBalancer') service.status = { ...service.status, loadBalancer: {} };
}

/** Models kubernetes/pkg/api/service GetWarningsForService. */
function serviceWarnings({ metadata, spec: own = {} }: Service): string[] {
  const isHeadless = own.type === 'ClusterIP' && own.clusterIP === 'None';
  const externalIps = own.externalIPs ?? [];
  const hints = 'service.kubernetes.io/topology-aware-hints';
  const rules: readonly (readonly [unknown, string])[] = [
    [own.loadBalancerIP && isHeadless, 'spec.loadBalancerIP is ignored for headless services'],
    [externalIps.length && isHeadless, 'spec.externalIPs is ignored for headless services'],
    [
      isHeadless && own.sessionAffinity !== 'None',
      'spec.SessionAffinity is ignored for headless services',
    ],
  ];
  const later: readonly (readonly [unknown, string])[] = [
    [
      own.type === 'ExternalName' && externalIps.length,
      'spec.externalIPs is ignored when spec.type is "ExternalName"',
    ],
    [
      own.type !== 'ExternalName' && own.externalName,
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ],
    [
      own.trafficDistribution === 'PreferClose',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ],
  ];
  const texts = (list: typeof rules): string[] => list.filter(([is]) => is).map(([, text]) => text);
  return [
    ...(metadata.annotations?.[hints] === undefined
      ? []
      : [
          `annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`,
        ]),
    ...(own.clusterIP && own.clusterIP !== 'None' ? (own.clusterIPs ?? []) : []).flatMap(
      (ip, index) => ipWarnings(spec.child('clusterIPs').index(index), ip),
    ),
    ...texts(rules),
    ...externalIps.flatMap((ip, index) => ipWarnings(spec.child('externalIPs').index(index), ip)),
    ...(externalIps.length && !isHeadless && own.type !== 'ExternalName'
      ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters']
      : []),
    ...(own.loadBalancerIP ? ipWarnings(spec.child('loadBalancerIP'), own.loadBalancerIP) : []),
    ...(own.loadBalancerSourceRanges ?? []).flatMap((range, index) =>
      cidrWarnings(spec.child('loadBalancerSourceRanges').index(index), range),
    ),
    ...texts(later),
  ];
}
