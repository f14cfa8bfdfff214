import type { ObjectMeta } from '../../../../api/meta.ts';
import type { Container, PodSpec } from '../../../../api/types/coreV1.ts';

/** What a check forbids: `privileged` with `container "web" must not set securityContext.privileged=true`. */
export interface Finding {
  readonly reason: string;
  readonly detail: string;
}

export type CheckPod = (metadata: ObjectMeta, spec: PodSpec) => Finding | undefined;

/** A rule of a level as it stands since some 1.x versions. Models pod-security-admission/policy Check. */
export interface Check {
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** In rising order of `since` (the minor version). */
  readonly versions: readonly {
    readonly since: number;
    readonly check: CheckPod;
    /** A baseline check that this one stands for at the restricted level. */
    readonly overrides?: string;
  }[];
}

/** Containers in the order in which the checks name them. */
export const containersOf = (spec: PodSpec): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...((spec.ephemeralContainers ?? []) as readonly Container[]),
];

export const quoted = (items: Iterable<string>): string =>
  [...items].map((item) => `"${item}"`).join(', ');

export const plural = (one: string, many: string, count: number): string =>
  count === 1 ? one : many;

/** `container "a"`, `containers "a", "b"`. */
export const namedContainers = (names: readonly string[]): string =>
  `${plural('container', 'containers', names.length)} ${quoted(names)}`;

/** `pod and containers "a", "b"`: who set something that is forbidden; '' for nobody. */
export function setters(isPod: boolean, containers: readonly string[], more?: string): string {
  return [isPod ? 'pod' : '', containers.length ? namedContainers(containers) : '', more ?? '']
    .filter(Boolean)
    .join(' and ');
}

export const sorted = (items: Iterable<string>): string[] => [...new Set(items)].sort();

export const isWindows = (spec: PodSpec): boolean => spec.os?.name === 'windows';

/** A pod in a user namespace of its own may do more, since 1.35. */
export const inUserNamespace = (spec: PodSpec): boolean => spec.hostUsers === false;
