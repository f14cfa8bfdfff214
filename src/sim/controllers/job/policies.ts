import type {
  Job,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
} from '../../../api/types/batchV1.ts';
import type { ContainerStatus, Pod } from '../../../api/types/coreV1.ts';
import { Indexes } from './indexes.ts';
import { completionsOf, isPodFailed, specOf } from './jobPods.ts';

export interface FailureMatch {
  /** Whether the failure counts against the limits. */
  readonly counts: boolean;
  readonly action?: string;
  /** Why the whole Job fails. */
  readonly message?: string;
}

/** What the policy says of a failed pod. Models matchPodFailurePolicy. */
export function matchFailurePolicy(policy: PodFailurePolicy | undefined, pod: Pod): FailureMatch {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const why = rule.onExitCodes
      ? matchExitCode(pod, rule.onExitCodes, rule.action, index)
      : matchCondition(pod, rule.onPodConditions ?? [], rule.action, index);
    if (why === undefined) continue;
    const { action } = rule;
    if (action === 'FailJob') return { counts: true, action, message: why };
    return { counts: action !== 'Ignore', action };
  }
  return { counts: true };
}

function matchExitCode(
  pod: Pod,
  requirement: PodFailurePolicyOnExitCodesRequirement,
  action: string,
  index: number,
): string | undefined {
  const { containerName, operator, values } = requirement;
  const isMatch = ({ name, state }: ContainerStatus): boolean => {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (containerName !== undefined && containerName !== name)) return false;
    return operator === 'In' ? values.includes(code) : !values.includes(code);
  };
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const found = containerStatuses.find(isMatch) ?? initContainerStatuses.find(isMatch);
  if (!found) return undefined;
  const { namespace = '', name = '' } = pod.metadata;
  return `Container ${found.name} for pod ${namespace}/${name} failed with exit code ${found.state?.terminated?.exitCode ?? 0} matching ${action} rule at index ${index}`;
}

function matchCondition(
  pod: Pod,
  patterns: readonly { readonly type: string; readonly status?: string }[],
  action: string,
  index: number,
): string | undefined {
  const found = (pod.status?.conditions ?? []).find(({ type, status }) =>
    patterns.some((pattern) => pattern.type === type && (pattern.status ?? 'True') === status),
  );
  if (!found) return undefined;
  const { namespace = '', name = '' } = pod.metadata;
  return `Pod ${namespace}/${name} has condition ${found.type} matching ${action} rule at index ${index}`;
}

/** Why the failure of some pod fails the Job; undefined when none does. */
export function failJobMessage(job: Job, pods: readonly Pod[]): string | undefined {
  const policy = specOf(job).podFailurePolicy;
  if (!policy) return undefined;
  for (const pod of pods) {
    const { message } = isPodFailed(pod, job) ? matchFailurePolicy(policy, pod) : {};
    if (message !== undefined) return message;
  }
  return undefined;
}

/** The rule that is met, in words; undefined when none is. Models matchSuccessPolicy. */
export function matchSuccessPolicy(job: Job, succeeded: Indexes): string | undefined {
  const rules = specOf(job).successPolicy?.rules ?? [];
  if (succeeded.total === 0) return undefined;
  const index = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined)
      return succeededCount !== undefined && succeeded.total >= succeededCount;
    const required = Indexes.parse(succeededIndexes, completionsOf(job));
    const met = [...required].filter((one) => succeeded.has(one)).length;
    if (required.total === 0) return false;
    return met === required.total || (succeededCount !== undefined && met >= succeededCount);
  });
  return index < 0 ? undefined : `Matched rules at index ${index}`;
}
