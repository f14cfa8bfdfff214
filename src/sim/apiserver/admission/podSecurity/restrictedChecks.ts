import type { Container, Volume } from '../../../../api/types/coreV1.ts';
import { procMount, seccompProfiles, unlessInUserNamespace } from './baselineChecks.ts';
import {
  containersOf,
  isWindows,
  namedContainers,
  plural,
  quoted,
  setters,
  sorted,
  type Check,
  type CheckPod,
} from './check.ts';

// The checks that the level restricted has beside those of baseline. Models k8s.io/pod-security-admission/policy check_*.go.

const allowPrivilegeEscalation: CheckPod = (_, spec) => {
  const bad = containersOf(spec).filter(
    (it) => it.securityContext?.allowPrivilegeEscalation !== false,
  );
  if (!bad.length) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${namedContainers(namesOf(bad))} must set securityContext.allowPrivilegeEscalation=false`,
  };
};

const capabilities: CheckPod = (_, spec) => {
  const containers = containersOf(spec);
  const dropsNothing = containers.filter(
    (it) => !it.securityContext?.capabilities?.drop?.includes('ALL'),
  );
  const added = (it: Container): string[] =>
    (it.securityContext?.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE');
  const adding = containers.filter((it) => added(it).length);
  const details = [
    dropsNothing.length
      ? `${namedContainers(namesOf(dropsNothing))} must set securityContext.capabilities.drop=["ALL"]`
      : '',
    adding.length
      ? `${namedContainers(namesOf(adding))} must not include ${quoted(sorted(adding.flatMap(added)))} in securityContext.capabilities.add`
      : '',
  ].filter(Boolean);
  return details.length
    ? { reason: 'unrestricted capabilities', detail: details.join('; ') }
    : undefined;
};

const ALLOWED_VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const;

const FORBIDDEN_VOLUMES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const;

const restrictedVolumes: CheckPod = (_, spec) => {
  const bad = (spec.volumes ?? []).filter((volume) => !ALLOWED_VOLUMES.some((it) => volume[it]));
  if (!bad.length) return undefined;
  const typeOf = (volume: Volume): string =>
    FORBIDDEN_VOLUMES.find((it) => volume[it]) ?? 'unknown';
  const types = sorted(bad.map(typeOf));
  const names = bad.map((volume) => volume.name);
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', 'volumes', bad.length)} ${quoted(names)} ${plural('uses', 'use', bad.length)} ${plural('restricted volume type', 'restricted volume types', types.length)} ${quoted(types)}`,
  };
};

const runAsNonRoot: CheckPod = (_, spec) => {
  const ofPod = spec.securityContext?.runAsNonRoot;
  const containers = containersOf(spec);
  const explicit = containers.filter((it) => it.securityContext?.runAsNonRoot === false);
  const implicit = containers.filter(
    (it) => it.securityContext?.runAsNonRoot === undefined && ofPod !== true,
  );
  const who = setters(ofPod === false, namesOf(explicit));
  const reason = 'runAsNonRoot != true';
  if (who) return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  if (!implicit.length) return undefined;
  return {
    reason,
    detail: `pod or ${namedContainers(namesOf(implicit))} must set securityContext.runAsNonRoot=true`,
  };
};

const runAsUser: CheckPod = (_, spec) => {
  const bad = containersOf(spec).filter((it) => it.securityContext?.runAsUser === 0);
  const who = setters(spec.securityContext?.runAsUser === 0, namesOf(bad));
  return who ? { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` } : undefined;
};

const seccomp: CheckPod = (metadata, spec) => {
  const explicit = seccompProfiles(metadata, spec);
  if (explicit || spec.securityContext?.seccompProfile) return explicit;
  const implicit = containersOf(spec).filter((it) => !it.securityContext?.seccompProfile);
  if (!implicit.length) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${namedContainers(namesOf(implicit))} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
};

const namesOf = (containers: readonly Container[]): string[] => containers.map((it) => it.name);

const unlessWindows =
  (check: CheckPod): CheckPod =>
  (metadata, spec) =>
    isWindows(spec) ? undefined : check(metadata, spec);

const restricted = (
  id: string,
  overrides: string | undefined,
  ...versions: readonly [since: number, check: CheckPod][]
): Check => ({
  id,
  level: 'restricted',
  versions: versions.map(([since, check]) => ({
    since,
    check,
    ...(overrides !== undefined && { overrides }),
  })),
});

export const restrictedChecks: readonly Check[] = [
  restricted(
    'allowPrivilegeEscalation',
    undefined,
    [8, allowPrivilegeEscalation],
    [25, unlessWindows(allowPrivilegeEscalation)],
  ),
  restricted(
    'capabilities_restricted',
    'capabilities_baseline',
    [22, capabilities],
    [25, unlessWindows(capabilities)],
  ),
  restricted('procMount_restricted', 'procMount', [35, procMount]),
  restricted('restrictedVolumes', 'hostPathVolumes', [0, restrictedVolumes]),
  restricted(
    'runAsNonRoot',
    undefined,
    [0, runAsNonRoot],
    [35, unlessInUserNamespace(runAsNonRoot)],
  ),
  restricted('runAsUser', undefined, [23, runAsUser], [35, unlessInUserNamespace(runAsUser)]),
  restricted(
    'seccompProfile_restricted',
    'seccompProfile_baseline',
    [19, seccomp],
    [25, unlessWindows(seccomp)],
  ),
];
