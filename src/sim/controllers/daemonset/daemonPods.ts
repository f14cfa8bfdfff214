import { clone } from '../../../api/meta.ts';
import { matchesNodeAffinity } from '../../../api/nodeSelector.ts';
import type { DaemonSet, DaemonSetSpec } from '../../../api/types/appsV1.ts';
import type {
  Affinity,
  Node,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Taint,
  Toleration,
} from '../../../api/types/coreV1.ts';
import { defined } from '../../../base/assert.ts';
import { timeOf } from '../shared/objects.ts';
import { tolerates } from '../shared/tolerations.ts';

export const REVISION_HASH = 'controller-revision-hash';
const GENERATION = 'pod-template-generation';
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

export const specOf = (set: DaemonSet): DaemonSetSpec =>
  defined(set.spec, 'a DaemonSet has a spec');

/** What nodes may have and daemons bear all the same. Models AddOrUpdateDaemonPodTolerations. */
function daemonTolerations(spec: PodSpec): Toleration[] {
  const bears = (name: string, effect: 'NoExecute' | 'NoSchedule'): Toleration => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect,
  });
  const added = [
    bears('not-ready', 'NoExecute'),
    bears('unreachable', 'NoExecute'),
    bears('disk-pressure', 'NoSchedule'),
    bears('memory-pressure', 'NoSchedule'),
    bears('pid-pressure', 'NoSchedule'),
    bears('unschedulable', 'NoSchedule'),
    ...(spec.hostNetwork ? [bears('network-unavailable', 'NoSchedule')] : []),
  ];
  const isSame = (a: Toleration, b: Toleration): boolean =>
    a.key === b.key && a.effect === b.effect && (a.operator ?? 'Equal') === b.operator;
  const own = spec.tolerations ?? [];
  return [...own, ...added.filter((one) => !own.some((other) => isSame(other, one)))];
}

const generationOf = ({ metadata }: DaemonSet): string | undefined =>
  metadata.annotations?.[GENERATION_ANNOTATION];

/** The template of the pod of one node. Models CreatePodTemplate and ReplaceDaemonSetPodNodeNameNodeAffinity. */
export function podTemplateFor(set: DaemonSet, hash: string, node: string): PodTemplateSpec {
  const template = clone(specOf(set).template);
  const spec = (template.spec ??= { containers: [] });
  const generation = generationOf(set);
  spec.tolerations = daemonTolerations(spec);
  spec.affinity = affinityFor(spec.affinity, node);
  template.metadata = {
    ...template.metadata,
    labels: {
      ...template.metadata?.labels,
      ...(generation !== undefined && { [GENERATION]: generation }),
      [REVISION_HASH]: hash,
    },
  };
  return template;
}

const affinityFor = (affinity: Affinity | undefined, node: string): Affinity => ({
  ...affinity,
  nodeAffinity: {
    ...affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] },
      ],
    },
  },
});

/** The node that a pod is on, or is made for. Models GetTargetNodeName. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec?.nodeName) return spec.nodeName;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? [])
    for (const { key, operator, values } of matchFields)
      if (key === 'metadata.name' && operator === 'In' && values?.length === 1) return values[0];
  return undefined;
}

export function isUpdated({ metadata }: Pod, set: DaemonSet, hash: string): boolean {
  const generation = generationOf(set);
  return (
    metadata.labels?.[REVISION_HASH] === hash ||
    (generation !== undefined && metadata.labels?.[GENERATION] === generation)
  );
}

/** Whether the node is to have a pod, and whether one that is there may go on. Models NodeShouldRunDaemonPod. */
export function nodeVerdict(node: Node, set: DaemonSet): { runs: boolean; continues: boolean } {
  const spec = specOf(set).template.spec ?? { containers: [] };
  const isElsewhere = Boolean(spec.nodeName) && spec.nodeName !== node.metadata.name;
  if (isElsewhere || !matchesNodeAffinity(spec, node)) return { runs: false, continues: false };
  const tolerations = daemonTolerations(spec);
  const isBarred = (effects: readonly Taint['effect'][]): boolean =>
    (node.spec?.taints ?? []).some(
      (taint) =>
        effects.includes(taint.effect) && !tolerations.some((one) => tolerates(one, taint)),
    );
  if (!isBarred(['NoExecute', 'NoSchedule'])) return { runs: true, continues: true };
  return { runs: false, continues: !isBarred(['NoExecute']) };
}

/** Those on a node first, then by age and name. */
export function byPlaceAndAge(a: Pod, b: Pod): number {
  const [onNode, otherOnNode] = [Boolean(a.spec?.nodeName), Boolean(b.spec?.nodeName)];
  if (onNode !== otherOnNode) return onNode ? -1 : 1;
  const age = timeOf(a.metadata.creationTimestamp) - timeOf(b.metadata.creationTimestamp);
  if (age !== 0) return age;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}
