import {
  fieldForbidden,
  FieldPath,
  invalid,
  tooLong,
  tooMany,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimStatus,
  ResourceClaimTemplate,
} from '../../../../api/types/resourceV1.ts';
import { validateNodeSelector } from '../podSpec/scheduling.ts';
import { all, must, mustBeOneOf, type Found } from '../shared/checks.ts';
import { validateConditions } from '../shared/conditions.ts';
import { validateInterfaceAddress } from '../shared/ip.ts';
import { utf8Length } from '../shared/names.ts';
import { validateImmutable, validateTemplateMeta } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';
import { validateDriverName } from '../storage/csi.ts';
import { validateBinding } from './binding.ts';
import {
  defaultDeviceClaim,
  requestNamesOf,
  validateConfiguration,
  validateDeviceClaim,
  validateRaw,
  validateReference,
  validateReferences,
  type RequestNames,
} from './claimSpec.ts';
import { limited, limitedSet } from './lists.ts';
import { validateLabelLike, validatePoolName, validateUid } from './names.ts';

const spec = FieldPath.of('spec');
const status = FieldPath.of('status');

/** Models kubernetes/pkg/registry/resource/resourceclaim and pkg/apis/resource/validation. */
export const resourceClaimStrategy: Strategy<ResourceClaim> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  metaOnUpdate: ['create', 'update'],
  default_: ({ spec: own }) => defaultDeviceClaim(own.devices),
  validate: ({ spec: own }) => validateDeviceClaim(own.devices, spec.child('devices')),
  validateUpdate: ({ spec: own }, { spec: old }) =>
    validateImmutable(own, old, spec, 'resource.ResourceClaimSpec'),
  subresources: {
    status: {
      validateUpdate: (claim, old) =>
        validateStatus(
          claim.status ?? {},
          old.status ?? {},
          claim.metadata.deletionTimestamp !== undefined,
          requestNamesOf(claim.spec.devices),
        ),
    },
  },
};

/** Models kubernetes/pkg/registry/resource/resourceclaimtemplate. */
export const resourceClaimTemplateStrategy: Strategy<ResourceClaimTemplate> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  metaOnUpdate: ['create', 'update'],
  default_: ({ spec: own }) => defaultDeviceClaim(own.spec.devices),
  validate: validateTemplate,
  validateUpdate: (template, old) =>
    all(
      validateTemplate(template),
      validateImmutable(template.spec, old.spec, spec, 'resource.ResourceClaimTemplateSpec'),
    ),
};

function validateTemplate({ spec: own }: ResourceClaimTemplate): FieldError[] {
  return all(
    validateTemplateMeta(own.metadata, spec.child('metadata')),
    validateDeviceClaim(own.spec.devices, spec.child('spec', 'devices')),
  );
}

const maxConsumers = 256;
const maxResults = 32;
const maxConfigurations = 64;
const maxConditions = 8;
const maxDataBytes = 10 * 1024;

type Device = Pick<AllocatedDeviceStatus, 'driver' | 'pool' | 'device' | 'shareID'>;

const deviceKey = ({ driver, pool, device, shareID }: Device): string =>
  [driver, pool, device, ...(shareID ? [shareID] : [])].join('/');

const shownDevice = ({ driver, pool, device, shareID }: Device): unknown => ({
  Driver: driver,
  Pool: pool,
  Device: device,
  ShareID: shareID ?? '',
});

