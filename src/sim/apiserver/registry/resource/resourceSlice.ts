import { asGiven } from '../../../../api/emptied.ts';
import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  CounterSet,
  Device,
  DeviceTaint,
  ResourcePool,
  ResourceSlice,
  ResourceSliceSpec,
} from '../../../../api/types/resourceV1.ts';
import { formatTime } from '../../../../base/time.ts';
import { validateNodeSelector } from '../podSpec/scheduling.ts';
import { all, allInvalid, mustBeOneOf, type Found } from '../shared/checks.ts';
import { validateLabelName } from '../shared/labels.ts';
import { isDns1123Subdomain, isLabelValue } from '../shared/names.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import { validateDriverName } from '../storage/csi.ts';
import type { Strategy } from '../strategy.ts';
import { validateBinding } from './binding.ts';
import { taintEffects } from './claimSpec.ts';
import { validateAttribute, validateCapacity } from './deviceValues.ts';
import { limited, limitedMap, limitedSet } from './lists.ts';
import { validateLabelLike, validatePoolName, validateQualifiedName } from './names.ts';

const spec = FieldPath.of('spec');

/** Models kubernetes/pkg/registry/resource/resourceslice and pkg/apis/resource/validation. */
export const resourceSliceStrategy: Strategy<ResourceSlice> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  hasGeneration: true,
  prepareForCreate(slice, { now }) {
    slice.metadata.generation = 1;
    prepare(slice, formatTime(now));
  },
  prepareForUpdate: (slice, _old, { now }) => prepare(slice, formatTime(now)),
  validate: ({ spec: own }) => validateSpec(own),
  warningsOnCreate: warnings,
  validateUpdate: ({ spec: own }, { spec: old }) => validateSpec(own, old),
  warningsOnUpdate: warnings,
};

/** What needs features that are off is dropped; taints know since when they are there. */
function prepare({ spec: own }: ResourceSlice, now: string): void {
  for (const device of own.devices ?? []) {
    delete device.nodeAllocatableResourceMappings;
    for (const taint of device.taints ?? []) taint.timeAdded ??= now;
    for (const attribute of Object.values(device.attributes ?? {}))
      for (const key of ['bools', 'ints', 'strings', 'versions'] as const) delete attribute[key];
  }
}

function warnings({ spec: { driver } }: ResourceSlice): string[] {
  return driver === driver.toLowerCase()
    ? []
    : [`spec.driver: driver names should be lowercase; "${driver}" contains uppercase characters`];
}

const maxDevices = 128;
const maxAdvancedDevices = 64;
const maxCounterSets = 8;
const maxCounters = 32;
const maxConsumptions = 2;
const maxTaints = 16;
const maxAttributesAndCapacities = 32;
const maxAttributeValues = 48;
const keyLimit = 63 + 1 + 32;

function validateSpec(own: ResourceSliceSpec, old?: ResourceSliceSpec): FieldError[] {
  const { devices = [] } = own;
  const isAdvanced = devices.some(
    ({ taints, consumesCounters }) => taints?.length || consumesCounters?.length,
  );
  return all(
    validateDriverName(own.driver, spec.child('driver')),
    validatePool(own.pool, spec.child('pool')),
    old && [
      validateImmutable(own.pool.name, old.pool.name, spec.child('pool', 'name')),
      validateImmutable(own.driver, old.driver, spec.child('driver')),
      validateImmutable(own.nodeName, old.nodeName, spec.child('nodeName')),
    ],
    validatePlace(own),
    asGiven(own, 'sharedCounters') !== undefined &&
      asGiven(own, 'devices') !== undefined &&
      invalid(spec, '', 'only one of `sharedCounters` or `devices` is allowed'),
    limitedSet(
      devices,
      isAdvanced ? maxAdvancedDevices : maxDevices,
      spec.child('devices'),
      (device, at) =>
        validateDevice(
          device,
          old?.devices?.find(({ name }) => name === device.name),
          own.perDeviceNodeSelection ?? false,
          at,
        ),
      ({ name }) => name,
    ),
    limitedSet(
      own.sharedCounters,
      maxCounterSets,
      spec.child('sharedCounters'),
      validateCounterSet,
      ({ name }) => name,
    ),
  );
}

function validatePool(
  { name, resourceSliceCount, generation }: ResourcePool,
  at: FieldPath,
): Found {
  return [
    validatePoolName(name, at.child('name')),
    resourceSliceCount <= 0 &&
      invalid(at.child('resourceSliceCount'), resourceSliceCount, 'must be greater than zero'),
    generation < 0 &&
      invalid(at.child('generation'), generation, 'must be greater than or equal to zero'),
  ];
}

const validateNodeName = (name: string, at: FieldPath, whenEmpty: string): Found =>
  name ? allInvalid(at, name, isDns1123Subdomain(name)) : invalid(at, name, whenEmpty);

