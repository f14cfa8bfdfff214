import { equal, type KubeObject } from '../../../api/meta.ts';
import { podLimits, podRequests } from '../../../api/podResources.ts';
import { evaluatorFor } from '../../../api/quota/evaluators.ts';
import type { Resource } from '../../../api/resource.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import type { Micros } from '../../../base/time.ts';

/** Whether the change of an object may free something that quotas count. Models quota/v1/install DefaultUpdateFilter. */
export function freesQuota(
  resource: Resource,
  old: KubeObject,
  object: KubeObject,
  now: Micros,
): boolean {
  if (resource.group !== '') return false;
  const usage = (one: KubeObject): unknown => evaluatorFor(resource).usage(one, now);
  switch (resource.resource) {
    case 'pods': {
      const [before, after] = [old as Pod, object as Pod];
      return (
        !equal(podRequests(before), podRequests(after)) ||
        !equal(podLimits(before), podLimits(after)) ||
        isTerminating(before) !== isTerminating(after) ||
        (counts(usage(before)) && !counts(usage(after)))
      );
    }
    case 'services':
    case 'persistentvolumeclaims':
      return !equal(usage(old), usage(object));
    default:
      return false;
  }
}

const isTerminating = ({ spec }: Pod): boolean => spec?.activeDeadlineSeconds !== undefined;

/** A pod that uses something is counted as one. */
const counts = (usage: unknown): boolean => 'pods' in (usage as object);
