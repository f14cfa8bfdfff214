import {
  FieldPath,
  fieldForbidden,
  invalid,
  notSupported,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { cloneAsGiven } from '../../../../api/emptied.ts';
import { clone, equal } from '../../../../api/meta.ts';
import { parseQuantity } from '../../../../api/quantity.ts';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
} from '../../../../api/types/coreV1.ts';
import { all, allInvalid, eachEntry, must, type Found } from '../shared/checks.ts';
import {
  claimSpecWarnings,
  defaultClaimSpec,
  validateClaimSpec,
  type ClaimOptions,
} from '../shared/claimSpec.ts';
import { diffOf } from '../shared/immutable.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { isQualifiedName } from '../shared/names.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import { isNative, validateAmount, validateBasicAmount } from '../shared/resources.ts';
import { roundAmounts } from '../shared/resourceLists.ts';
import type { Strategy } from '../strategy.ts';

const spec = FieldPath.of('spec');
const statusPath = FieldPath.of('status');
const storageClass = 'volume.beta.kubernetes.io/storage-class';

/** Models kubernetes/pkg/registry/core/persistentvolumeclaim and core/validation ValidatePersistentVolumeClaimUpdate. */
export const persistentVolumeClaimStrategy: Strategy<PersistentVolumeClaim> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  allowUnconditionalUpdate: true,
  metaOnUpdate: ['update', 'create'],
  default_(claim) {
    defaultClaimSpec((claim.spec ??= {}));
    claim.status ??= {};
    claim.status.phase ??= 'Pending';
    roundAmounts(claim.status.capacity, claim.status.allocatedResources);
  },
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
    const own = (claim.spec ??= {});
    dropDisabledFields(own, undefined);
    normalizeSources(own);
  },
  validate: ({ spec: own = {} }) => validateClaimSpec(own, spec),
  warningsOnCreate: claimWarnings,
  prepareForUpdate(claim, old) {
    if (old.status) claim.status = old.status;
    const own = (claim.spec ??= {});
    dropDisabledFields(own, old.spec);
    normalizeSources(own);
  },
  validateUpdate(claim, old) {
    const before = clone(old.spec ?? {});
    normalizeSources(before);
    return [
      ...validateClaimSpec(claim.spec ?? {}, spec, optionsFor(old.spec ?? {})),
      ...validateChanges(claim, old, before),
    ];
  },
  warningsOnUpdate: claimWarnings,
  subresources: {
    status: {
      prepareForUpdate(claim, old) {
        if (old.spec) claim.spec = old.spec;
      },
      validateUpdate: ({ spec: own, status }) =>
        all(
          must(own?.accessModes, FieldPath.of('Spec', 'accessModes')),
          eachEntry(status?.capacity, statusPath.child('capacity'), (_name, amount, at) =>
            validateBasicAmount(amount, at),
          ),
          Object.entries(status?.allocatedResourceStatuses ?? {}).map(([name, value]) => {
            const at = statusPath.child('allocatedResourceStatuses');
            return [
              validateKey(name, at),
              !resizeStates.includes(value) && notSupported(at, name, resizeStates),
            ];
          }),
          Object.entries(status?.allocatedResources ?? {}).map(([name, amount]): Found => {
            const at = statusPath.child('allocatedResources');
            const bad = validateKey(name, at);
            return bad.length
              ? bad
              : (validateBasicAmount(amount, at.key(name)) ??
                  validateAmount('storage', amount, at.key(name)));
          }),
        ),
    },
  },
};

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
].sort();

function validateKey(name: string, at: FieldPath): FieldError[] {
  const errors = allInvalid(at, name, isQualifiedName(name));
  if (errors.length) return errors;
  return isNative(name) && name !== 'storage' ? [notSupported(at, name, ['storage'])] : [];
}

/** Sources in other namespaces are an alpha feature; old sources could only be claims and snapshots. */
function dropDisabledFields(
  own: PersistentVolumeClaimSpec,
  old: PersistentVolumeClaimSpec | undefined,
): void {
  if (own.dataSourceRef?.namespace && !old?.dataSourceRef) delete own.dataSourceRef;
  if (old?.dataSource || old?.dataSourceRef || own.dataSourceRef) return;
  const { apiGroup, kind } = own.dataSource ?? {};
  const isKnown =
    (kind === 'PersistentVolumeClaim' && !apiGroup) ||
    (kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io');
  if (!isKnown) delete own.dataSource;
}

/** The two fields for the source say the same. */
function normalizeSources(own: PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef: ref } = own;
  if (dataSource && !ref) own.dataSourceRef = { ...dataSource };
  else if (ref && !dataSource && !ref.namespace) {
    const { apiGroup, kind, name } = ref;
    own.dataSource = { ...(apiGroup !== undefined && { apiGroup }), kind, name };
  }
}

