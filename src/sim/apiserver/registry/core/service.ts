import {
  FieldPath,
  duplicate,
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import type { Service, ServicePort, ServiceSpec } from '../../../../api/types/coreV1.ts';
import { portOrName } from '../podSpec/containers.ts';
import { validateLabels } from '../shared/labels.ts';
import {
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  isValidPort,
  nameRules,
} from '../shared/names.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';

const spec = FieldPath.of('spec');
const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

/** Models kubernetes/pkg/registry/core/service; addresses and ports are allocated by the registry. */
export const serviceStrategy: Strategy<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  allowUnconditionalUpdate: true,
  validateName: nameRules.label,
  default_(service) {
    const own = (service.spec ??= {});
    own.sessionAffinity ||= 'None';
    if (own.sessionAffinity === 'None') delete own.sessionAffinityConfig;
    else if (own.sessionAffinity === 'ClientIP')
      own.sessionAffinityConfig ??= { clientIP: { timeoutSeconds: 10800 } };
    own.type ||= 'ClusterIP';
    for (const port of own.ports ?? []) {
      port.protocol ||= 'TCP';
      if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '')
        port.targetPort = port.port;
    }
    if (own.type === 'NodePort' || own.type === 'LoadBalancer')
      own.externalTrafficPolicy ||= 'Cluster';
    if (own.type !== 'ExternalName') own.internalTrafficPolicy ??= 'Cluster';
    if (own.type === 'LoadBalancer') own.allocateLoadBalancerNodePorts ??= true;
  },
  prepareForCreate(service) {
    service.status = { loadBalancer: {} };
  },
  validate: (service) => validateSpec(service.spec ?? {}),
  prepareForUpdate(service, old) {
    if (old.status) service.status = old.status;
    const own = (service.spec ??= {});
    const before = old.spec ?? {};
    if (own.type !== 'ExternalName' && before.type !== 'ExternalName') {
      if (!own.clusterIP && before.clusterIP) own.clusterIP = before.clusterIP;
      if (!own.clusterIPs?.length && before.clusterIPs && own.clusterIP === before.clusterIP)
        own.clusterIPs = before.clusterIPs;
      own.ipFamilies ??= before.ipFamilies ?? [];
      own.ipFamilyPolicy ??= before.ipFamilyPolicy ?? 'SingleStack';
    }
    keepNodePorts(own, before);
  },
  validateUpdate(service, old) {
    const errors = validateSpec(service.spec ?? {});
    const both = service.spec?.type !== 'ExternalName' && old.spec?.type !== 'ExternalName';
    if (both && old.spec?.clusterIP)
      errors.push(
        ...validateImmutable(service.spec?.clusterIP, old.spec.clusterIP, spec.child('clusterIP')),
      );
    return errors;
  },
  subresources: {
    status: {
      prepareForUpdate(service, old) {
        if (old.spec) service.spec = old.spec;
      },
    },
  },
  selectableFields: ({ spec: own }) => ({
    'spec.clusterIP': own?.clusterIP ?? '',
    'spec.type': own?.type ?? '',
  }),
};

/** An update that leaves node ports out keeps those it had. */
function keepNodePorts(own: ServiceSpec, before: ServiceSpec): void {
  const needs = own.type === 'NodePort' || own.type === 'LoadBalancer';
  if (!needs) return;
  const id = ({ port, protocol }: ServicePort) => `${port}/${protocol ?? 'TCP'}`;
  const known = new Map(before.ports?.map((port) => [id(port), port.nodePort]));
  for (const port of own.ports ?? []) {
    const kept = known.get(id(port));
    if (!port.nodePort && kept) port.nodePort = kept;
  }
}

function validateSpec(own: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const isHeadless = own.clusterIP === 'None';
  if (!own.ports?.length && !isHeadless && own.type !== 'ExternalName')
    errors.push(required(spec.child('ports')));
  if (own.type === 'LoadBalancer' && isHeadless)
    errors.push(
      invalid(
        spec.child('clusterIPs').index(0),
        own.clusterIP,
        "may not be set to 'None' for LoadBalancer services",
      ),
    );
  if (own.type === 'NodePort' && isHeadless)
    errors.push(
      invalid(
        spec.child('clusterIPs').index(0),
        own.clusterIP,
        "may not be set to 'None' for NodePort services",
      ),
    );
  if (own.type === 'ExternalName') {
    if (own.clusterIP)
      errors.push(
        fieldForbidden(spec.child('clusterIPs'), "may not be set when `type` is 'ExternalName'"),
      );
    const name = (own.externalName ?? '').replace(/\.$/, '');
    if (name)
      errors.push(
        ...isDns1123Subdomain(name).map((message) =>
          invalid(spec.child('externalName'), name, message),
        ),
      );
    else errors.push(required(spec.child('externalName')));
  }
  const names = new Set<string>();
  const many = (own.ports?.length ?? 0) > 1;
  own.ports?.forEach((port, index) =>
    errors.push(...validatePort(port, many, names, spec.child('ports').index(index))),
  );
  errors.push(...validateLabels(own.selector, spec.child('selector')));
  if (!own.sessionAffinity) errors.push(required(spec.child('sessionAffinity')));
  else if (!['ClientIP', 'None'].includes(own.sessionAffinity))
    errors.push(
      notSupported(spec.child('sessionAffinity'), own.sessionAffinity, ['ClientIP', 'None']),
    );
  if (!own.type) errors.push(required(spec.child('type')));
  else if (!types.includes(own.type))
    errors.push(notSupported(spec.child('type'), own.type, types));
  errors.push(...duplicatePorts(own.ports));
  return errors;
}

function validatePort(
  port: ServicePort,
  requireName: boolean,
  names: Set<string>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (requireName && !port.name) errors.push(required(path.child('name')));
  else if (port.name) {
    errors.push(
      ...isDns1123Label(port.name).map((message) =>
        invalid(path.child('name'), port.name, message),
      ),
    );
    if (names.has(port.name)) errors.push(duplicate(path.child('name'), port.name));
    names.add(port.name);
  }
  errors.push(
    ...isValidPort(port.port).map((message) => invalid(path.child('port'), port.port, message)),
  );
  if (!port.protocol) errors.push(required(path.child('protocol')));
  else if (!['TCP', 'UDP', 'SCTP'].includes(port.protocol))
    errors.push(notSupported(path.child('protocol'), port.protocol, ['SCTP', 'TCP', 'UDP']));
  errors.push(...portOrName(port.targetPort, path.child('targetPort')));
  if (port.appProtocol !== undefined)
    errors.push(
      ...isQualifiedName(port.appProtocol).map((message) =>
        invalid(path.child('appProtocol'), port.appProtocol, message),
      ),
    );
  return errors;
}

function duplicatePorts(ports: readonly ServicePort[] | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  ports?.forEach((port, index) => {
    const id = `${port.protocol ?? ''}/${port.port}`;
    if (seen.has(id))
      errors.push(
        duplicate(spec.child('ports').index(index), { protocol: port.protocol, port: port.port }),
      );
    seen.add(id);
  });
  return errors;
}
