import { FieldPath } from '../../../../api/field.ts';
import type { ObjectMeta } from '../../../../api/meta.ts';
import type { Container, PodAffinityTerm, PodSpec } from '../../../../api/types/coreV1.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { isDivisible, isHugePages } from '../shared/resources.ts';
import { validateDeletionCost } from './annotations.ts';
import { allContainers } from './visit.ts';
import { hasBadRequiredValue, validateMatchLabelKeys } from './scheduling.ts';
import { localNonReservedPath } from './paths.ts';
import { isHostSysctl } from './podSecurity.ts';

/**
 * What today's rules forbid and an object that was stored before may keep.
 * Models kubernetes/pkg/api/pod GetValidationOptionsFromPodSpecAndMeta.
 */
export interface PodOptions {
  /** Not a template: rules that only hold for what runs. */
  readonly isPod: boolean;
  readonly badDeletionCost?: boolean;
  readonly badSelectorValues?: boolean;
  readonly badRequiredNodeAffinity?: boolean;
  readonly badSpreadSelectors?: boolean;
  readonly badMatchLabelKeys?: boolean;
  readonly indivisibleHugePages?: boolean;
  readonly nonLocalTokenPaths?: boolean;
  readonly hostSysctls?: boolean;
  readonly anySeLinuxChangePolicy?: boolean;
  readonly restartingInitResize?: boolean;
  readonly userNamespacesWithDevices?: boolean;
  readonly userNamespacesWithHostNetwork?: boolean;
  readonly comparingTolerations?: boolean;
}

export const templateOptions: PodOptions = { isPod: false };
export const podOptions: PodOptions = { isPod: true };

export function optionsFor(isPod: boolean, old?: PodSpec, oldMeta?: ObjectMeta): PodOptions {
  if (!old) return isPod ? podOptions : templateOptions;
  const root = FieldPath.root;
  const containers = allContainers(old);
  const { hostUsers, affinity } = old;
  return {
    isPod,
    badDeletionCost: validateDeletionCost(oldMeta?.annotations, root).length > 0,
    badSelectorValues: affinityTerms(old).some(
      (term) =>
        validateLabelSelector(term.labelSelector, root).length > 0 ||
        validateLabelSelector(term.namespaceSelector, root).length > 0,
    ),
    badRequiredNodeAffinity: hasBadRequiredValue(
      affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    ),
    badSpreadSelectors: (old.topologySpreadConstraints ?? []).some(
      ({ labelSelector }) => validateLabelSelector(labelSelector, root).length > 0,
    ),
    badMatchLabelKeys: (old.topologySpreadConstraints ?? []).some(
      ({ matchLabelKeys, labelSelector }) =>
        validateMatchLabelKeys(matchLabelKeys, [], labelSelector, root).length > 0,
    ),
    indivisibleHugePages: hasIndivisible(containers, old.overhead),
    nonLocalTokenPaths: (old.volumes ?? [])
      .flatMap(({ projected }) => projected?.sources ?? [])
      .some(
        ({ serviceAccountToken: token }) =>
          token && localNonReservedPath(token.path, root).length > 0,
      ),
    hostSysctls: (old.securityContext?.sysctls ?? []).some(
      ({ name }) => isHostSysctl(name, old) !== undefined,
    ),
    anySeLinuxChangePolicy: old.securityContext?.seLinuxChangePolicy !== undefined,
    restartingInitResize: (old.initContainers ?? []).some(
      ({ restartPolicy, resizePolicy }) =>
        restartPolicy !== 'Always' &&
        resizePolicy?.some((policy) => policy.restartPolicy === 'RestartContainer'),
    ),
    userNamespacesWithDevices:
      hostUsers === false && containers.some(({ volumeDevices }) => volumeDevices?.length),
    userNamespacesWithHostNetwork: hostUsers === false && old.hostNetwork === true,
    comparingTolerations: (old.tolerations ?? []).some(({ operator }) =>
      ['Lt', 'Gt'].includes(operator ?? ''),
    ),
  };
}

function affinityTerms({ affinity }: PodSpec): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((kind) => [
    ...(kind?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(kind?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ podAffinityTerm }) => podAffinityTerm,
    ),
  ]);
}

const hasIndivisible = (
  containers: readonly Container[],
  overhead: Readonly<Record<string, string>> = {},
): boolean =>
  [overhead, ...containers.flatMap(({ resources }) => [resources?.limits, resources?.requests])]
    .flatMap((list) => Object.entries(list ?? {}))
    .some(([name, amount]) => isHugePages(name) && !isDivisible(name, amount));
