import type { Node, Pod, Taint, Toleration } from '../../../api/types/coreV1.ts';
import { normalizeToMax, type FilterPlugin, type ScorePlugin } from '../framework.ts';

/** Models plugins/nodename. */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  filter: (pod, node) =>
    pod.spec?.nodeName && pod.spec.nodeName !== node.name
      ? { reasons: ["node(s) didn't match the requested node name"], resolvable: false }
      : undefined,
};

const unschedulableTaint: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Models plugins/nodeunschedulable: a cordoned node, unless its taint is tolerated. */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  filter: (pod, { node }) =>
    node.spec?.unschedulable &&
    !pod.spec?.tolerations?.some((toleration) => tolerates(toleration, unschedulableTaint))
      ? { reasons: ['node(s) were unschedulable'], resolvable: false }
      : undefined,
};

/** Models plugins/tainttoleration. */
export const taintToleration: FilterPlugin & ScorePlugin = {
  name: 'TaintToleration',
  weight: 3,
  filter(pod, { node }) {
    return hasUntolerated(pod, node)
      ? { reasons: ['node(s) had untolerated taint(s)'], resolvable: false }
      : undefined;
  },
  score(pod, { node }) {
    const tolerations = (pod.spec?.tolerations ?? []).filter(
      ({ effect }) => !effect || effect === 'PreferNoSchedule',
    );
    return (node.spec?.taints ?? []).filter(
      (taint) =>
        taint.effect === 'PreferNoSchedule' &&
        !tolerations.some((toleration) => tolerates(toleration, taint)),
    ).length;
  },
  normalize: (scores) => normalizeToMax(scores, true),
};

/** Whether a taint of the node keeps the pod away. */
export const hasUntolerated = (pod: Pod, node: Node): boolean =>
  (node.spec?.taints ?? []).some(
    (taint) =>
      (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') &&
      !pod.spec?.tolerations?.some((toleration) => tolerates(toleration, taint)),
  );

/** Models v1.Toleration ToleratesTaint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator as string | undefined) {
    case undefined:
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    default:
      return false;
  }
}
