import {
  FieldPath,
  duplicate,
  fieldForbidden,
  invalid,
  required,
  tooLong,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type {
  Container,
  ContainerStatus,
  Pod,
  PodSpec,
  PodStatus,
} from '../../../../api/types/coreV1.ts';
import { validateAnnotationUpdate, validatePodAnnotations } from '../podSpec/annotations.ts';
import { optionsFor } from '../podSpec/options.ts';
import {
  all,
  allInvalid,
  each,
  must,
  mustBe,
  oneOf,
  seenBefore,
  unixId,
  type Found,
} from '../shared/checks.ts';
import { isIpv4, parseIp, validateIp } from '../shared/ip.ts';
import {
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  utf8Length,
} from '../shared/names.ts';
import { validateImmutable } from '../shared/objectMeta.ts';

// What a kubelet may say of a pod. Models core/validation ValidatePodStatusUpdate.

/** What belongs to features that are off, unless it is there already. Models pkg/api/pod dropDisabledPodStatusFields. */
export function dropDisabledStatus(status: PodStatus, old: PodStatus | undefined): void {
  const mounts = (of: PodStatus | undefined) =>
    kinds.flatMap((kind) => of?.[kind] ?? []).flatMap(({ volumeMounts }) => volumeMounts ?? []);
  if (!mounts(old).some(({ volumeStatus }) => volumeStatus))
    for (const mount of mounts(status)) delete mount.volumeStatus;
  if (!old?.nodeAllocatableResourceClaimStatuses)
    delete status.nodeAllocatableResourceClaimStatuses;
}

/** The first address stands in a field of its own, too; who sets only one of both sets both. Models Convert_v1_PodStatus_To_core_PodStatus. */
export function mirrorPodIp({ status }: Pod): void {
  const { podIP, podIPs: [first] = [] } = status ?? {};
  if (status && podIP && podIP !== first?.ip) status.podIPs = [{ ip: podIP }];
  else if (status && first) status.podIP = first.ip;
}

const path = FieldPath.of('status');
const kinds = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;
const ofSystem = ['PodScheduled', 'Ready', 'Initialized'];

export function validatePodStatus(pod: Pod, old: Pod): FieldError[] {
  const { status = {}, spec = {} as PodSpec } = pod;
  const before = old.status ?? {};
  const { nominatedNodeName: node = '' } = status;
  const isNewNode = node !== '' && node !== (before.nominatedNodeName ?? '');
  const options = optionsFor(true, old.spec, old.metadata);
  const annotations = FieldPath.of('metadata', 'annotations');
  const windows = spec.os?.name === 'windows';
  return all(
    validateAnnotationUpdate(pod.metadata.annotations, old.metadata.annotations, annotations),
    validatePodAnnotations(pod.metadata.annotations, spec, annotations, options),
    each(status.conditions, path.child('conditions'), ({ type, observedGeneration }, at) => [
      natural(observedGeneration, at.child('observedGeneration')),
      !ofSystem.includes(type) && allInvalid(at.child('Type'), type, isQualifiedName(type)),
    ]),
    isNewNode && allInvalid(path.child('nominatedNodeName'), node, isDns1123Subdomain(node)),
    old.spec?.nodeName &&
      isNewNode &&
      fieldForbidden(
        path.child('nominatedNodeName'),
        'may not be set on pods that are already bound to a node',
      ),
    natural(status.observedGeneration, path.child('observedGeneration')),
    validateImmutable(status.qosClass ?? '', before.qosClass ?? '', path.child('qosClass')),
    validateTransitions(status, before, old.spec),
    validateClaimStatuses(status, spec),
    validateExtendedClaim(status, spec),
    validateIps(status.podIPs, before.podIPs, 'podIPs'),
    status.hostIPs?.length &&
      (status.hostIP ?? '') !== (status.hostIPs[0]?.ip ?? '') &&
      invalid(
        path.child('hostIPs').index(0).child('ip'),
        status.hostIPs[0]?.ip,
        'must be equal to `hostIP`',
      ),
    validateIps(status.hostIPs, before.hostIPs, 'hostIPs'),
    kinds.map((kind) =>
      each(status[kind], path.child(kind), (one, at) => validateUser(one, windows, at)),
    ),
    each(status.containerStatuses, path.child('containerStatuses'), (one, at) =>
      validateAllocated(one, spec.containers, at.child('allocatedResourcesStatus')),
    ),
    each(status.initContainerStatuses, path.child('initContainerStatuses'), (one, at) =>
      validateAllocated(one, spec.initContainers ?? [], at.child('allocatedResourcesStatus')),
    ),
    each(
      status.ephemeralContainerStatuses,
      path.child('ephemeralContainerStatuses'),
      ({ allocatedResourcesStatus }, at) =>
        allocatedResourcesStatus?.length &&
        fieldForbidden(
          at.child('allocatedResourcesStatus'),
          'must not be specified in container status',
        ),
    ),
  );
}

const natural = (value: number | undefined, at: FieldPath): Found =>
  (value ?? 0) < 0 && invalid(at, value, 'must be a non-negative integer');

/** A container that ended stays so, unless its policy lets it start again. */
function validateTransitions(
  now: PodStatus,
  before: PodStatus,
  spec: PodSpec | undefined,
): FieldError[] {
  return all(
    kinds.map((kind) => {
      const mayRestartAll = kind !== 'ephemeralContainerStatuses' && allCouldRestart(spec);
      return each(before[kind], path.child(kind), ({ name, state }, at) => {
        const ended = state?.terminated;
        if (!ended || mayRestartAll) return undefined;
        const next = now[kind]?.find((one) => one.name === name);
        if (!next || next.state?.terminated) return undefined;
        const list = kind === 'containerStatuses' ? spec?.containers : spec?.initContainers;
        const container = list?.find((one) => one.name === name);
        const isAllowed =
          kind !== 'ephemeralContainerStatuses' &&
          container !== undefined &&
          shouldRestart(container, spec?.restartPolicy, ended.exitCode);
        return (
          !isAllowed &&
          fieldForbidden(at.child('state'), 'may not be transitioned to non-terminated state')
        );
      });
    }),
  );
}

const allCouldRestart = (spec: PodSpec | undefined): boolean =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].some(({ restartPolicyRules }) =>
    restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  );

