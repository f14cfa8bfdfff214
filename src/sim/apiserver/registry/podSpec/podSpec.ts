import {
  FieldPath,
  fieldForbidden,
  fieldNotFound,
  invalid,
  required,
  duplicate,
  tooLong,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type { ObjectMeta } from '../../../../api/meta.ts';
import type {
  HostAlias,
  PodDNSConfig,
  PodResourceClaim,
  PodSpec,
  PodTemplateSpec,
  Volume,
} from '../../../../api/types/coreV1.ts';
import { all, allInvalid, each, mayBe, mustBeOneOf, within, type Found } from '../shared/checks.ts';
import { validateIp } from '../shared/ip.ts';
import { validateLabels } from '../shared/labels.ts';
import {
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  isUnderscoredSubdomain,
  utf8Length,
} from '../shared/names.ts';
import { validateAnnotations } from '../shared/objectMeta.ts';
import { isMirror, validatePodAnnotations, validateProfilesMatch } from './annotations.ts';
import {
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './containers.ts';
import { templateOptions, type PodOptions } from './options.ts';
import {
  validateHostProcess,
  validateHostUsers,
  validateOs,
  validatePodSecurityContext,
} from './podSecurity.ts';
import { validateOverhead, validatePodResources } from './resources.ts';
import {
  validateAffinity,
  validateSchedulingGates,
  validateTolerations,
  validateTopologySpread,
} from './scheduling.ts';
import { containersWithPaths } from './visit.ts';
import { validateVolumes } from './volumes.ts';

/** Models ValidatePodTemplateSpec: labels and annotations of the template, and its spec. */
export function validatePodTemplate(
  template: PodTemplateSpec,
  path: FieldPath,
  options: PodOptions = templateOptions,
): FieldError[] {
  const { metadata } = template;
  const spec = template.spec ?? ({} as PodSpec);
  return all(
    validateLabels(metadata?.labels, path.child('labels')),
    validateAnnotations(metadata?.annotations, path.child('annotations')),
    validatePodAnnotations(metadata?.annotations, spec, path.child('annotations'), options),
    validatePodSpec(spec, undefined, path.child('spec'), options),
    validateProfilesMatch(metadata?.annotations, spec, path.child('spec')),
    spec.ephemeralContainers?.length &&
      fieldForbidden(
        path.child('spec', 'ephemeralContainers'),
        'ephemeral containers not allowed in pod template',
      ),
  );
}

/** Models ValidatePodSpec: all of its errors, in its order. `meta`: of a pod; templates have none. */
export function validatePodSpec(
  spec: PodSpec,
  meta: ObjectMeta | undefined,
  path: FieldPath,
  options: PodOptions,
): FieldError[] {
  const at = (name: string): FieldPath => path.child(name);
  const { good: volumes, errors } = validateVolumes(spec, meta, at('volumes'), options);
  const claims = new Set(spec.resourceClaims?.map(({ name }) => name).filter(Boolean));
  const context = { spec, volumes, claims, options };
  return all(
    spec.terminationGracePeriodSeconds === undefined &&
      required(at('terminationGracePeriodSeconds')),
    errors,
    validateResourceClaims(spec.resourceClaims, meta, at('resourceClaims')),
    validateContainers(context, at('containers')),
    validateInitContainers(context, at('initContainers')),
    validateEphemeralContainers(context, at('ephemeralContainers')),
    validatePodResources(spec, claims, at('resources'), options),
    validateHostNetworkPorts(spec, at('containers'), options),
    mustBeOneOf(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], at('restartPolicy')),
    mustBeOneOf(
      spec.dnsPolicy,
      ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'],
      at('dnsPolicy'),
    ),
    validateLabels(spec.nodeSelector, at('nodeSelector')),
    validatePodSecurityContext(spec, at('securityContext'), options),
    validateAffinity(spec.affinity, at('affinity'), options),
    validateDns(spec.dnsConfig, spec.dnsPolicy, at('dnsConfig')),
    each(spec.readinessGates, at('readinessGates'), ({ conditionType }, place) =>
      allInvalid(place.child('conditionType'), conditionType, isQualifiedName(conditionType)),
    ),
    validateSchedulingGates(spec.schedulingGates, at('schedulingGates')),
    validateTopologySpread(
      spec.topologySpreadConstraints,
      at('topologySpreadConstraints'),
      options,
    ),
    validateHostProcess(spec, path),
    validateHostUsers(spec, path, options),
    validateHostname(spec, at('hostnameOverride')),
    mayBe(isDns1123Subdomain, spec.serviceAccountName, at('serviceAccountName')),
    mayBe(isDns1123Subdomain, spec.nodeName, at('nodeName')),
    within(spec.activeDeadlineSeconds, 1, 2147483647, at('activeDeadlineSeconds')),
    mayBe(isDns1123Label, spec.hostname, at('hostname')),
    mayBe(isDns1123Label, spec.subdomain, at('subdomain')),
    validateTolerations(spec.tolerations, at('tolerations'), options),
    each(spec.hostAliases, at('hostAliases'), validateHostAlias),
    mayBe(isDns1123Subdomain, spec.priorityClassName, at('priorityClassName')),
    spec.runtimeClassName !== undefined &&
      allInvalid(
        at('runtimeClassName'),
        spec.runtimeClassName,
        isDns1123Subdomain(spec.runtimeClassName),
      ),
    spec.preemptionPolicy !== undefined &&
      mustBeOneOf(spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'], at('preemptionPolicy')),
    spec.overhead && validateOverhead(spec.overhead, at('overhead'), options),
    validateOs(spec, path),
    spec.schedulingGroup &&
      validateSchedulingGroup(spec.schedulingGroup.podGroupName, at('schedulingGroup')),
    validateFileKeyVolumes(spec, path),
  );
}

function validateResourceClaims(
  claims: readonly PodResourceClaim[] | undefined,
  meta: ObjectMeta | undefined,
  path: FieldPath,
): FieldError[] {
  const names = new Set<string>();
  return each(claims, path, (claim, at) => {
    if (meta && isMirror(meta))
      return fieldForbidden(FieldPath.root.key(''), 'static pods do not support resource claims');
    const { name, resourceClaimName: own, resourceClaimTemplateName: template } = claim;
    const isDouble = names.has(name);
    if (name) names.add(name);
    const wrong = (detail: string): FieldError =>
      invalid(at, internalForm('core.PodResourceClaim', claim), detail);
    return [
      !name
        ? required(at.child('name'))
        : isDouble
          ? duplicate(at.child('name'), name)
          : allInvalid(at.child('name'), name, isDns1123Label(name)),
      own !== undefined &&
        template !== undefined &&
        wrong('at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'),
      own === undefined &&
        template === undefined &&
        wrong('must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'),
      own !== undefined && allInvalid(at.child('resourceClaimName'), own, isDns1123Subdomain(own)),
      template !== undefined &&
        allInvalid(at.child('resourceClaimTemplateName'), template, isDns1123Subdomain(template)),
    ];
  });
}

/** On the node's network a port is the node's. */
const validateHostNetworkPorts = (spec: PodSpec, path: FieldPath, options: PodOptions): Found =>
  spec.hostNetwork &&
  each(spec.containers as PodSpec['containers'] | null, path, ({ ports }, at) =>
    each(
      ports,
      at.child('ports'),
      ({ hostPort = 0, containerPort }, place) =>
        (options.isPod || hostPort !== 0) &&
        hostPort !== containerPort &&
        invalid(
          place.child('hostPort'),
          hostPort,
          'must match `containerPort` when `hostNetwork` is true',
        ),
    ),
  );

function validateDns(
  config: PodDNSConfig | undefined,
  policy: string | undefined,
  path: FieldPath,
): Found {
  const { nameservers = [], searches = [], options } = config ?? {};
  if (policy === 'None') {
    if (!config) return required(path, 'must provide `dnsConfig` when `dnsPolicy` is None');
    if (!nameservers.length)
      return required(
        path.child('nameservers'),
        'must provide at least one DNS nameserver when `dnsPolicy` is None',
      );
  }
  const at = path.child('searches');
  return [
    nameservers.length > 3 &&
      invalid(path.child('nameservers'), nameservers, 'must not have more than 3 nameservers'),
    each(nameservers, path.child('nameservers'), (server, place) => validateIp(place, server)),
    searches.length > 32 && invalid(at, searches, 'must not have more than 32 search paths'),
    utf8Length(searches.join(' ')) > 2048 &&
      invalid(
        at,
        searches,
        'must not have more than 2048 characters (including spaces) in the search list',
      ),
    each(searches, at, (search, place) => {
      const name = search.replace(/\.$/, '');
      return search !== '.' && allInvalid(place, name, isUnderscoredSubdomain(name));
    }),
    each(
      options,
      path.child('options'),
      ({ name }, place) => !name && required(place, 'must not be empty'),
    ),
  ];
}

const validateHostname = (spec: PodSpec, path: FieldPath): Found => {
  const name = spec.hostnameOverride;
  return (
    name !== undefined && [
      spec.setHostnameAsFQDN &&
        fieldForbidden(path, 'may not be specified when setHostnameAsFQDN is true'),
      spec.hostNetwork && fieldForbidden(path, 'may not be specified when hostNetwork is true'),
      utf8Length(name) > 64 && tooLong(path, 64),
      allInvalid(path, name, isDns1123Subdomain(name)),
    ]
  );
};

const validateHostAlias = ({ ip, hostnames }: HostAlias, path: FieldPath): Found => [
  validateIp(path.child('ip'), ip),
  each(hostnames, path.child('hostnames'), (name, at) =>
    allInvalid(at, name, isDns1123Subdomain(name)),
  ),
];

const validateSchedulingGroup = (name: string | undefined, path: FieldPath): Found =>
  name === undefined
    ? invalid(path.child('podGroupName'), null, 'must specify one of: `podGroupName`')
    : allInvalid(path.child('podGroupName'), name, isDns1123Subdomain(name));

/** A file of variables lies in an emptyDir. */
function validateFileKeyVolumes(spec: PodSpec, path: FieldPath): Found {
  const volumes = new Map<string, Volume>(spec.volumes?.map((volume) => [volume.name, volume]));
  return containersWithPaths(spec, path).map(([{ env }, at]) =>
    each(env, at.child('env'), ({ valueFrom }, place) => {
      if (!valueFrom?.fileKeyRef) return undefined;
      const name = valueFrom.fileKeyRef.volumeName;
      const where = place.child('valueFrom', 'fileKeyRef', 'volumeName');
      const volume = volumes.get(name);
      if (!volume) return fieldNotFound(where, name);
      return !volume.emptyDir && invalid(where, name, 'referenced volume must be of type emptyDir');
    }),
  );
}
