import { matchesNodeAffinity } from '../../../api/nodeSelector.ts';
import { Selector, selectorOf, selectorOfLabels } from '../../../api/selectors.ts';
import type { Pod, TopologySpreadConstraint } from '../../../api/types/coreV1.ts';
import { maxScore, type CycleState, type FilterPlugin, type ScorePlugin } from '../framework.ts';
import type { NodeInfo } from '../nodeInfo.ts';
import { hasUntolerated } from './nodeState.ts';

const HOSTNAME = 'kubernetes.io/hostname';
const MISMATCH = "node(s) didn't match pod topology spread constraints";

/** For pods that say nothing: kept apart a little, by node and by zone. */
const defaults: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

/** Keeps the pods of a group apart. Models plugins/podtopologyspread. */
export const podTopologySpread: FilterPlugin & ScorePlugin = {
  name: 'PodTopologySpread',
  weight: 2,
  filter(pod, node, state) {
    for (const { constraint, counts } of hardOf(pod, state)) {
      const value = node.node.metadata.labels?.[constraint.topologyKey];
      if (value === undefined)
        return { reasons: [`${MISMATCH} (missing required label)`], resolvable: false };
      const fewest = counts.size < constraint.minDomains ? 0 : Math.min(...counts.values());
      const self = constraint.selector.matches(pod.metadata.labels) ? 1 : 0;
      const skew = (counts.get(value) ?? 0) + self - fewest;
      if (skew > constraint.maxSkew) return { reasons: [MISMATCH], resolvable: true };
    }
    return undefined;
  },
  score(pod, node, state) {
    const { spreads, ignored } = softOf(pod, state);
    if (ignored.has(node.name)) return IGNORED;
    let score = 0;
    for (const { constraint, counts, weight } of spreads) {
      const value = node.node.metadata.labels?.[constraint.topologyKey];
      if (value === undefined) continue;
      const count =
        constraint.topologyKey === HOSTNAME
          ? matching(pod, node, constraint.selector)
          : (counts.get(value) ?? 0);
      score += count * weight + constraint.maxSkew - 1;
    }
    return Math.round(score);
  },
  /** Less is better. */
  normalize(scores) {
    const counted = scores.filter((score) => score !== IGNORED);
    const [min, max] = [Math.min(...counted), Math.max(0, ...counted)];
    return scores.map((score) => {
      if (score === IGNORED) return 0;
      return max === 0 ? maxScore : Math.floor((maxScore * (max + min - score)) / max);
    });
  },
};

const IGNORED = -1;

interface Constraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: Selector;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

/** How many pods there are in each domain of a constraint. */
interface Spread {
  readonly constraint: Constraint;
  readonly counts: ReadonlyMap<string, number>;
  /** Domains of a key that has many values count for more. */
  readonly weight: number;
}

interface Soft {
  readonly spreads: readonly Spread[];
  readonly ignored: ReadonlySet<string>;
}

const hard = new WeakMap<CycleState, readonly Spread[]>();
const soft = new WeakMap<CycleState, Soft>();

/** Models calPreFilterState. */
function hardOf(pod: Pod, state: CycleState): readonly Spread[] {
  const known = hard.get(state);
  if (known) return known;
  const constraints = constraintsOf(pod, state, 'DoNotSchedule');
  const spreads = constraints.map((constraint): Spread => {
    const counts = new Map<string, number>();
    for (const node of state.nodes) {
      if (!hasAllKeys(node, constraints) || !isIncluded(pod, node, constraint)) continue;
      const value = node.node.metadata.labels?.[constraint.topologyKey] ?? '';
      counts.set(value, (counts.get(value) ?? 0) + matching(pod, node, constraint.selector));
    }
    return { constraint, counts, weight: 1 };
  });
  hard.set(state, spreads);
  return spreads;
}

/** Models PreScore. */
function softOf(pod: Pod, state: CycleState): Soft {
  const known = soft.get(state);
  if (known) return known;
  const constraints = constraintsOf(pod, state, 'ScheduleAnyway');
  // The defaults also spread over nodes that have no zone.
  const needsAllKeys = Boolean(pod.spec?.topologySpreadConstraints?.length);
  const isIgnored = (node: NodeInfo): boolean => needsAllKeys && !hasAllKeys(node, constraints);
  const candidates = state.feasible.filter((node) => !isIgnored(node));
  const ignored = new Set(state.feasible.filter(isIgnored).map(({ name }) => name));
  const spreads = constraints.map((constraint): Spread => {
    const { topologyKey, selector } = constraint;
    if (topologyKey === HOSTNAME)
      return { constraint, counts: new Map(), weight: Math.log(candidates.length + 2) };
    const domain = (node: NodeInfo): string => node.node.metadata.labels?.[topologyKey] ?? '';
    const counts = new Map(candidates.map((node) => [domain(node), 0]));
    for (const node of state.nodes) {
      const count = counts.get(domain(node));
      if (count === undefined || isIgnored(node) || !isIncluded(pod, node, constraint)) continue;
      counts.set(domain(node), count + matching(pod, node, selector));
    }
    return { constraint, counts, weight: Math.log(counts.size + 2) };
  });
  const result = { spreads, ignored };
  soft.set(state, result);
  return result;
}

function constraintsOf(
  pod: Pod,
  { kin }: CycleState,
  action: TopologySpreadConstraint['whenUnsatisfiable'],
): Constraint[] {
  const own = pod.spec?.topologySpreadConstraints ?? [];
  if (!own.length && !kin) return [];
  return (own.length ? own : defaults)
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint) => ({
      topologyKey: constraint.topologyKey,
      maxSkew: constraint.maxSkew,
      minDomains: constraint.minDomains ?? 1,
      selector: own.length ? selectorFor(constraint, pod) : (kin ?? Selector.nothing),
      honorsAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
      honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
    }));
}

/** The constraint's selector, and the pod's own values of `matchLabelKeys`. */
function selectorFor({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, pod: Pod) {
  const labels = pod.metadata.labels ?? {};
  const own = Object.fromEntries(
    matchLabelKeys.flatMap((key) => (labels[key] === undefined ? [] : [[key, labels[key]]])),
  );
  const selector = selectorOf(labelSelector);
  return labelSelector && Object.keys(own).length
    ? new Selector([...selectorOfLabels(own).requirements, ...selector.requirements])
    : selector;
}

const hasAllKeys = ({ node }: NodeInfo, constraints: readonly Constraint[]): boolean =>
  constraints.every(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined);

const isIncluded = (pod: Pod, { node }: NodeInfo, constraint: Constraint): boolean =>
  (!constraint.honorsAffinity || matchesNodeAffinity(pod.spec, node)) &&
  (!constraint.honorsTaints || !hasUntolerated(pod, node));

/** How many pods of the node are of the group. Models countPodsMatchSelector. */
function matching(pod: Pod, { pods }: NodeInfo, selector: Selector): number {
  if (selector.isEmpty) return 0;
  let count = 0;
  for (const { metadata } of pods.values())
    if (
      metadata.deletionTimestamp === undefined &&
      metadata.namespace === pod.metadata.namespace &&
      selector.matches(metadata.labels)
    )
      count++;
  return count;
}
