import { asGiven } from '../../../../api/emptied.ts';
import {
  FieldPath,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressSpec,
} from '../../../../api/types/networkingV1.ts';
import type { TypedLocalObjectReference } from '../../../../api/types/coreV1.ts';
import { all, allInvalid, each, type Loose } from '../shared/checks.ts';
import { ipWarnings, parseIp, validateIp } from '../shared/ip.ts';
import {
  isDns1123Label,
  isDns1123Subdomain,
  isPathSegment,
  isPortName,
  isValidPort,
  isWildcardSubdomain,
} from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';

const spec = FieldPath.of('spec');
const loadBalancer = FieldPath.of('status', 'loadBalancer', 'ingress');
const classAnnotation = 'kubernetes.io/ingress.class';

/** Models kubernetes/pkg/registry/networking/ingress and pkg/apis/networking/validation. */
export const ingressStrategy: Strategy<Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  hasGeneration: true,
  metaOnUpdate: ['update', 'create'],
  validate(ingress) {
    const annotation = ingress.metadata.annotations?.[classAnnotation];
    const name = ingress.spec?.ingressClassName;
    return all(
      validateSpec(ingress.spec ?? {}, strict),
      annotation !== undefined &&
        name !== undefined &&
        annotation !== name &&
        invalid(
          FieldPath.of('annotations', classAnnotation),
          annotation,
          'must match `ingressClassName` when both are specified',
        ),
    );
  },
  warningsOnCreate: ({ metadata, spec: own }) =>
    metadata.annotations?.[classAnnotation] !== undefined && own?.ingressClassName === undefined
      ? [
          `annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`,
        ]
      : [],
  validateUpdate: (ingress, old) => validateSpec(ingress.spec ?? {}, toleranceOf(old.spec ?? {})),
  subresources: {
    status: {
      validateUpdate: ({ status }, old) => {
        const accepted = (old.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? '');
        return each(status?.loadBalancer?.ingress, loadBalancer, ({ ip, hostname }, at) =>
          all(
            ip && validateIp(at.child('ip'), ip, accepted),
            hostname && allInvalid(at.child('hostname'), hostname, isDns1123Subdomain(hostname)),
            hostname && notAnAddress(at.child('hostname'), hostname),
          ),
        );
      },
      warningsOnUpdate: ({ status }) =>
        (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, index) =>
          ip ? ipWarnings(loadBalancer.index(index), ip) : [],
        ),
    },
  },
};

/** What an update may keep because it was stored before the rule was. */
interface Tolerance {
  readonly secretNames: boolean;
  readonly wildcardRules: boolean;
}
const strict: Tolerance = { secretNames: false, wildcardRules: false };

function toleranceOf(old: Loose<IngressSpec>): Tolerance {
  const problemsOf = (name: string | null | undefined): readonly string[] =>
    name ? isDns1123Subdomain(name) : [];
  return {
    secretNames: (old.tls ?? []).some(({ secretName }) => problemsOf(secretName).length > 0),
    wildcardRules: (old.rules ?? []).some(
      (rule) => rule.host?.includes('*') && validateRuleValue(rule, spec).length > 0,
    ),
  };
}

type Rule = Loose<NonNullable<IngressSpec['rules']>[number]>;

function validateSpec(own: Loose<IngressSpec>, allowed: Tolerance): FieldError[] {
  const { ingressClassName: name } = own;
  return all(
    !own.rules?.length &&
      !own.defaultBackend &&
      invalid(
        spec,
        asGiven(own, 'rules') ?? null,
        'either `defaultBackend` or `rules` must be specified',
      ),
    own.defaultBackend && validateBackend(own.defaultBackend, spec.child('defaultBackend')),
    each(own.rules, spec.child('rules'), (rule, at) => validateRule(rule, at, allowed)),
    each(own.tls, spec.child('tls'), ({ hosts, secretName }, at) =>
      all(
        each(hosts, at.child('hosts'), (host, hostAt) => allInvalid(hostAt, host, isHost(host))),
        !allowed.secretNames &&
          secretName &&
          allInvalid(at.child('secretName'), secretName, isDns1123Subdomain(secretName)),
      ),
    ),
    name !== undefined &&
      name !== null &&
      allInvalid(spec.child('ingressClassName'), name, isDns1123Subdomain(name)),
  );
}