const hasGroup = (source: { apiGroup?: string | null } | undefined): boolean =>
  typeof source?.apiGroup === 'string';

const optionsFor = (old: PersistentVolumeClaimSpec): ClaimOptions => ({
  badDataSourceGroups: hasGroup(old.dataSource) || hasGroup(old.dataSourceRef),
  badSelectorValues: validateLabelSelector(old.selector, FieldPath.root).length > 0,
});

function claimWarnings({ metadata, spec: own = {} }: PersistentVolumeClaim): string[] {
  const isOld = metadata.annotations?.[storageClass] !== undefined;
  const text = 'deprecated since v1.8; use "storageClassName" attribute instead';
  return [
    ...(isOld ? [`metadata.annotations[${storageClass}]: ${text}`] : []),
    ...claimSpecWarnings(own, spec),
  ];
}

function validateChanges(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
  before: PersistentVolumeClaimSpec,
): FieldError[] {
  const own = claim.spec ?? {};
  const now = cloneAsGiven(own);
  const then = clone(before);
  const isBound = claim.status?.phase === 'Bound';
  if (!then.volumeName && now.volumeName) then.volumeName = now.volumeName;
  const annotation = claim.metadata.annotations?.[storageClass];
  const oldAnnotation = old.metadata.annotations?.[storageClass];
  const isMoved =
    oldAnnotation !== undefined &&
    then.storageClassName === undefined &&
    now.storageClassName === oldAnnotation &&
    (annotation === undefined || annotation === oldAnnotation);
  const isFirst =
    now.storageClassName !== undefined &&
    then.storageClassName === undefined &&
    (oldAnnotation === undefined || now.storageClassName === oldAnnotation);
  if (isMoved || isFirst) delete now.storageClassName;
  if (isBound) keepWhatGrows(now, then);
  const size = (list: Readonly<Record<string, string>> | undefined): bigint =>
    parseQuantity(list?.['storage'] ?? '0').nanos;
  const newSize = size(own.resources?.requests);
  const nowForm = internalForm('core.PersistentVolumeClaimSpec', now);
  const thenForm = internalForm('core.PersistentVolumeClaimSpec', then);
  return all(
    !isMoved &&
      annotation !== oldAnnotation &&
      invalid(
        FieldPath.of('metadata', 'annotations', storageClass),
        annotation ?? '',
        'field is immutable',
      ),
    // What is empty is no change, even if the message would show it.
    !equal(internalForm('core.PersistentVolumeClaimSpec', clone(now)), thenForm) &&
      fieldForbidden(
        spec,
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${diffOf(thenForm, nowForm)}`,
      ),
    newSize < size(before.resources?.requests) &&
      newSize <= size(old.status?.capacity) &&
      fieldForbidden(
        spec.child('resources', 'requests', 'storage'),
        'field can not be less than status.capacity',
      ),
    validateImmutable(own.volumeMode, before.volumeMode, FieldPath.of('volumeMode')),
    validateClassChange(own.volumeAttributesClassName, before, old),
  );
}

/** Of a bound claim size and class may change. */
function keepWhatGrows(now: PersistentVolumeClaimSpec, then: PersistentVolumeClaimSpec): void {
  const size = then.resources?.requests?.['storage'];
  if (now.resources?.requests && size !== undefined) now.resources.requests['storage'] = size;
  if (then.volumeAttributesClassName === undefined) delete now.volumeAttributesClassName;
  else now.volumeAttributesClassName = then.volumeAttributesClassName;
}

function validateClassChange(
  name: string | undefined,
  before: PersistentVolumeClaimSpec,
  { status }: PersistentVolumeClaim,
): Found {
  if (name === before.volumeAttributesClassName) return undefined;
  if (status?.currentVolumeAttributesClassName === undefined) return undefined;
  const at = spec.child('volumeAttributesClassName');
  const why = 'is forbidden when status.currentVolumeAttributesClassName is not nil';
  if (name === undefined) return fieldForbidden(at, `update to nil ${why}`);
  return name === '' && fieldForbidden(at, `update to empty string ${why}`);
}