const onlyTrue = 'must be either unset or set to true';

/** Where the devices are: said once for all, or for each. */
function validatePlace(own: ResourceSliceSpec): Found {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection: perDevice } = own;
  const terms = nodeSelector?.nodeSelectorTerms ?? [];
  const selectorAt = spec.child('nodeSelector');
  const given = [
    nodeName && '`nodeName`',
    nodeSelector && '`nodeSelector`',
    allNodes && '`allNodes`',
    perDevice && '`perDeviceNodeSelection`',
  ].filter(Boolean);
  const one =
    'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  return [
    nodeName !== undefined &&
      validateNodeName(
        nodeName,
        spec.child('nodeName'),
        'must be either unset or set to a non-empty string',
      ),
    nodeSelector && [
      validateNodeSelector(nodeSelector, selectorAt),
      terms.length !== 1 &&
        invalid(
          selectorAt.child('nodeSelectorTerms'),
          internalForm('[]core.NodeSelectorTerm', nodeSelector.nodeSelectorTerms),
          'must have exactly one node selector term',
        ),
    ],
    allNodes === false && invalid(spec.child('allNodes'), allNodes, onlyTrue),
    perDevice === false && invalid(spec.child('perDeviceNodeSelection'), perDevice, onlyTrue),
    !given.length && required(spec, one),
    given.length > 1 &&
      invalid(spec, `{${given.join(', ')}}`, `${one}, but multiple fields are set`),
  ];
}

function validateCounterSet({ name, counters }: CounterSet, at: FieldPath): Found {
  return [
    name ? validateLabelLike(name, at.child('name')) : required(at.child('name')),
    validateCounters(counters, at.child('counters')),
  ];
}

const validateCounters = (counters: CounterSet['counters'] | undefined, at: FieldPath): Found =>
  Object.keys(counters ?? {}).length
    ? limitedMap(counters, maxCounters, 63, at, validateLabelLike)
    : required(at);

function validateDevice(
  device: Device,
  old: Device | undefined,
  isPerDevice: boolean,
  at: FieldPath,
): Found {
  const { attributes = {}, capacity = {} } = device;
  const attributeCount = Object.keys(attributes).length;
  const total = attributeCount + Object.keys(capacity).length;
  return [
    validateLabelLike(device.name, at.child('name')),
    total > maxAttributesAndCapacities &&
      invalid(
        at,
        total,
        `the total number of attributes and capacities must not exceed ${maxAttributesAndCapacities}`,
      ),
    attributeCount > maxAttributeValues &&
      invalid(
        at,
        attributeCount,
        `the total number of attribute values must not exceed ${maxAttributeValues}`,
      ),
    limitedMap(
      attributes,
      Infinity,
      keyLimit,
      at.child('attributes'),
      validateQualifiedName,
      validateAttribute,
    ),
    limitedMap(
      capacity,
      Infinity,
      keyLimit,
      at.child('capacity'),
      validateQualifiedName,
      (one, capacityAt) =>
        validateCapacity(one, device.allowMultipleAllocations ?? false, capacityAt),
    ),
    !(old && equal(old.taints, device.taints)) &&
      limited(device.taints, maxTaints, at.child('taints'), validateTaint),
    limitedSet(
      device.consumesCounters,
      maxConsumptions,
      at.child('consumesCounters'),
      ({ counterSet, counters }, one) => [
        counterSet
          ? validateLabelLike(counterSet, one.child('counterSet'))
          : required(one.child('counterSet')),
        validateCounters(counters, one.child('counters')),
      ],
      ({ counterSet }) => counterSet,
    ),
    validateDevicePlace(device, isPerDevice, at),
    validateBinding(device, at),
  ];
}

function validateDevicePlace(device: Device, isPerDevice: boolean, at: FieldPath): Found {
  const { nodeName, nodeSelector, allNodes } = device;
  const anyGiven = nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined;
  if (!isPerDevice)
    return (
      anyGiven &&
      invalid(
        at,
        null,
        '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
      )
    );
  const given = [
    nodeName && '`nodeName`',
    nodeSelector && '`nodeSelector`',
    allNodes && '`allNodes`',
  ].filter(Boolean);
  const one =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  return [
    nodeName !== undefined && validateNodeName(nodeName, at.child('nodeName'), 'must not be empty'),
    nodeSelector && validateNodeSelector(nodeSelector, at.child('nodeSelector')),
    allNodes === false && invalid(at.child('allNodes'), allNodes, onlyTrue),
    !given.length && required(at, one),
    given.length > 1 && invalid(at, `{${given.join(', ')}}`, one),
  ];
}

function validateTaint({ key, value, effect }: DeviceTaint, at: FieldPath): Found {
  return [
    validateLabelName(key, at.child('key')),
    value && allInvalid(at.child('value'), value, isLabelValue(value)),
    mustBeOneOf(effect, taintEffects, at.child('effect')),
  ];
}
