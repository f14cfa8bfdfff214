import {
  FieldPath,
  duplicate,
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type {
  LoadBalancerIngress,
  Service,
  ServicePort,
  ServiceSpec,
  SessionAffinityConfig,
} from '../../../../api/types/coreV1.ts';
import { protocols } from '../podSpec/containers.ts';
import { portOrName } from '../podSpec/probes.ts';
import {
  all,
  allInvalid,
  each,
  mayBe,
  mayBeOneOf,
  must,
  mustBeOneOf,
  oneOf,
  seenBefore,
  type Found,
} from '../shared/checks.ts';
import { isIpv4, parseIp, validateCidr, validateEndpointIp, validateIp } from '../shared/ip.ts';
import { validateLabels } from '../shared/labels.ts';
import {
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  isValidPort,
} from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';
import { isExternallyAccessible, isHeadless, needsHealthCheck } from './serviceFacts.ts';

// Models core/validation validateService and ValidateServiceUpdate.

const spec = FieldPath.of('spec');
const ports = spec.child('ports');
const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const topologyMode = 'service.kubernetes.io/topology-mode';
const topologyHints = 'service.kubernetes.io/topology-aware-hints';
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** `old`: of an update, whose values may stay as they are. */
export function validateService(service: Service, old: Service | undefined): FieldError[] {
  const { metadata, spec: own = {} } = service;
  const isNone = isHeadless(own);
  const isBalancer = own.type === 'LoadBalancer';
  const mode = metadata.annotations?.[topologyMode];
  const hints = metadata.annotations?.[topologyHints];
  const names = seenBefore();
  return all(
    mode !== undefined &&
      hints !== undefined &&
      mode !== hints &&
      invalid(
        FieldPath.of('metadata', 'annotations').key(topologyMode),
        mode,
        `must match annotations[${topologyHints}] when both are specified`,
      ),
    !own.ports?.length && !isNone && own.type !== 'ExternalName' && required(ports),
    isNone &&
      (isBalancer || own.type === 'NodePort') &&
      invalid(
        spec.child('clusterIPs').index(0),
        own.clusterIPs?.[0],
        `may not be set to 'None' for ${own.type ?? ''} services`,
      ),
    own.type === 'ExternalName' && validateExternalName(own),
    each(own.ports, ports, (port, at) =>
      validatePort(port, (own.ports?.length ?? 0) > 1, names, at),
    ),
    validateLabels(own.selector, spec.child('selector')),
    mustBeOneOf(own.sessionAffinity, ['ClientIP', 'None'], spec.child('sessionAffinity')),
    own.sessionAffinity === 'ClientIP' &&
      validateAffinityConfig(own.sessionAffinityConfig, spec.child('sessionAffinityConfig')),
    own.sessionAffinity === 'None' &&
      own.sessionAffinityConfig &&
      fieldForbidden(
        spec.child('sessionAffinityConfig'),
        'must not be set when session affinity is None',
      ),
    validateClusterIps(own, old?.spec),
    each(own.externalIPs, spec.child('externalIPs'), (ip, at) => {
      const errors = validateIp(at, ip, old?.spec?.externalIPs);
      return errors.length ? errors : validateEndpointIp(at, ip);
    }),
    mustBeOneOf(own.type, types, spec.child('type')),
    own.type === 'ClusterIP' &&
      each(
        own.ports,
        ports,
        ({ nodePort }, at) =>
          nodePort &&
          fieldForbidden(at.child('nodePort'), "may not be used when `type` is 'ClusterIP'"),
      ),
    validateNoDoubles(own.ports),
    validateSourceRanges(service, old),
    own.allocateLoadBalancerNodePorts !== undefined &&
      !isBalancer &&
      fieldForbidden(
        spec.child('allocateLoadBalancerNodePorts'),
        "may only be used when `type` is 'LoadBalancer'",
      ),
    isBalancer &&
      own.allocateLoadBalancerNodePorts === undefined &&
      required(FieldPath.of('allocateLoadBalancerNodePorts')),
    validateBalancerClass(own),
    validateExternalTraffic(own),
    own.internalTrafficPolicy === undefined
      ? ['NodePort', 'LoadBalancer', 'ClusterIP'].includes(own.type ?? '') &&
          required(spec.child('internalTrafficPolicy'))
      : oneOf(own.internalTrafficPolicy, ['Cluster', 'Local'], spec.child('internalTrafficPolicy')),
    mayBeOneOf(
      own.trafficDistribution,
      ['PreferClose', 'PreferSameZone', 'PreferSameNode'],
      spec.child('trafficDistribution'),
    ),
  );
}

function validateExternalName(own: ServiceSpec): Found {
  const name = (own.externalName ?? '').replace(/\.$/, '');
  const not = (key: 'clusterIPs' | 'ipFamilies' | 'ipFamilyPolicy'): Found =>
    own[key]?.length && fieldForbidden(spec.child(key), 'may not be set for ExternalName services');
  return [
    not('clusterIPs'),
    not('ipFamilies'),
    not('ipFamilyPolicy'),
    must(name, spec.child('externalName')),
    mayBe(isDns1123Subdomain, name, spec.child('externalName')),
  ];
}

function validatePort(
  port: ServicePort,
  needsName: boolean,
  isDouble: (name: string) => boolean,
  path: FieldPath,
): Found {
  const { name, protocol, appProtocol } = port;
  return [
    needsName && !name && required(path.child('name')),
    name && [
      allInvalid(path.child('name'), name, isDns1123Label(name)),
      isDouble(name) && duplicate(path.child('name'), name),
    ],
    allInvalid(path.child('port'), port.port, isValidPort(port.port)),
    mustBeOneOf(protocol, protocols, path.child('protocol')),
    portOrName(port.targetPort, path.child('targetPort')),
    appProtocol !== undefined &&
      allInvalid(path.child('appProtocol'), appProtocol, isQualifiedName(appProtocol)),
  ];
}

function validateAffinityConfig(config: SessionAffinityConfig | undefined, path: FieldPath): Found {
  const why = 'when session affinity type is ClientIP';
  if (!config) return required(path, why);
  if (!config.clientIP) return required(path.child('clientIP'), why);
  const { timeoutSeconds } = config.clientIP;
  const at = path.child('clientIP', 'timeoutSeconds');
  if (timeoutSeconds === undefined) return required(at, why);
  return (
    (timeoutSeconds <= 0 || timeoutSeconds > 86400) &&
    invalid(at, timeoutSeconds, 'must be greater than 0 and less than 86400')
  );
}

export const isIpv6Text = (ip: string): boolean => {
  const parsed = parseIp(ip);
  return parsed !== undefined && !isIpv4(parsed);
};

/** Addresses and families fit each other. Models ValidateServiceClusterIPsRelatedFields. */
export function validateClusterIps(
  own: ServiceSpec,
  before: ServiceSpec | undefined,
): FieldError[] {
  if (own.type === 'ExternalName') return [];
  const { clusterIP, clusterIPs = [], ipFamilies = [] } = own;
  const at = spec.child('clusterIPs');
  const families = spec.child('ipFamilies');
  const seen = seenBefore();
  const wrong = (detail: string): FieldError => invalid(at, clusterIPs, detail);
  const addresses = all(
    clusterIPs.map((ip, index) =>
      index === 0 && ip === 'None'
        ? clusterIPs.length > 1 && wrong("'None' must be the first and only value")
        : validateIp(at.index(index), ip, before?.clusterIPs),
    ),
  );
  const errors = all(
    clusterIP
      ? !clusterIPs.length
        ? required(at)
        : clusterIPs[0] !== clusterIP && wrong('first value must match `clusterIP`')
      : clusterIPs.length && wrong('must be empty when `clusterIP` is not specified'),
    each(ipFamilies, families, (family, place) => [
      oneOf(family, ['IPv4', 'IPv6'], place),
      seen(family) && duplicate(place, family),
    ]),
    mayBeOneOf(
      own.ipFamilyPolicy,
      ['PreferDualStack', 'RequireDualStack', 'SingleStack'],
      spec.child('ipFamilyPolicy'),
    ),
    addresses,
    clusterIPs.length > 2 && wrong('may only hold up to 2 values'),
  );
  if (addresses.length) return errors;
  const isDual = clusterIPs.some(isIpv6Text) && !clusterIPs.every(isIpv6Text);
  return all(
    errors,
    clusterIPs.length > 1 && !isDual && wrong('may specify no more than one IP for each IP family'),
    !isHeadless(own) &&
      clusterIPs.map((ip, index) => {
        const family = ipFamilies[index];
        const isOther = family === (isIpv6Text(ip) ? 'IPv4' : 'IPv6');
        return (
          isOther &&
          invalid(
            at.index(index),
            ip,
            `expected an ${family} value as indicated by \`ipFamilies[${index}]\``,
          )
        );
      }),
  );
}

function validateNoDoubles(list: readonly ServicePort[] | undefined): FieldError[] {
  const nodePorts = seenBefore();
  const numbers = seenBefore();
  return all(
    each(
      list,
      ports,
      ({ protocol = '', nodePort }, at) =>
        nodePort &&
        nodePorts(`${protocol}/${nodePort}`) &&
        duplicate(at.child('nodePort'), nodePort),
    ),
    each(
      list,
      ports,
      ({ protocol = 'TCP', port }, at) =>
        numbers(`${protocol}/${port}`) &&
        duplicate(at, internalForm('core.ServicePort', { protocol, port })),
    ),
  );
}

const onlyBalancer = "may only be used when `type` is 'LoadBalancer'";

function validateSourceRanges(
  { metadata, spec: own = {} }: Service,
  old: Service | undefined,
): Found {
  const isBalancer = own.type === 'LoadBalancer';
  const ranges = own.loadBalancerSourceRanges ?? [];
  if (ranges.length) {
    const at = spec.child('LoadBalancerSourceRanges');
    const known = old?.spec?.loadBalancerSourceRanges?.map((range) => range.trim());
    return [
      !isBalancer && fieldForbidden(at, onlyBalancer),
      each(ranges, at, (range, place) => validateCidr(place, range.trim(), known)),
    ];
  }
  const text = metadata.annotations?.[rangesAnnotation];
  if (text === undefined) return undefined;
  const at = FieldPath.of('metadata', 'annotations').key(rangesAnnotation);
  const isNew = old?.metadata.annotations?.[rangesAnnotation] !== text;
  return [
    !isBalancer && fieldForbidden(at, onlyBalancer),
    isNew &&
      text.trim() &&
      text
        .trim()
        .split(',')
        .map((range) => validateCidr(at, range.trim())),
  ];
}

function validateBalancerClass({ type, loadBalancerClass: name }: ServiceSpec): Found {
  const at = spec.child('loadBalancerClass');
  if (name === undefined) return undefined;
  return type === 'LoadBalancer'
    ? allInvalid(at, name, isQualifiedName(name))
    : fieldForbidden(at, onlyBalancer);
}

function validateExternalTraffic(own: ServiceSpec): Found {
  const { externalTrafficPolicy: policy, healthCheckNodePort: port = 0 } = own;
  const at = spec.child('externalTrafficPolicy');
  const atPort = spec.child('healthCheckNodePort');
  return [
    isExternallyAccessible(own)
      ? mustBeOneOf(policy, ['Cluster', 'Local'], at)
      : policy && invalid(at, policy, 'may only be set for externally-accessible services'),
    needsHealthCheck(own)
      ? port
        ? allInvalid(atPort, port, isValidPort(port))
        : required(atPort)
      : port &&
        invalid(
          atPort,
          port,
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        ),
  ];
}

export const validateServiceUpdate: NonNullable<Strategy<Service>['validateUpdate']> = (
  service,
  old,
) => {
  const { spec: own = {} } = service;
  const before = old.spec ?? {};
  const areBalancers = own.type === 'LoadBalancer' && before.type === 'LoadBalancer';
  return all(
    validateAddressChange(own, before),
    validateFamilyChange(own, before),
    areBalancers &&
      own.loadBalancerClass !== before.loadBalancerClass &&
      invalid(
        spec.child('loadBalancerClass'),
        own.loadBalancerClass ?? null,
        'may not change once set',
      ),
    validateBalancerClass(own),
    needsHealthCheck(own) &&
      needsHealthCheck(before) &&
      own.healthCheckNodePort !== before.healthCheckNodePort &&
      fieldForbidden(spec.child('healthCheckNodePort'), 'field is immutable'),
    validateService(service, old),
  );
};

/** A second address comes and goes; the first one stays. Models validateUpgradeDowngradeClusterIPs. */
function validateAddressChange(own: ServiceSpec, before: ServiceSpec): FieldError[] {
  if (own.type === 'ExternalName' || before.type === 'ExternalName') return [];
  if (isHeadless(own) && isHeadless(before)) return [];
  const { clusterIPs: now = [] } = own;
  const { clusterIPs: then = [] } = before;
  const at = spec.child('clusterIPs');
  const changed = (index: number): FieldError =>
    invalid(at.index(index), now, 'may not change once set');
  if (now.length === then.length)
    return all(then.map((ip, index) => ip !== now[index] && changed(index)));
  if (now.length > then.length) return all(then.length > 0 && now[0] !== then[0] && changed(0));
  return all(
    !now.length &&
      invalid(at.index(0), own.clusterIPs ?? null, 'primary clusterIP can not be unset'),
    now.length > 0 && now[0] !== then[0] && changed(0),
    now.length === 1 &&
      own.ipFamilyPolicy !== 'SingleStack' &&
      invalid(
        spec.child('ipFamilyPolicy'),
        own.ipFamilyPolicy ?? null,
        "must be set to 'SingleStack' when releasing the secondary clusterIP",
      ),
  );
}

function validateFamilyChange(own: ServiceSpec, before: ServiceSpec): FieldError[] {
  if (own.type === 'ExternalName' || before.type === 'ExternalName') return [];
  if (isHeadless(own) || isHeadless(before)) return [];
  const { ipFamilies: now = [], clusterIPs = [] } = own;
  const { ipFamilies: then = [] } = before;
  const at = spec.child('ipFamilies').index(0);
  if (now.length === then.length)
    return all(
      then.map(
        (family, index) => family !== now[index] && invalid(at, now, 'may not change once set'),
      ),
    );
  const changed =
    now.length > 0 &&
    then.length > 0 &&
    now[0] !== then[0] &&
    invalid(at, clusterIPs, 'may not change once set');
  if (now.length > then.length) return all(changed);
  return all(
    !clusterIPs.length && invalid(at, own.ipFamilies ?? null, 'primary ipFamily can not be unset'),
    changed,
    now.length === 1 &&
      own.ipFamilyPolicy !== 'SingleStack' &&
      invalid(
        spec.child('ipFamilyPolicy'),
        own.ipFamilyPolicy ?? null,
        "must be set to 'SingleStack' when releasing the secondary ipFamily",
      ),
  );
}

/** Models ValidateLoadBalancerStatus. */
export function validateLoadBalancerStatus(
  ingress: readonly LoadBalancerIngress[] | undefined,
  old: readonly LoadBalancerIngress[] | undefined,
  type: string | undefined,
): FieldError[] {
  const path = FieldPath.of('status', 'loadBalancer', 'ingress');
  if (type !== 'LoadBalancer' && ingress?.length)
    return [fieldForbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  const known = (old ?? []).flatMap(({ ip }) => ip ?? []);
  return each(ingress, path, ({ ip, ipMode, hostname }, at) => [
    ip && validateIp(at.child('ip'), ip, known),
    ipMode === undefined
      ? ip && required(at.child('ipMode'), 'must be specified when `ip` is set')
      : !ip
        ? fieldForbidden(at.child('ipMode'), 'may not be specified when `ip` is not set')
        : !['Proxy', 'VIP'].includes(ipMode) &&
          notSupported(at.child('ipMode'), ipMode, ['Proxy', 'VIP']),
    hostname && [
      allInvalid(at.child('hostname'), hostname, isDns1123Subdomain(hostname)),
      parseIp(hostname) &&
        invalid(at.child('hostname'), hostname, 'must be a DNS name, not an IP address'),
    ],
  ]);
}
