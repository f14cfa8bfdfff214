import type { Pod } from '../../../api/types/coreV1.ts';

/** The names of the objects of a resource that a Pod refers to, in its own namespace. Models authorizer/node graph.go AddPod. */
export function podReferences(pod: Pod, resource: string): readonly string[] {
  const { spec } = pod;
  if (!spec) return [];
  switch (resource) {
    case 'serviceaccounts':
      return spec.serviceAccountName ? [spec.serviceAccountName] : [];
    case 'secrets':
      return known([
        ...secretsOfVolumes(pod),
        ...fromContainers(pod, 'secret'),
        ...pullSecrets(pod),
      ]);
    case 'configmaps':
      return known([...configMapsOfVolumes(pod), ...fromContainers(pod, 'configMap')]);
    case 'persistentvolumeclaims':
      return known(
        (spec.volumes ?? []).map((volume) =>
          volume.ephemeral
            ? `${pod.metadata.name ?? ''}-${volume.name}`
            : volume.persistentVolumeClaim?.claimName,
        ),
      );
    default:
      return [];
  }
}

const known = (names: readonly (string | undefined)[]): string[] =>
  names.filter((name): name is string => name !== undefined);

const pullSecrets = ({ spec }: Pod): (string | undefined)[] =>
  (spec?.imagePullSecrets ?? []).map(({ name }) => name);

const secretsOfVolumes = ({ spec }: Pod): (string | undefined)[] =>
  (spec?.volumes ?? []).flatMap((volume) => [
    volume.secret?.secretName,
    ...(volume.projected?.sources ?? []).map((source) => source.secret?.name),
  ]);

const configMapsOfVolumes = ({ spec }: Pod): (string | undefined)[] =>
  (spec?.volumes ?? []).flatMap((volume) => [
    volume.configMap?.name,
    ...(volume.projected?.sources ?? []).map((source) => source.configMap?.name),
  ]);

function fromContainers({ spec }: Pod, kind: 'secret' | 'configMap'): (string | undefined)[] {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return containers.flatMap(({ env, envFrom }) => [
    ...(env ?? []).map(({ valueFrom }) =>
      kind === 'secret' ? valueFrom?.secretKeyRef?.name : valueFrom?.configMapKeyRef?.name,
    ),
    ...(envFrom ?? []).map((source) =>
      kind === 'secret' ? source.secretRef?.name : source.configMapRef?.name,
    ),
  ]);
}