/** Models validateResourceClaimStatusUpdate. */
function validateStatus(
  own: ResourceClaimStatus,
  old: ResourceClaimStatus,
  isDeleted: boolean,
  names: RequestNames,
): FieldError[] {
  const { allocation, reservedFor = [] } = own;
  const allocated = new Set((allocation?.devices?.results ?? []).map(deviceKey));
  const reservedAt = status.child('reservedFor');
  const isNew = reservedFor.some(
    (consumer) => !(old.reservedFor ?? []).some((before) => equal(before, consumer)),
  );
  return all(
    limitedSet(
      reservedFor,
      maxConsumers,
      reservedAt,
      ({ resource, name, uid }, at) => [
        must(resource, at.child('resource')),
        must(name, at.child('name')),
        must(uid, at.child('uid')),
      ],
      ({ uid }) => uid,
    ),
    limitedSet(
      own.devices,
      Infinity,
      status.child('devices'),
      (device, at) => validateDeviceStatus(device, allocated, at),
      deviceKey,
      shownDevice,
    ),
    reservedFor.length > 0 &&
      !allocation &&
      fieldForbidden(reservedAt, 'may not be specified when `allocated` is not set'),
    allocation &&
      isDeleted &&
      isNew &&
      fieldForbidden(
        reservedAt,
        'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
      ),
    allocation &&
      (old.allocation
        ? validateImmutable(
            allocation,
            old.allocation,
            status.child('allocation'),
            'resource.AllocationResult',
          )
        : validateAllocation(allocation, names, status.child('allocation'))),
  );
}

function validateDeviceStatus(
  device: AllocatedDeviceStatus,
  allocated: ReadonlySet<string>,
  at: FieldPath,
): Found {
  const conditions = (device.conditions as typeof device.conditions | null) ?? [];
  const conditionsAt = at.child('conditions');
  return [
    validateDriverName(device.driver, at.child('driver')),
    validatePoolName(device.pool, at.child('pool')),
    validateLabelLike(device.device, at.child('device')),
    device.shareID !== undefined && validateUid(device.shareID, at.child('shareID')),
    !allocated.has(deviceKey(device)) &&
      invalid(at, shownDevice(device), 'must be an allocated device in the claim'),
    conditions.length > maxConditions && tooMany(conditionsAt, conditions.length, maxConditions),
    validateConditions(conditions, conditionsAt),
    device.data !== undefined && validateRaw(device.data, at.child('data'), maxDataBytes),
    device.networkData && validateNetwork(device.networkData, at.child('networkData')),
  ];
}

function validateNetwork(network: NetworkDeviceData, at: FieldPath): Found {
  const { interfaceName = '', hardwareAddress = '', ips } = network;
  return [
    utf8Length(interfaceName) > 256 && tooLong(at.child('interfaceName'), 256),
    utf8Length(hardwareAddress) > 128 && tooLong(at.child('hardwareAddress'), 128),
    limitedSet(
      ips,
      16,
      at.child('ips'),
      (address, ipAt) => validateInterfaceAddress(ipAt, address),
      (address) => address,
    ),
  ];
}

function validateAllocation(
  { devices, nodeSelector }: AllocationResult,
  names: RequestNames,
  at: FieldPath,
): Found {
  const devicesAt = at.child('devices');
  return [
    limited(devices?.results, maxResults, devicesAt.child('results'), (result, resultAt) =>
      validateResult(result, names, resultAt),
    ),
    limited(devices?.config, maxConfigurations, devicesAt.child('config'), (configuration, one) =>
      validateAllocationConfiguration(configuration, names, one),
    ),
    nodeSelector && validateNodeSelector(nodeSelector, at.child('nodeSelector')),
  ];
}

function validateResult(
  result: DeviceRequestAllocationResult,
  names: RequestNames,
  at: FieldPath,
): Found {
  return [
    validateReference(result.request, names, at.child('request')),
    validateDriverName(result.driver, at.child('driver')),
    validatePoolName(result.pool, at.child('pool')),
    validateLabelLike(result.device, at.child('device')),
    validateBinding(result, at),
    result.shareID !== undefined && validateUid(result.shareID, at.child('shareID')),
  ];
}

function validateAllocationConfiguration(
  configuration: DeviceAllocationConfiguration,
  names: RequestNames,
  at: FieldPath,
): Found {
  return [
    mustBeOneOf(configuration.source, ['FromClaim', 'FromClass'], at.child('source')),
    validateReferences(configuration.requests, names, at.child('requests')),
    validateConfiguration(configuration, at),
  ];
}
