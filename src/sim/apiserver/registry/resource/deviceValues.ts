import {
  fieldForbidden,
  invalid,
  required,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityValue,
} from '../../../../api/quantity.ts';
import type {
  CapacityRequestPolicy,
  CapacityRequestPolicyRange,
  DeviceAttribute,
  DeviceCapacity,
} from '../../../../api/types/resourceV1.ts';
import { all, each, type Found } from '../shared/checks.ts';
import { utf8Length } from '../shared/names.ts';
import { compareTexts } from '../shared/resources.ts';
import { limitedSet } from './lists.ts';

// What a device has: attributes and capacities.

const maxValueLength = 64;
const maxOptions = 10;
const number = '(0|[1-9]\\d*)';
const preRelease = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const semver = new RegExp(
  `^${number}\\.${number}\\.${number}(-${preRelease}(\\.${preRelease})*)?(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?$`,
);

/** Models validateDeviceAttribute. */
export function validateAttribute(attribute: DeviceAttribute, at: FieldPath): FieldError[] {
  const { string, version } = attribute;
  const count = Object.values(attribute).filter((value) => value !== undefined).length;
  const detail = 'exactly one value must be specified';
  const tooLongFor = (text: string, key: 'string' | 'version'): Found =>
    utf8Length(text) > maxValueLength && tooLong(at.child(key), maxValueLength);
  return all(
    string !== undefined && tooLongFor(string, 'string'),
    version !== undefined && [
      !semver.test(version) &&
        invalid(
          at.child('version'),
          version,
          'must be a string compatible with semver.org spec 2.0.0',
        ),
      tooLongFor(version, 'version'),
    ],
    count === 0 && invalid(at, '', detail),
    count > 1 && invalid(at, internalForm('resource.DeviceAttribute', attribute), detail),
  );
}

/** Only what is shared is asked for in parts. */
export function validateCapacity(
  { value, requestPolicy: policy }: DeviceCapacity,
  isShared: boolean,
  at: FieldPath,
): FieldError[] {
  if (!policy) return [];
  const policyAt = at.child('requestPolicy');
  if (!isShared) return [fieldForbidden(policyAt, 'allowMultipleAllocations must be true')];
  if (policy.validValues?.length && policy.validRange)
    return [
      fieldForbidden(
        policyAt,
        'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time',
      ),
    ];
  const key = policy.validValues?.length ? 'validValues' : policy.validRange && 'validRange';
  if (!key) return [];
  if (policy.default === undefined)
    return [required(policyAt.child('default'), `required when ${key} is defined`)];
  return all(
    key === 'validValues'
      ? validateOptions(policy, policy.default, value, policyAt.child(key))
      : policy.validRange &&
          validateRange(policy.validRange, policy.default, value, policyAt.child(key)),
  );
}

function validateOptions(
  { validValues: options = [] }: CapacityRequestPolicy,
  default_: string,
  capacity: string,
  path: FieldPath,
): Found {
  return [
    each(
      options,
      path,
      (option, at, index) =>
        index > 0 &&
        compareTexts(options[index - 1] ?? option, option) > 0 &&
        invalid(at, option, 'values must be sorted in ascending order'),
    ),
    limitedSet(
      options,
      maxOptions,
      path,
      (option, at) =>
        compareTexts(option, capacity) > 0 &&
        invalid(at, option, `option is larger than capacity value: ${capacity}`),
      (option) => String(quantityValue(parseQuantity(option))),
    ),
    !(
      options.length <= maxOptions && options.some((option) => compareTexts(option, default_) === 0)
    ) && invalid(path, default_, 'default value is not valid according to the requestPolicy'),
  ];
}

function validateRange(
  { min, max, step }: CapacityRequestPolicyRange,
  default_: string,
  capacity: string,
  path: FieldPath,
): Found {
  if ((min as string | undefined) === undefined)
    return required(path.child('min'), 'required when validRange is defined');
  const [minAt, maxAt, stepAt] = [path.child('min'), path.child('max'), path.child('step')];
  return [
    compareTexts(min, capacity) > 0 &&
      invalid(minAt, min, `min is larger than capacity value: ${capacity}`),
    compareTexts(default_, min) < 0 && invalid(minAt, default_, `default is less than min: ${min}`),
    max !== undefined && [
      compareTexts(min, max) > 0 && invalid(maxAt, min, `min is larger than max: ${max}`),
      compareTexts(max, capacity) > 0 &&
        invalid(maxAt, max, `max is larger than capacity value: ${capacity}`),
      compareTexts(default_, max) > 0 &&
        invalid(maxAt, default_, `default is more than max: ${max}`),
    ],
    step !== undefined && [
      oneStepTooFar(min, step, capacity, stepAt),
      offStep(default_, min, step, stepAt),
      max !== undefined && offStep(max, min, step, stepAt),
    ],
  ];
}

function oneStepTooFar(min: string, step: string, capacity: string, at: FieldPath): Found {
  const next = addQuantities(parseQuantity(min), parseQuantity(step));
  return (
    compareQuantities(next, parseQuantity(capacity)) > 0 &&
    invalid(at, step, `one step ${formatQuantity(next)} is larger than capacity value: ${capacity}`)
  );
}

function offStep(value: string, min: string, step: string, at: FieldPath): Found {
  const whole = (text: string): number => quantityValue(parseQuantity(text));
  return (
    (whole(value) - whole(min)) % whole(step) !== 0 &&
    invalid(at, value, `value is not a multiple of a given step (${step}) from (${min})`)
  );
}
