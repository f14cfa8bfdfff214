import {
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import { canonicalQuantity, parseQuantity } from '../../../../api/quantity.ts';
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../../../api/types/coreV1.ts';
import { all, allInvalid, type Found, type Loose } from '../shared/checks.ts';
import { isQualifiedName } from '../shared/names.ts';

// References to fields of the pod and to resources of its containers.
// Models core/validation validateObjectFieldSelector and validateContainerResourceFieldSelector.

export const environmentFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
export const volumeFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
/** Labels of fields that exist, whether or not they may be used. */
const known = new Set([
  ...environmentFields,
  ...volumeFields,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

export function validateFieldRef(
  { apiVersion, fieldPath }: Loose<ObjectFieldSelector>,
  usable: readonly string[],
  path: FieldPath,
): Found {
  if (!apiVersion) return required(path.child('apiVersion'));
  if (!fieldPath) return required(path.child('fieldPath'));
  const cannot = (why: string): FieldError =>
    invalid(path.child('fieldPath'), fieldPath, `error converting fieldPath: ${why}`);
  if (apiVersion !== 'v1') return cannot(`unsupported pod version: ${apiVersion}`);
  const [, map, key = ''] = /^([^[]+)\['(.*)'\]$/s.exec(fieldPath) ?? [];
  if (map !== undefined) {
    if (map === 'metadata.annotations')
      return allInvalid(path, key.toLowerCase(), isQualifiedName(key.toLowerCase()));
    if (map === 'metadata.labels') return allInvalid(path, key, isQualifiedName(key));
    return cannot(`field label does not support subscript: ${fieldPath}`);
  }
  const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
  if (!known.has(field)) return cannot(`field label not supported: ${fieldPath}`);
  return !usable.includes(field) && notSupported(path.child('fieldPath'), field, usable);
}

const resources = ['cpu', 'ephemeral-storage', 'memory'].flatMap((name) => [
  `limits.${name}`,
  `requests.${name}`,
]);
const units = ['k', 'M', 'G', 'T', 'P', 'E'];
const byteDivisors = [
  '1',
  ...units.map((unit) => `1${unit}`),
  ...units.map((unit) => `1${unit.toUpperCase()}i`),
];
const divisorText = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';
const isHugePagesField = (name: string): boolean => /^(?:limits|requests)\.hugepages-/.test(name);

export function validateResourceFieldRef(
  { containerName, resource, divisor }: Loose<ResourceFieldSelector>,
  inVolume: boolean,
  path: FieldPath,
): Found {
  const name = resource ?? '';
  return all(
    inVolume && !containerName
      ? required(path.child('containerName'))
      : !name
        ? required(path.child('resource'))
        : !resources.includes(name) &&
          !isHugePagesField(name) &&
          notSupported(path.child('resource'), name, [...resources].sort()),
    divisor && validateDivisor(name, divisor, path.child('divisor')),
  );
}

function validateDivisor(resource: string, divisor: string, path: FieldPath): Found {
  if (parseQuantity(divisor).nanos === 0n) return undefined;
  const text = canonicalQuantity(divisor);
  const not = (values: string, what: string): Found =>
    invalid(
      path,
      resource,
      `only divisor's values ${values} are supported with the ${what} resource`,
    );
  if (/^(?:limits|requests)\.cpu$/.test(resource))
    return !['1m', '1'].includes(text) && not('1m and 1', 'cpu');
  if (byteDivisors.includes(text)) return undefined;
  if (/^(?:limits|requests)\.memory$/.test(resource)) return not(divisorText, 'memory');
  if (/^(?:limits|requests)\.ephemeral-storage$/.test(resource))
    return not(divisorText, 'local ephemeral storage');
  return isHugePagesField(resource) && not(divisorText, 'hugepages');
}
