import { limitranges } from '../../../../api/resources.ts';
import type {
  Container,
  LimitRange,
  LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
} from '../../../../api/types/coreV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { refuse } from '../refuse.ts';
import { podLimits, podRequests, type ResourceList } from '../../../../api/podResources.ts';
import { maximum, maximumRequest, minimum, ratio } from './constraints.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

/** Defaults and bounds of what containers and claims ask for. Models kubernetes/plugin/pkg/admission/limitranger. */
export const limitRanger = {
  name: 'LimitRanger',

  async admit(attributes, object, context) {
    if (!concerns(attributes)) return undefined;
    const ranges = await context.list(limitranges, attributes.namespace);
    if (!ranges.length) return undefined;
    if (attributes.resource === 'pods')
      for (const range of ranges) setDefaults(range, object as Pod);
    return `${names(ranges)} may set defaults.`;
  },

  async validate(attributes, context) {
    if (!concerns(attributes)) return undefined;
    const ranges = await context.list(limitranges, attributes.namespace);
    if (!ranges.length) return undefined;
    for (const range of ranges) {
      const errors =
        attributes.resource === 'pods'
          ? podErrors(range, attributes.object as Pod)
          : claimErrors(range, attributes.object as PersistentVolumeClaim);
      const unique = [...new Set(errors)];
      if (unique.length)
        throw refuse(attributes, unique.length > 1 ? `[${unique.join(', ')}]` : (unique[0] ?? ''));
    }
    return `Within the bounds of ${names(ranges)}.`;
  },
} satisfies AdmissionPlugin;

function concerns(attributes: RequestAttributes): boolean {
  const { group, resource, subresource, operation, oldObject, object } = attributes;
  if (group !== '' || !object || oldObject?.metadata.deletionTimestamp) return false;
  if (operation !== 'CREATE' && operation !== 'UPDATE') return false;
  if (resource === 'pods')
    return operation === 'CREATE' ? subresource === '' : subresource === 'resize';
  return resource === 'persistentvolumeclaims' && subresource === '';
}

const names = (ranges: readonly LimitRange[]): string =>
  `LimitRange ${ranges.map(({ metadata }) => metadata.name ?? '').join(', ')}`;

function setDefaults(range: LimitRange, pod: Pod): void {
  const requests: ResourceList = {};
  const limits: ResourceList = {};
  for (const item of range.spec?.limits ?? []) {
    if (item.type !== 'Container') continue;
    Object.assign(requests, item.defaultRequest);
    Object.assign(limits, item.default);
  }
  const said: string[] = [];
  for (const container of pod.spec?.containers ?? [])
    said.push(...merge(container, requests, limits, 'container'));
  for (const container of pod.spec?.initContainers ?? [])
    said.push(...merge(container, requests, limits, 'init container'));
  if (said.length)
    pod.metadata.annotations = {
      ...pod.metadata.annotations,
      [ANNOTATION]: `LimitRanger plugin set: ${said.join('; ')}`,
    };
}

function merge(
  container: Container,
  requests: ResourceList,
  limits: ResourceList,
  title: string,
): string[] {
  const resources = (container.resources ??= {});
  const said: string[] = [];
  for (const [field, defaults, word] of [
    ['requests', requests, 'request'],
    ['limits', limits, 'limit'],
  ] as const) {
    const has = resources[field] ?? {};
    const missing = Object.keys(defaults)
      .filter((name) => has[name] === undefined)
      .sort();
    if (!missing.length) continue;
    const added = Object.fromEntries(missing.map((name) => [name, defaults[name] ?? '']));
    resources[field] = { ...has, ...added };
    said.push(`${missing.join(', ')} ${word} for ${title} ${container.name}`);
  }
  return said;
}

function podErrors(range: LimitRange, pod: Pod): string[] {
  const errors: string[] = [];
  for (const item of range.spec?.limits ?? []) {
    if (item.type === 'Container')
      for (const { resources } of [
        ...(pod.spec?.containers ?? []),
        ...(pod.spec?.initContainers ?? []),
      ])
        errors.push(...bounds(item, resources?.requests ?? {}, resources?.limits ?? {}));
    if (item.type === 'Pod') errors.push(...bounds(item, podRequests(pod), podLimits(pod)));
  }
  return errors;
}

function bounds(item: LimitRangeItem, requests: ResourceList, limits: ResourceList): string[] {
  return [
    ...each(item.min, (name, bound) => minimum(item.type, name, bound, requests, limits)),
    ...each(item.max, (name, bound) => maximum(item.type, name, bound, requests, limits)),
    ...each(item.maxLimitRequestRatio, (name, bound) =>
      ratio(item.type, name, bound, requests, limits),
    ),
  ];
}

function claimErrors(range: LimitRange, claim: PersistentVolumeClaim): string[] {
  const requests = claim.spec?.resources?.requests ?? {};
  return (range.spec?.limits ?? [])
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap((item) => [
      ...each(item.min, (name, bound) => minimum(item.type, name, bound, requests, {})),
      ...each(item.max, (name, bound) => maximumRequest(item.type, name, bound, requests)),
    ]);
}

const each = (
  list: Readonly<Record<string, string>> | undefined,
  check: (name: string, bound: string) => string | undefined,
): string[] =>
  Object.entries(list ?? {}).flatMap(([name, bound]) => {
    const error = check(name, bound);
    return error === undefined ? [] : [error];
  });
