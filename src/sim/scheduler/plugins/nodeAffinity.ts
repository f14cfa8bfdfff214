import { matchesNodeAffinity, nodeTermMatches } from '../../../api/nodeSelector.ts';
import { normalizeToMax, type FilterPlugin, type ScorePlugin } from '../framework.ts';

/** nodeSelector and node affinity. Models plugins/nodeaffinity. */
export const nodeAffinity: FilterPlugin & ScorePlugin = {
  name: 'NodeAffinity',
  weight: 2,
  filter: (pod, { node }) =>
    matchesNodeAffinity(pod.spec, node)
      ? undefined
      : { reasons: ["node(s) didn't match Pod's node affinity/selector"], resolvable: false },
  score: (pod, { node }) =>
    (
      pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    ).reduce(
      (sum, { weight, preference }) => sum + (nodeTermMatches(preference, node) ? weight : 0),
      0,
    ),
  normalize: (scores) => normalizeToMax(scores, false),
};
