import {
  duplicate,
  FieldPath,
  invalid,
  required,
  tooLong,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import { compareQuantities, tryQuantity, zeroQuantity } from '../../../../api/quantity.ts';
import type {
  CSIDriver,
  CSIDriverSpec,
  CSINode,
  CSIStorageCapacity,
} from '../../../../api/types/storageV1.ts';
import { all, allInvalid, atLeastZero, each, oneOf, seenBefore } from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { isDns1123Subdomain, isQualifiedName, utf8Length } from '../shared/names.ts';
import { nodeSelectorWarnings } from '../shared/nodeLabels.ts';
import { validateImmutable, validateImmutableMember } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';

// What storage drivers say about themselves and the nodes they run on.

const root = FieldPath.root;
const spec = FieldPath.of('spec');

/** Models core/validation ValidateCSIDriverName. */
export function validateDriverName(name: string, at: FieldPath): FieldError[] {
  if (!name) return [required(at)];
  return all(
    utf8Length(name) > 63 && tooLong(at, 63),
    allInvalid(at, name, isDns1123Subdomain(name.toLowerCase())),
  );
}

const tokensInSecrets =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes';
const asksForTokens = ({ tokenRequests, serviceAccountTokenInSecrets }: CSIDriverSpec): boolean =>
  !!tokenRequests?.length && serviceAccountTokenInSecrets === undefined;

/** Models kubernetes/pkg/registry/storage/csidriver. */
export const csiDriverStrategy: Strategy<CSIDriver> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  default_({ spec: own }) {
    own.attachRequired ??= true;
    own.podInfoOnMount ??= false;
    own.storageCapacity ??= false;
    own.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if (!own.volumeLifecycleModes?.length) own.volumeLifecycleModes = ['Persistent'];
    own.requiresRepublish ??= false;
    own.seLinuxMount ??= false;
  },
  prepareForCreate({ spec: own }) {
    delete own.preventPodSchedulingIfMissing;
  },
  prepareForUpdate(driver, old) {
    if (old.spec.preventPodSchedulingIfMissing === undefined)
      delete driver.spec.preventPodSchedulingIfMissing;
    if (!equal(driver.spec, old.spec))
      driver.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: ({ spec: own }) => validateDriver(own),
  warningsOnCreate: ({ spec: own }) => (asksForTokens(own) ? [tokensInSecrets] : []),
  validateUpdate: ({ spec: own }, { spec: old }) =>
    all(
      validateDriver(own),
      validateImmutable(own.attachRequired, old.attachRequired, spec.child('attachedRequired')),
      validateImmutableMember('volumeLifecycleModes', own, old, spec),
    ),
  warningsOnUpdate: ({ spec: own }, { spec: old }) =>
    !equal(own.tokenRequests, old.tokenRequests) && asksForTokens(own) ? [tokensInSecrets] : [],
};

const policies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const lifecycleModes = ['Persistent', 'Ephemeral'];

function validateDriver(own: CSIDriverSpec): FieldError[] {
  const { nodeAllocatableUpdatePeriodSeconds: seconds, serviceAccountTokenInSecrets: flag } = own;
  return all(
    oneOf(own.fsGroupPolicy, policies, spec.child('fsGroupPolicy')),
    validateTokenRequests(own, spec.child('tokenRequests')),
    own.volumeLifecycleModes?.map((mode) =>
      oneOf(mode, lifecycleModes, spec.child('volumeLifecycleModes')),
    ),
    seconds !== undefined &&
      seconds < 10 &&
      invalid(
        spec.child('nodeAllocatableUpdatePeriodSeconds'),
        seconds,
        'must be greater than or equal to 10 seconds',
      ),
    flag !== undefined &&
      !own.tokenRequests?.length &&
      invalid(
        spec.child('serviceAccountTokenInSecrets'),
        flag,
        'serviceAccountTokenInSecrets is set but no tokenRequests are specified',
      ),
  );
}

function validateTokenRequests({ tokenRequests }: CSIDriverSpec, path: FieldPath): FieldError[] {
  const seen = seenBefore();
  return each(tokenRequests, path, ({ audience, expirationSeconds: seconds }, at) => {
    if (seen(audience)) return duplicate(at.child('audience'), audience);
    const secondsAt = at.child('expirationSeconds');
    return (
      seconds !== undefined && [
        seconds < 600 &&
          invalid(secondsAt, seconds, 'may not specify a duration less than 10 minutes'),
        seconds > 2 ** 32 &&
          invalid(secondsAt, seconds, 'may not specify a duration larger than 2^32 seconds'),
      ]
    );
  });
}

/** A list that is left out is null. */
function driversOf({ spec: own }: CSINode): CSINode['spec']['drivers'] {
  const drivers = own.drivers as CSINode['spec']['drivers'] | null;
  return drivers ?? [];
}

/** Models kubernetes/pkg/registry/storage/csinode. */
export const csiNodeStrategy: Strategy<CSINode> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  metaOnUpdate: ['create'],
  validate: validateNode,
  validateUpdate: (node, old) =>
    all(
      validateNode(node),
      driversOf(old).map((before) =>
        driversOf(node)
          .filter(({ name }) => name === before.name)
          .map((now) =>
            // How many volumes fit may change, nothing else.
            validateImmutable(
              { ...now, allocatable: undefined },
              { ...before, allocatable: undefined },
              spec.child('drivers'),
              'storage.CSINodeDriver',
            ),
          ),
      ),
    ),
};

function validateNode({ spec: own }: CSINode): FieldError[] {
  const seen = seenBefore();
  return each(own.drivers, spec.child('drivers'), ({ name, nodeID, ...driver }, at) => {
    const seenKey = seenBefore();
    return all(
      validateDriverName(name, at.child('name')),
      !nodeID && required(at.child('nodeID')),
      utf8Length(nodeID) > 256 &&
        invalid(at.child('nodeID'), nodeID, 'must be 256 characters or less'),
      atLeastZero(driver.allocatable?.count, at.child('allocatable', 'count')),
      seen(name) && duplicate(at.child('name'), name),
      driver.topologyKeys?.map((key) => [
        !key && required(at),
        seenKey(key) && duplicate(at, key),
        allInvalid(at, key, isQualifiedName(key)),
      ]),
    );
  });
}

/** Models kubernetes/pkg/registry/storage/csistoragecapacity. */
export const csiStorageCapacityStrategy: Strategy<CSIStorageCapacity> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  metaOnUpdate: ['create', 'update'],
  validate: (capacity) => validateCapacity(capacity, false),
  warningsOnCreate: (capacity) =>
    nodeSelectorWarnings(capacity.nodeTopology, root.child('nodeTopology')),
  validateUpdate: (capacity, old) =>
    all(
      validateCapacity(capacity, validateLabelSelector(old.nodeTopology, root).length > 0),
      (['nodeTopology', 'storageClassName'] as const).map((key) =>
        validateImmutableMember(key, capacity, old, root),
      ),
    ),
  warningsOnUpdate: (capacity) =>
    nodeSelectorWarnings(capacity.nodeTopology, root.child('nodeTopology')),
};

function validateCapacity(own: CSIStorageCapacity, allowsLabels: boolean): FieldError[] {
  const amount = tryQuantity(own.capacity);
  const name = own.storageClassName;
  return all(
    validateLabelSelector(own.nodeTopology, root.child('nodeTopology'), allowsLabels),
    allInvalid(root.child('storageClassName'), name, isDns1123Subdomain(name)),
    amount &&
      compareQuantities(amount, zeroQuantity) < 0 &&
      invalid(root.child('capacity'), own.capacity, 'must be greater than or equal to 0'),
  );
}