/** Models podutil ContainerShouldRestart: rules first, then the container's policy, then the pod's. */
function shouldRestart(
  { restartPolicy, restartPolicyRules }: Container,
  podPolicy: string | undefined,
  exitCode: number,
): boolean {
  const isMet = restartPolicyRules?.some(
    ({ exitCodes }) =>
      exitCodes &&
      (exitCodes.operator === 'In') === (exitCodes.values?.includes(exitCode) ?? false),
  );
  if (isMet) return true;
  const policy = restartPolicy ?? podPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function validateClaimStatuses(
  { resourceClaimStatuses }: PodStatus,
  { resourceClaims }: PodSpec,
): FieldError[] {
  const seen = seenBefore();
  return each(
    resourceClaimStatuses,
    path.child('resourceClaimStatuses'),
    ({ name, resourceClaimName: claim }, at) => [
      !resourceClaims?.some((one) => one.name === name) &&
        invalid(at.child('name'), name, 'must match the name of an entry in `spec.resourceClaims`'),
      seen(name) && duplicate(at.child('name'), name),
      claim !== undefined &&
        allInvalid(at.child('resourceClaimName'), claim, isDns1123Subdomain(claim)),
    ],
  );
}

function validateExtendedClaim(
  { extendedResourceClaimStatus: own }: PodStatus,
  spec: PodSpec,
): Found {
  if (!own) return undefined;
  const at = path.child('extendedResourceClaimStatus');
  const containers = new Map(
    [...(spec.initContainers ?? []), ...spec.containers].map((one) => [one.name, one]),
  );
  const seen = seenBefore();
  return [
    must(
      own.requestMappings,
      at.child('requestMappings'),
      'at least one request mapping is required',
    ),
    each(own.requestMappings, at.child('requestMappings'), (mapping, place) => {
      const { containerName, resourceName, requestName } = mapping;
      const container = containers.get(containerName);
      const isDouble = seen(JSON.stringify([containerName, resourceName, requestName]));
      return [
        container
          ? container.resources?.requests?.[resourceName] === undefined &&
            invalid(
              place.child('resourceName'),
              resourceName,
              'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests',
            )
          : invalid(
              place.child('containerName'),
              containerName,
              'must match the name of an entry in spec.initContainers.name or spec.containers.name',
            ),
        allInvalid(at.child('requestName'), requestName, isDns1123Label(requestName)),
        isDouble && [
          duplicate(place.child('containerName'), containerName),
          duplicate(place.child('resourceName'), resourceName),
          duplicate(place.child('requestName'), requestName),
        ],
      ];
    }),
    mustBe(isDns1123Subdomain, own.resourceClaimName, at.child('resourceClaimName')),
  ];
}

interface HasIp {
  readonly ip: string;
}

function validateIps(
  now: readonly HasIp[] = [],
  before: readonly HasIp[] = [],
  name: 'podIPs' | 'hostIPs',
): FieldError[] {
  const at = path.child(name);
  const known = before.map(({ ip }) => ip);
  const families = now.map(({ ip }) => parseIp(ip)).map((ip) => ip && isIpv4(ip));
  const wrong = families.indexOf(undefined);
  const isDual = families.includes(true) && families.includes(false);
  return all(
    each(now, at, ({ ip }, place) => validateIp(place, ip, known)),
    now.length > 1 && [
      wrong >= 0 && unparsable(at, wrong, now[wrong]?.ip),
      (!isDual || wrong >= 0 || now.length > 2) &&
        invalid(
          at,
          internalForm(name === 'podIPs' ? '[]core.PodIP' : '[]core.HostIP', now),
          'may specify no more than one IP for each IP family',
        ),
    ],
  );
}

const unparsable = (at: FieldPath, index: number, ip = ''): FieldError => ({
  type: 'InternalError',
  field: at.toString(),
  detail: `failed to check for dual stack with error:invalid IP[${index}]: ${ip}`,
});

function validateUser({ user }: ContainerStatus, windows: boolean, at: FieldPath): Found {
  const place = at.child('user', 'linux');
  if (!user?.linux) return undefined;
  if (windows) return fieldForbidden(place, 'cannot be set for a windows pod');
  const { uid, gid, supplementalGroups } = user.linux;
  return [
    unixId(uid, place.child('uid')),
    unixId(gid, place.child('gid')),
    each(supplementalGroups, place.child('supplementalGroups'), unixId),
  ];
}

function validateAllocated(
  { name, allocatedResourcesStatus }: ContainerStatus,
  containers: readonly Container[],
  at: FieldPath,
): Found {
  const container = containers.find((one) => one.name === name);
  const claims = (container?.resources?.claims ?? []).map(
    (claim) => `claim:${claim.name}${claim.request ? `/${claim.request}` : ''}`,
  );
  return each(allocatedResourcesStatus, at, (allocated, place) => {
    const isClaim = allocated.name.startsWith('claim:');
    const isKnown = isClaim
      ? claims.includes(allocated.name)
      : container?.resources?.requests?.[allocated.name] !== undefined;
    const seen = seenBefore();
    return [
      container &&
        !isKnown &&
        invalid(
          place.child('name'),
          allocated.name,
          isClaim
            ? "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
            : "must match one of the container's resource requests",
        ),
      each(
        allocated.resources,
        place.child('resources'),
        ({ resourceID, health, message }, spot) => [
          oneOf(health, ['Healthy', 'Unhealthy', 'Unknown'], spot.child('health')),
          message === '' && required(spot.child('message'), 'must be non-empty if specified'),
          utf8Length(message ?? '') > 1024 && tooLong(spot.child('message'), 1024),
          seen(resourceID) && duplicate(spot.child('resourceID'), resourceID),
        ],
      ),
    ];
  });
}

/** Who does not say which generation it saw has seen the one of before. */
export function keepObservedGenerations(pod: Pod, old: Pod): void {
  const status = (pod.status ??= {});
  if (!status.observedGeneration && old.status?.observedGeneration)
    status.observedGeneration = old.status.observedGeneration;
  const known = [...(old.status?.conditions ?? [])];
  for (const condition of status.conditions ?? []) {
    const at = known.findIndex(({ type }) => type === condition.type);
    const generation = at < 0 ? undefined : known.splice(at, 1)[0]?.observedGeneration;
    if (!condition.observedGeneration && generation) condition.observedGeneration = generation;
  }
}
