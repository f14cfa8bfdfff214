import type { FieldPath } from '../../../../api/field.ts';
import type { Container, PodSpec } from '../../../../api/types/coreV1.ts';

/** All containers with their places: init containers first. Models VisitContainersWithPath. */
export function containersWithPaths(
  spec: PodSpec,
  path: FieldPath,
): (readonly [Container, FieldPath])[] {
  const lists: readonly (readonly [string, readonly Container[] | null | undefined])[] = [
    ['initContainers', spec.initContainers],
    ['containers', spec.containers],
    ['ephemeralContainers', spec.ephemeralContainers],
  ];
  return lists.flatMap(([name, list]) =>
    (list ?? []).map((container, index) => [container, path.child(name).index(index)] as const),
  );
}

export function allContainers(spec: PodSpec): Container[] {
  const containers = spec.containers as Container[] | null;
  return [
    ...(spec.initContainers ?? []),
    ...(containers ?? []),
    ...((spec.ephemeralContainers ?? []) as unknown as Container[]),
  ];
}
