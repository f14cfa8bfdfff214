import { forbidden } from '../../../../api/status.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { isPod } from '../pods.ts';

const HOST = 'kubernetes.io/hostname';

/** Pods may keep others off their node, but not off their zone. Models plugin/pkg/admission/antiaffinity. */
export const limitPodHardAntiAffinityTopology = {
  name: 'LimitPodHardAntiAffinityTopology',

  validate(attributes) {
    const { object, operation } = attributes;
    if (!isPod(attributes, object) || operation === 'DELETE') return undefined;
    const terms =
      object.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const other = terms.find(({ topologyKey }) => topologyKey !== HOST);
    if (other)
      throw forbidden(
        attributes,
        object.metadata.name ?? '',
        `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${other.topologyKey} but only key ${HOST} is allowed`,
      );
    return terms.length ? 'Keeps other Pods off its node only.' : undefined;
  },
} satisfies AdmissionPlugin;
