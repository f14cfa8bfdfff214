import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from './quantity.ts';
import type { Container, Pod } from './types/coreV1.ts';

export type ResourceList = Record<string, string>;

/** What a Pod asks for in all. Models component-helpers/resource PodRequests. */
export const podRequests = (pod: Pod): ResourceList =>
  withOverhead(
    total(pod, ({ resources }) => resources?.requests),
    pod,
    'requests',
  );

export const podLimits = (pod: Pod): ResourceList =>
  withOverhead(
    total(pod, ({ resources }) => resources?.limits),
    pod,
    'limits',
  );

/** Containers run together; init containers one after the other, beside the sidecars started before them. */
function total(
  pod: Pod,
  read: (container: Container) => Readonly<Record<string, string>> | undefined,
): ResourceList {
  const sum: ResourceList = {};
  for (const container of pod.spec?.containers ?? []) add(sum, read(container));
  const sidecars: ResourceList = {};
  const peak: ResourceList = {};
  for (const container of pod.spec?.initContainers ?? []) {
    const own = read(container);
    if (container.restartPolicy === 'Always') {
      add(sum, own);
      add(sidecars, own);
      raise(peak, sidecars);
    } else {
      const together = { ...sidecars };
      add(together, own);
      raise(peak, together);
    }
  }
  raise(sum, peak);
  return sum;
}

function withOverhead(sum: ResourceList, pod: Pod, field: 'requests' | 'limits'): ResourceList {
  const own = pod.spec?.resources?.[field];
  for (const name of ['cpu', 'memory']) {
    const value = own?.[name];
    if (value !== undefined) sum[name] = value;
  }
  const overhead = pod.spec?.overhead;
  if (field === 'requests') add(sum, overhead);
  else
    for (const [name, value] of Object.entries(overhead ?? {}))
      if (sum[name] !== undefined) add(sum, { [name]: value });
  return sum;
}

function add(sum: ResourceList, more: Readonly<Record<string, string>> | undefined): void {
  for (const [name, value] of Object.entries(more ?? {})) {
    const has = sum[name];
    sum[name] =
      has === undefined
        ? value
        : formatQuantity(addQuantities(parseQuantity(has), parseQuantity(value)));
  }
}

function raise(list: ResourceList, other: ResourceList): void {
  for (const [name, value] of Object.entries(other)) {
    const has = list[name];
    if (has === undefined || compareQuantities(parseQuantity(value), parseQuantity(has)) > 0)
      list[name] = value;
  }
}
