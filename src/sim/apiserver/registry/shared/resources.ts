import { invalid, notSupported, type FieldError, type FieldPath } from '../../../../api/field.ts';
import { compareQuantities, parseQuantity } from '../../../../api/quantity.ts';
import { all, allInvalid, type Found } from './checks.ts';
import { isQualifiedName } from './names.ts';

// The names and amounts of resources. Models kubernetes/pkg/apis/core/helper and core/validation validate*ResourceName.

const compute = ['cpu', 'memory', 'ephemeral-storage'];
const countedKinds = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const quotaNames = new Set([
  ...compute,
  ...compute.map((name) => `requests.${name}`),
  ...compute.map((name) => `limits.${name}`),
  'requests.storage',
  ...countedKinds,
]);
const standardNames = new Set([...quotaNames, 'storage']);
const integerNames = new Set(countedKinds);

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isQuotaHugePages = (name: string): boolean =>
  isHugePages(name) || name.startsWith('requests.hugepages-');
export const isStandardQuotaName = (name: string): boolean =>
  quotaNames.has(name) || isQuotaHugePages(name);
/** Of Kubernetes itself, not of a device or an operator. */
export const isNative = (name: string): boolean =>
  !name.includes('/') || name.includes('kubernetes.io/');
export const isExtended = (name: string): boolean =>
  !isNative(name) &&
  !name.startsWith('requests.') &&
  isQualifiedName(`requests.${name}`).length === 0;
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);
const isQualified = (name: string): boolean => name.includes('/');

export function validateResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = allInvalid(path, name, isQualifiedName(name));
  if (errors.length || isQualified(name)) return errors;
  return standardNames.has(name) || isQuotaHugePages(name)
    ? []
    : [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

export function validateContainerResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateResourceName(name, path);
  if (!isQualified(name)) {
    if (!compute.includes(name) && !isHugePages(name))
      errors.push(invalid(path, name, 'must be a standard resource for containers'));
  } else if (!isNative(name) && !isExtended(name))
    errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
  return errors;
}

export const isPodLevel = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || isHugePages(name);

export function validatePodResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateResourceName(name, path);
  if (errors.length || isPodLevel(name)) return errors;
  return [notSupported(path, name, ['cpu', 'hugepages-', 'memory'])];
}

export function validateQuotaResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateResourceName(name, path);
  if (!isQualified(name) && !isStandardQuotaName(name))
    errors.push(invalid(path, name, 'must be a standard resource for quota'));
  return errors;
}

const isNegative = (text: string): boolean => parseQuantity(text).nanos < 0n;

/** Whether an amount, rounded up to thousandths, is whole. */
export function isWhole(text: string): boolean {
  const { nanos } = parseQuantity(text);
  const up = nanos > 0n ? nanos + 999_999n : nanos;
  return (up / 1_000_000n) % 1000n === 0n;
}

/** Models ValidateResourceQuantityValue. */
export const validateAmount = (name: string, text: string, path: FieldPath): FieldError[] =>
  all(
    isNegative(text) && invalid(path, text, 'must be greater than or equal to 0'),
    (integerNames.has(name) || isExtended(name)) &&
      !isWhole(text) &&
      invalid(path, text, 'must be an integer'),
  );

export const validatePositiveAmount = (text: string, path: FieldPath): FieldError[] =>
  parseQuantity(text).nanos <= 0n ? [invalid(path, text, 'must be greater than zero')] : [];

/** Models validateBasicResource: the value in whole units, rounded away from zero. */
export function validateBasicAmount(text: string, path: FieldPath): Found {
  const { nanos } = parseQuantity(text);
  if (nanos >= 0n) return undefined;
  const value = Number(-((-nanos + 999_999_999n) / 1_000_000_000n));
  return invalid(path, value, 'must be a valid resource quantity');
}

/** Whether huge pages are asked for in whole pages. */
export function isDivisible(name: string, text: string): boolean {
  const size = sizeOfPage(name);
  if (size === undefined || size <= 0n || size % 1_000_000_000n !== 0n) return false;
  const { nanos } = parseQuantity(text);
  const value = (nanos + 999_999_999n) / 1_000_000_000n;
  return value % (size / 1_000_000_000n) === 0n;
}

function sizeOfPage(name: string): bigint | undefined {
  try {
    return parseQuantity(name.slice('hugepages-'.length)).nanos;
  } catch {
    return undefined; // a page size that is no quantity divides nothing
  }
}

export const compareTexts = (a: string, b: string): number =>
  compareQuantities(parseQuantity(a), parseQuantity(b));
