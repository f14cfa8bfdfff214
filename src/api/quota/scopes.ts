import type { KubeObject } from '../meta.ts';
import type {
  Pod,
  PersistentVolumeClaim,
  ResourceQuota,
  ScopedResourceSelectorRequirement,
} from '../types/coreV1.ts';

/** Whether all scopes of a quota hold for an object. Models quota/v1/generic Matches and podMatchesScopeFunc. */
export function matchesScopes(quota: ResourceQuota, object: KubeObject): boolean {
  const scopes: readonly ScopedResourceSelectorRequirement[] = [
    ...(quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' as const })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ];
  if (!scopes.length) return true;
  if (object.kind === 'Pod') return scopes.every((scope) => podMatches(object as Pod, scope));
  if (object.kind === 'PersistentVolumeClaim')
    return scopes.every((scope) => claimMatches(object as PersistentVolumeClaim, scope));
  return false;
}

function podMatches(pod: Pod, scope: ScopedResourceSelectorRequirement): boolean {
  const { spec } = pod;
  const isTerminating = (spec?.activeDeadlineSeconds ?? -1) >= 0;
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating;
    case 'NotTerminating':
      return !isTerminating;
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass':
      return selects(scope, spec?.priorityClassName ? [spec.priorityClassName] : []);
    case 'CrossNamespacePodAffinity':
      return usesOtherNamespaces(pod);
    default:
      return false;
  }
}

function claimMatches(
  claim: PersistentVolumeClaim,
  scope: ScopedResourceSelectorRequirement,
): boolean {
  if (scope.scopeName !== 'VolumeAttributesClass') return false;
  const names = [
    claim.spec?.volumeAttributesClassName,
    claim.status?.currentVolumeAttributesClassName,
    claim.status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name): name is string => !!name);
  return selects(scope, names);
}

function selects(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  names: readonly string[],
): boolean {
  switch (operator) {
    case 'Exists':
      return names.length > 0;
    case 'DoesNotExist':
      return names.length === 0;
    case 'In':
      return names.some((name) => values.includes(name));
    case 'NotIn':
      return !names.some((name) => values.includes(name));
    default:
      return false;
  }
}

/** No container asks for or is limited in cpu or memory. Models helper/qos. */
export const isBestEffort = (pod: Pod): boolean =>
  [
    pod.spec?.resources,
    ...[...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].map(
      (one) => one.resources,
    ),
  ].every((resources) =>
    ['cpu', 'memory'].every(
      (name) => isZero(resources?.requests?.[name]) && isZero(resources?.limits?.[name]),
    ),
  );

const isZero = (value: string | undefined): boolean =>
  value === undefined || /^0+[A-Za-z]*$/.test(value);

function usesOtherNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  return [podAffinity, podAntiAffinity].some((affinity) =>
    [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
        ({ podAffinityTerm }) => podAffinityTerm,
      ),
    ].some(({ namespaces, namespaceSelector }) => namespaces?.length || namespaceSelector),
  );
}
