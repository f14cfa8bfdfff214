import { addQuantities, parseQuantity, type Quantity } from '../../../../api/quantity.ts';
import type { Container, PodSpec, ResourceRequirements } from '../../../../api/types/coreV1.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'];

/** Models kubernetes/pkg/apis/core/helper/qos ComputePodQOS. */
export function qosClassOf(spec: PodSpec | undefined): QosClass {
  const containers: readonly (Pick<Container, 'resources'> | undefined)[] = spec?.resources
    ? [{ resources: spec.resources }]
    : [
        ...((spec?.containers as Container[] | null | undefined) ?? []),
        ...(spec?.initContainers ?? []),
      ];
  const all = containers.map((container) => container?.resources ?? {});
  const requests = sum(all, 'requests');
  const limits = sum(all, 'limits');
  if (!requests.size && !limits.size) return 'BestEffort';
  const limited = spec?.resources && !limits.size ? [] : all;
  const isGuaranteed =
    limited.every((resources) => counted.every((name) => amountOf(resources, 'limits', name))) &&
    requests.size === limits.size &&
    [...requests].every(([name, amount]) => limits.get(name)?.nanos === amount.nanos);
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

function amountOf(
  resources: ResourceRequirements,
  which: 'requests' | 'limits',
  name: string,
): Quantity | undefined {
  const text = resources[which]?.[name];
  const amount = text === undefined ? undefined : parseQuantity(text);
  return amount && amount.nanos > 0n ? amount : undefined;
}

function sum(
  all: readonly ResourceRequirements[],
  which: 'requests' | 'limits',
): Map<string, Quantity> {
  const sums = new Map<string, Quantity>();
  for (const resources of all)
    for (const name of counted) {
      const amount = amountOf(resources, which, name);
      const before = sums.get(name);
      if (amount) sums.set(name, before ? addQuantities(before, amount) : amount);
    }
  return sums;
}
