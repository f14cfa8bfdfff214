import { nodes } from '../../../../api/resources.ts';
import type { KubeObject } from '../../../../api/meta.ts';
import type { Pod } from '../../../../api/types/coreV1.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const topologyLabels = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** A Pod that is bound gets the zone and region of its Node. Models kubernetes/plugin/pkg/admission/podtopologylabels. */
export const podTopologyLabels = {
  name: 'PodTopologyLabels',

  async admit({ group, resource, subresource, operation }, object, context) {
    if (group !== '' || resource !== 'pods' || operation !== 'CREATE' || !object) return undefined;
    const name = subresource === 'binding' ? targetOf(object) : nodeOf(object, subresource);
    if (!name) return undefined;
    const node = await context.get(nodes, '', name);
    const labels = Object.entries(node?.metadata.labels ?? {}).filter(([key]) =>
      topologyLabels.includes(key),
    );
    if (!labels.length) return `Node ${name} has no topology labels.`;
    object.metadata.labels = { ...object.metadata.labels, ...Object.fromEntries(labels) };
    return `Labels of Node ${name}: ${labels.map(([key, value]) => `${key}=${value}`).join(', ')}.`;
  },
} satisfies AdmissionPlugin;

function targetOf(object: KubeObject): string | undefined {
  const { target } = object as KubeObject & { target?: { kind?: string; name?: string } };
  return target?.kind === 'Node' ? target.name : undefined;
}

const nodeOf = (object: KubeObject, subresource: string | undefined): string | undefined =>
  subresource ? undefined : (object as Pod).spec?.nodeName;
