import type {
  Node,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
} from '../../../api/types/coreV1.ts';
import { normalizeToMax, type FilterPlugin, type ScorePlugin } from '../framework.ts';

/** nodeSelector and node affinity. Models plugins/nodeaffinity. */
export const nodeAffinity: FilterPlugin & ScorePlugin = {
  name: 'NodeAffinity',
  weight: 2,
  filter: (pod, { node }) =>
    isWanted(pod, node)
      ? undefined
      : { reasons: ["node(s) didn't match Pod's node affinity/selector"], resolvable: false },
  score: (pod, { node }) =>
    (
      pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    ).reduce(
      (sum, { weight, preference }) => sum + (termMatches(preference, node) ? weight : 0),
      0,
    ),
  normalize: (scores) => normalizeToMax(scores, false),
};

/** Whether the pod's nodeSelector and required node affinity allow the node. */
export function isWanted(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (Object.entries(pod.spec?.nodeSelector ?? {}).some(([key, value]) => labels[key] !== value))
    return false;
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || required.nodeSelectorTerms.some((term) => termMatches(term, node));
}

/** A term without any requirement matches nothing. */
function termMatches(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: Node,
): boolean {
  if (!matchExpressions.length && !matchFields.length) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every((it) => requirementHolds(it, labels[it.key])) &&
    matchFields.every((it) =>
      requirementHolds(it, it.key === 'metadata.name' ? node.metadata.name : undefined),
    )
  );
}

function requirementHolds(
  { operator, values = [] }: NodeSelectorRequirement,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}
