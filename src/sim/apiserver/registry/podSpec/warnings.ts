import type { FieldPath } from '../../../../api/field.ts';
import type { ObjectMeta } from '../../../../api/meta.ts';
import type { Container, PodSpec } from '../../../../api/types/coreV1.ts';
import { isDns1123Label } from '../shared/names.ts';

/** Models kubernetes/pkg/api/pod warnings.go: what is taken, but hardly meant. */
export function podWarnings(
  spec: PodSpec | undefined,
  meta: ObjectMeta | undefined,
  path: FieldPath,
  metaPath?: FieldPath,
): string[] {
  if (!spec) return [];
  const warnings: string[] = [];
  const containers = (spec.containers as Container[] | null) ?? [];
  const each: [readonly Container[], FieldPath][] = [
    [spec.initContainers ?? [], path.child('initContainers')],
    [containers, path.child('containers')],
  ];
  for (const [list, at] of each)
    list.forEach((container, index) => warnings.push(...envWarnings(container, at.index(index))));
  warnings.push(...portWarnings(containers, path.child('containers')));
  const grace = spec.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0)
    warnings.push(
      `${path.child('terminationGracePeriodSeconds').toString()}: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  if (meta?.name && metaPath && isDns1123Label(meta.name).length)
    warnings.push(
      `${metaPath.child('name').toString()}: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${isDns1123Label(meta.name).join(' ')}]`,
    );
  for (const [key, value] of Object.entries(meta?.annotations ?? {})) {
    if (
      key.startsWith('container.seccomp.security.alpha.kubernetes.io/') ||
      key === 'seccomp.security.alpha.kubernetes.io/pod'
    )
      warnings.push(
        `metadata.annotations[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`,
      );
    void value;
  }
  return warnings;
}

function envWarnings(container: Container, path: FieldPath): string[] {
  const seen = new Map<string, number>();
  const warnings: string[] = [];
  container.env?.forEach(({ name }, index) => {
    const first = seen.get(name);
    if (first !== undefined)
      warnings.push(
        `${path.child('env').index(index).toString()}: hides previous definition of "${name}", which may be dropped when using apply`,
      );
    else seen.set(name, index);
  });
  return warnings;
}

function portWarnings(containers: readonly Container[], path: FieldPath): string[] {
  const warnings: string[] = [];
  const taken = new Map<string, string>();
  containers.forEach((container, index) => {
    container.ports?.forEach((port, portIndex) => {
      const at = path.index(index).child('ports').index(portIndex).toString();
      const id = `${port.containerPort}/${port.protocol ?? 'TCP'}/${port.hostPort ?? 0}/${port.hostIP ?? ''}`;
      const first = taken.get(id);
      if (first !== undefined) warnings.push(`${at}: duplicate port definition with ${first}`);
      else taken.set(id, at);
    });
  });
  return warnings;
}