const isHost = (host: string): string[] =>
  host.includes('*') ? isWildcardSubdomain(host) : isDns1123Subdomain(host);

const notAnAddress = (at: FieldPath, host: string) =>
  parseIp(host) && invalid(at, host, 'must be a DNS name, not an IP address');

function validateRule(rule: Rule, at: FieldPath, allowed: Tolerance): FieldError[] {
  const { host } = rule;
  return all(
    host && notAnAddress(at.child('host'), host),
    host && allInvalid(at.child('host'), host, isHost(host)),
    !(host?.includes('*') && allowed.wildcardRules) && validateRuleValue(rule, at),
  );
}

function validateRuleValue({ http }: Rule, at: FieldPath): FieldError[] {
  if (!http) return [];
  const paths = at.child('http', 'paths');
  return all(!http.paths?.length && required(paths), each(http.paths, paths, validatePath));
}

const forbiddenSequences = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEnds = ['/..', '/.'];

function validatePath(item: Loose<HTTPIngressPath>, at: FieldPath): FieldError[] {
  const { path = '', pathType, backend } = item;
  const value = path ?? '';
  const pathAt = at.child('path');
  const relative = !value.startsWith('/') && invalid(pathAt, value, 'must be an absolute path');
  const rest = validateBackend(backend ?? {}, at.child('backend'));
  switch (pathType) {
    case undefined:
    case null:
      return [required(at.child('pathType'), 'pathType must be specified')];
    case 'Exact':
    case 'Prefix':
      return all(
        relative,
        forbiddenSequences
          .filter((sequence) => value.includes(sequence))
          .map((sequence) => invalid(pathAt, value, `must not contain '${sequence}'`)),
        forbiddenEnds
          .filter((end) => value.endsWith(end))
          .map((end) => invalid(pathAt, value, `cannot end with '${end}'`)),
        rest,
      );
    case 'ImplementationSpecific':
      return all(value && relative, rest);
    default:
      return all(
        notSupported(at.child('pathType'), pathType, ['Exact', 'ImplementationSpecific', 'Prefix']),
        rest,
      );
  }
}

function validateBackend(backend: Loose<IngressBackend>, at: FieldPath): FieldError[] {
  const { resource, service } = backend;
  if (resource && service)
    return [invalid(at, '', 'cannot set both resource and service backends')];
  if (resource) return validateResource(resource, at.child('resource'));
  if (!service) return [invalid(at, '', 'resource or service backend is required')];
  const nameAt = at.child('service', 'name');
  const portAt = at.child('service', 'port');
  const { name: portName = '', number = 0 } = service.port ?? {};
  return all(
    service.name
      ? allInvalid(nameAt, service.name, isDns1123Label(service.name))
      : required(nameAt),
    portName && number
      ? invalid(at, '', 'cannot set both port name & port number')
      : portName
        ? allInvalid(portAt.child('name'), portName, isPortName(portName))
        : number
          ? allInvalid(portAt.child('number'), number, isValidPort(number))
          : required(at, 'port name or number is required'),
  );
}

function validateResource(to: Loose<TypedLocalObjectReference>, at: FieldPath): FieldError[] {
  const { apiGroup } = to;
  return all(
    typeof apiGroup === 'string' &&
      allInvalid(at.child('apiGroup'), apiGroup, isDns1123Subdomain(apiGroup)),
    requiredPathSegment(to.kind, at.child('kind')),
    requiredPathSegment(to.name, at.child('name')),
  );
}

/** A part of a URL that must be there. */
export const requiredPathSegment = (
  value: string | null | undefined,
  at: FieldPath,
): FieldError[] => (value ? allInvalid(at, value, isPathSegment(value)) : [required(at)]);
