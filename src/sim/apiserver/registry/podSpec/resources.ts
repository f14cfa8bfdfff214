import { asGiven } from '../../../../api/emptied.ts';
import {
  duplicate,
  fieldForbidden,
  fieldNotFound,
  invalid,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import {
  addQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
} from '../../../../api/quantity.ts';
import type {
  Container,
  PodSpec,
  ResourceClaim,
  ResourceRequirements,
} from '../../../../api/types/coreV1.ts';
import { all, allInvalid, each, eachEntry, type Found, type Loose } from '../shared/checks.ts';
import { isDns1123Label } from '../shared/names.ts';
import {
  compareTexts,
  isDivisible,
  isHugePages,
  isOvercommitAllowed,
  validateAmount,
  validateContainerResourceName,
  validatePodResourceName,
} from '../shared/resources.ts';
import { templateOptions, type PodOptions } from './options.ts';

// Requests and limits. Models core/validation validateResourceRequirements.

type Requirements = Loose<ResourceRequirements>;
type Names = (name: string, path: FieldPath) => FieldError[];

export const validateContainerResources = (
  resources: Requirements | null | undefined,
  claims: ReadonlySet<string>,
  path: FieldPath,
  options: PodOptions,
): FieldError[] =>
  validateRequirements(resources ?? {}, validateContainerResourceName, claims, path, options);

/** What the runtime of a pod takes beside its containers. */
export const validateOverhead = (
  limits: Amounts,
  path: FieldPath,
  options: PodOptions = templateOptions,
): FieldError[] =>
  validateRequirements({ limits }, validateContainerResourceName, new Set(), path, options);

function validateRequirements(
  { limits, requests, claims }: Requirements,
  validateName: Names,
  podClaims: ReadonlySet<string>,
  path: FieldPath,
  options: PodOptions,
): FieldError[] {
  const requested = path.child('requests');
  const pages = (name: string, amount: string, at: FieldPath): Found =>
    isHugePages(name) &&
    !options.indivisibleHugePages &&
    !isDivisible(name, amount) &&
    invalid(at, amount, `${amount} is not positive integer multiple of ${name}`);
  const names = Object.keys({ ...limits, ...requests });
  return all(
    eachEntry(limits, path.child('limits'), (name, amount, at) => [
      validateName(name, at),
      validateAmount(name, amount, at),
      pages(name, amount, at),
    ]),
    eachEntry(requests, requested, (name, amount, at) => {
      const limit = limits?.[name];
      return [
        validateName(name, at),
        validateAmount(name, amount, at),
        limit === undefined
          ? !isOvercommitAllowed(name) &&
            required(path.child('limits'), 'Limit must be set for non overcommitable resources')
          : compareTexts(amount, limit) !== 0 && !isOvercommitAllowed(name)
            ? invalid(requested, amount, `must be equal to ${name} limit of ${limit}`)
            : compareTexts(amount, limit) > 0 &&
              invalid(requested, amount, `must be less than or equal to ${name} limit of ${limit}`),
        pages(name, amount, at),
      ];
    }),
    names.some(isHugePages) &&
      !names.some((name) => name === 'cpu' || name === 'memory') &&
      fieldForbidden(path, 'HugePages require cpu or memory'),
    validateClaims(claims, podClaims, path.child('claims')),
  );
}

type Amounts = Readonly<Record<string, string>> | null | undefined;

/** Models validateResourceClaimNames: a claim once as a whole, or request by request. */
function validateClaims(
  claims: readonly Loose<ResourceClaim>[] | null | undefined,
  podClaims: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const names = new Set<string>();
  return each(claims, path, ({ name, request }, at) => {
    if (!name) return required(at);
    const key = request ? `${name}/${request}` : name;
    const hasPart = !request && [...names].some((other) => other.startsWith(`${name}/`));
    const found: Found = names.has(name)
      ? duplicate(at, name)
      : [
          request && allInvalid(at.child('request'), request, isDns1123Label(request)),
          names.has(key) ? duplicate(at, key) : hasPart && duplicate(at, name),
        ];
    if (!names.has(name)) names.add(key);
    return [found, !podClaims.has(name) && unknownClaim(name, podClaims, at)];
  });
}

function unknownClaim(name: string, podClaims: ReadonlySet<string>, path: FieldPath): FieldError {
  const known = podClaims.size ? `: ${[...podClaims].sort().join(', ')}` : ' which is empty';
  return {
    ...fieldNotFound(path, name),
    detail: `must be one of the names in pod.spec.resourceClaims${known}`,
  };
}

/** What the pod as a whole may have. Models validatePodResources. */
export function validatePodResources(
  spec: PodSpec,
  claims: ReadonlySet<string>,
  path: FieldPath,
  options: PodOptions,
): FieldError[] {
  const { resources, os } = spec;
  if (!resources) return [];
  if (os?.name === 'windows') return [fieldForbidden(path, 'may not be set for a windows pod')];
  const requests = aggregate(spec, 'requests');
  const limits = aggregate(spec, 'limits');
  return all(
    asGiven(resources, 'claims') !== undefined &&
      fieldForbidden(path.child('claims'), 'claims may not be set for Resources at pod-level'),
    validateRequirements(resources, validatePodResourceName, claims, path, options),
    [...requests].map(([name, sum]) => {
      const own = resources.requests?.[name];
      return (
        own !== undefined &&
        sum.nanos > parseQuantity(own).nanos &&
        invalid(
          path.child('requests').key(name),
          own,
          `must be greater than or equal to aggregate container requests of ${formatQuantity(sum)}`,
        )
      );
    }),
    [...limits].map(([name, sum]) => {
      const own = resources.limits?.[name];
      return (
        own !== undefined &&
        isHugePages(name) &&
        sum.nanos > parseQuantity(own).nanos &&
        invalid(
          path.child('limits').key(name),
          own,
          `must be greater than or equal to aggregate container limits of ${formatQuantity(sum)}`,
        )
      );
    }),
    each(spec.containers as Container[] | null, path.child('containers'), (container, at) =>
      Object.entries(container.resources?.limits ?? {}).map(([name, limit]) => {
        const own = resources.limits?.[name];
        return (
          own !== undefined &&
          compareTexts(limit, own) > 0 &&
          invalid(
            at.key(name).child('limits'),
            limit,
            `must be less than or equal to pod limits of ${own}`,
          )
        );
      }),
    ),
  );
}

type Sums = Map<string, Quantity>;

const add = (to: Sums, list: Readonly<Record<string, string>> | undefined): Sums => {
  for (const [name, amount] of Object.entries(list ?? {})) {
    const sum = to.get(name);
    const one = parseQuantity(amount);
    to.set(name, sum ? addQuantities(sum, one) : one);
  }
  return to;
};

const max = (to: Sums, other: Sums): void => {
  for (const [name, amount] of other)
    if (amount.nanos > (to.get(name)?.nanos ?? -1n)) to.set(name, amount);
};

/**
 * What all containers need at once: the sum of those that run together, or the most that an init container needs beside the
 * sidecars before it. Models component-helpers/resource AggregateContainerRequests.
 */
export function aggregate(spec: PodSpec, which: 'requests' | 'limits'): Sums {
  const together: Sums = new Map();
  for (const { resources } of (spec.containers as Container[] | null) ?? [])
    add(together, resources?.[which]);
  const sidecars: Sums = new Map();
  const initial: Sums = new Map();
  for (const { resources, restartPolicy } of spec.initContainers ?? []) {
    if (restartPolicy === 'Always') {
      add(together, resources?.[which]);
      max(initial, add(sidecars, resources?.[which]));
    } else max(initial, add(new Map(sidecars), resources?.[which]));
  }
  max(together, initial);
  return together;
}
