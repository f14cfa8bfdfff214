import { controllerOf, type KubeObject } from '../../api/meta.ts';
import { labelSetMatches, Selector, selectorOf, selectorOfLabels } from '../../api/selectors.ts';
import type { LabelSelector } from '../../api/types/metaV1.ts';
import type { Pod, Service } from '../../api/types/coreV1.ts';
import type { Lister } from '../client/objectCache.ts';

type Owner = KubeObject & { readonly spec?: { readonly selector?: unknown } };

/** What the scheduler knows of those that stand behind pods. */
export interface KinListers {
  readonly services: Lister<Service>;
  readonly replicationControllers: Lister<Owner>;
  readonly replicaSets: Lister<Owner>;
  readonly statefulSets: Lister<Owner>;
}

/** What selects the pod's kin: its Services and its controller; undefined when nothing does. Models helper.DefaultSelector. */
export function kinOf(pod: Pod, listers: KinListers): Selector | undefined {
  const { namespace = '', labels } = pod.metadata;
  const requirements = listers.services
    .list(namespace)
    .filter(({ spec }) => spec?.selector && labelSetMatches(spec.selector, labels))
    .flatMap(({ spec }) => selectorOfLabels(spec?.selector).requirements);
  const owner = ownerSelector(pod, listers);
  const selector = new Selector([...requirements, ...(owner?.requirements ?? [])]);
  return selector.isEmpty ? undefined : selector;
}

function ownerSelector(pod: Pod, listers: KinListers): Selector | undefined {
  const owner = controllerOf(pod);
  const find = (lister: Lister<Owner>): unknown =>
    lister.get(pod.metadata.namespace ?? '', owner?.name ?? '')?.spec?.selector;
  switch (owner && `${owner.apiVersion}/${owner.kind}`) {
    case 'v1/ReplicationController':
      return selectorOfLabels(find(listers.replicationControllers) as Record<string, string>);
    case 'apps/v1/ReplicaSet':
      return selectorOf(find(listers.replicaSets) as LabelSelector | undefined);
    case 'apps/v1/StatefulSet':
      return selectorOf(find(listers.statefulSets) as LabelSelector | undefined);
    default:
      return undefined;
  }
}
