import { equal } from '../../../../api/meta.ts';
import type { PodSpec, Toleration } from '../../../../api/types/coreV1.ts';
import { isQualifiedName } from '../../registry/shared/names.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { isPod } from '../pods.ts';

/** Pods that ask for a device tolerate the taint of nodes that have it. Models plugin/pkg/admission/extendedresourcetoleration. */
export const extendedResourceToleration = {
  name: 'ExtendedResourceToleration',

  admit(attributes, object) {
    if (!isPod(attributes, object) || attributes.operation === 'DELETE') return undefined;
    const { spec } = object;
    if (!spec) return undefined;
    const names = [
      ...new Set(
        [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
          Object.keys(resources?.requests ?? {}).filter(isExtended),
        ),
      ),
    ].sort();
    for (const key of names) tolerate(spec, { key, operator: 'Exists', effect: 'NoSchedule' });
    return names.length ? `Tolerates the taints of nodes with ${names.join(', ')}.` : undefined;
  },
} satisfies AdmissionPlugin;

/** Models core/helper IsExtendedResourceName. */
const isExtended = (name: string): boolean =>
  name.includes('/') &&
  !name.includes('kubernetes.io/') &&
  !name.startsWith('requests.') &&
  !isQualifiedName(`requests.${name}`).length;

/** Models core/helper AddOrUpdateTolerationInPod. */
function tolerate(spec: PodSpec, wanted: Toleration): void {
  const matches = (other: Toleration): boolean =>
    other.key === wanted.key &&
    (other.effect ?? '') === wanted.effect &&
    other.operator === wanted.operator &&
    (other.value ?? '') === (wanted.value ?? '');
  const before = spec.tolerations ?? [];
  if (before.some((other) => equal(other, wanted))) return;
  spec.tolerations = before.some(matches)
    ? before.map((other) => (matches(other) ? wanted : other))
    : [...before, wanted];
}
