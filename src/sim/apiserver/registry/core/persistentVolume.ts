import { FieldPath, fieldForbidden, invalid, type FieldError } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { clone, equal, type JsonObject } from '../../../../api/meta.ts';
import type {
  NodeSelectorTerm,
  PersistentVolume,
  PersistentVolumeSpec,
} from '../../../../api/types/coreV1.ts';
import { formatTime } from '../../../../base/time.ts';
import { hasBadRequiredValue } from '../podSpec/scheduling.ts';
import { nodeTermWarnings } from '../podSpec/warnings.ts';
import { all } from '../shared/checks.ts';
import { diffOf } from '../shared/immutable.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import { roundAmounts } from '../shared/resourceLists.ts';
import type { Strategy } from '../strategy.ts';
import { validateVolumeSpec } from './volumeSpec.ts';

const spec = FieldPath.of('spec');
const none = {} as PersistentVolumeSpec;

/** Models kubernetes/pkg/registry/core/persistentvolume and core/validation ValidatePersistentVolume. */
export const persistentVolumeStrategy: Strategy<PersistentVolume> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  allowUnconditionalUpdate: true,
  metaOnUpdate: ['create', 'create'],
  default_(volume) {
    const own = (volume.spec ??= {} as PersistentVolumeSpec);
    volume.status ??= {};
    volume.status.phase ??= 'Pending';
    own.persistentVolumeReclaimPolicy ??= 'Retain';
    own.volumeMode ??= 'Filesystem';
    roundAmounts(own.capacity);
    if (own.hostPath) own.hostPath.type ??= '';
    if (own.iscsi) own.iscsi.iscsiInterface ||= 'default';
    if (own.rbd) {
      own.rbd.pool ||= 'rbd';
      own.rbd.user ||= 'admin';
      own.rbd.keyring ||= '/etc/ceph/keyring';
    }
    if (own.azureDisk) {
      own.azureDisk.cachingMode ??= 'ReadWrite';
      own.azureDisk.kind ??= 'Shared';
      own.azureDisk.fsType ??= 'ext4';
      own.azureDisk.readOnly ??= false;
    }
    if (own.scaleIO) {
      own.scaleIO.storageMode ||= 'ThinProvisioned';
      own.scaleIO.fsType ||= 'xfs';
    }
  },
  prepareForCreate(volume, { now }) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: formatTime(now) };
  },
  validate: (volume) => [...validateSpec(volume), ...validateMountOptions(volume)],
  warningsOnCreate: volumeWarnings,
  prepareForUpdate(volume, old) {
    if (old.status) volume.status = old.status;
  },
  validateUpdate(volume, old) {
    const allowBadValues = hasBadRequiredValue(old.spec?.nodeAffinity?.required?.nodeSelectorTerms);
    const errors = validateSpec(volume, allowBadValues);
    return [
      ...errors,
      ...validateMountOptions(volume),
      ...errors,
      ...validateChanges(volume.spec ?? none, old.spec ?? none),
    ];
  },
  warningsOnUpdate: volumeWarnings,
  subresources: {
    status: {
      prepareForUpdate(volume, old, { now }) {
        if (old.spec) volume.spec = old.spec;
        const status = (volume.status ??= {});
        const before = old.status ?? {};
        const time = status.lastPhaseTransitionTime;
        if (status.phase === before.phase) {
          if (time === undefined && before.lastPhaseTransitionTime !== undefined)
            status.lastPhaseTransitionTime = before.lastPhaseTransitionTime;
        } else if (time === undefined || time === before.lastPhaseTransitionTime)
          status.lastPhaseTransitionTime = formatTime(now);
      },
    },
  },
};

const validateSpec = ({ metadata, spec: own = none }: PersistentVolume, allowBadValues = false) =>
  validateVolumeSpec(own, metadata.name ?? '', spec, { allowBadValues });

const mountable: readonly (keyof PersistentVolumeSpec)[] = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
];
const mountOptions = 'volume.beta.kubernetes.io/mount-options';

function validateMountOptions({ metadata, spec: own = none }: PersistentVolume): FieldError[] {
  if (mountable.some((key) => own[key]) || metadata.annotations?.[mountOptions] === undefined)
    return [];
  return [
    fieldForbidden(
      FieldPath.of('metadata', 'annotations', mountOptions),
      'may not specify mount options for this volume type',
    ),
  ];
}

function validateChanges(own: PersistentVolumeSpec, before: PersistentVolumeSpec): FieldError[] {
  const now = sourceOf(own);
  const then = sourceOf(before);
  const csi = now['CSI'] as JsonObject | null;
  const oldCsi = then['CSI'] as JsonObject | null;
  // The reference may be set where there was none.
  if (oldCsi?.['ControllerExpandSecretRef'] === null && csi)
    csi['ControllerExpandSecretRef'] = null;
  return all(
    !equal(now, then) &&
      fieldForbidden(
        FieldPath.of('spec', 'persistentvolumesource'),
        `spec.persistentvolumesource is immutable after creation\n${diffOf(then, now)}`,
      ),
    validateImmutable(own.volumeMode, before.volumeMode, FieldPath.of('volumeMode')),
    before.nodeAffinity &&
      !equal(withNewLabels(own, before), before.nodeAffinity) &&
      invalid(
        FieldPath.of('nodeAffinity'),
        internalForm('*core.VolumeNodeAffinity', own.nodeAffinity),
        'field is immutable, except for updating from beta label to GA',
      ),
    before.volumeAttributesClassName !== undefined &&
      own.volumeAttributesClassName === undefined &&
      fieldForbidden(
        spec.child('volumeAttributesClassName'),
        'update from non-nil value to nil is forbidden',
      ),
  );
}

const sourceOf = (own: PersistentVolumeSpec): JsonObject =>
  internalForm('core.PersistentVolumeSource', own) as JsonObject;

const newLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** The affinity with old labels where an old label only got its new name. */
function withNewLabels(own: PersistentVolumeSpec, before: PersistentVolumeSpec): unknown {
  const affinity = clone(own.nodeAffinity);
  const old = before.nodeAffinity?.required?.nodeSelectorTerms;
  const terms = affinity?.required?.nodeSelectorTerms as NodeSelectorTerm[] | null | undefined;
  let isRenamed = false;
  for (const [index, term] of (terms ?? []).entries())
    for (const [place, requirement] of (term.matchExpressions ?? []).entries()) {
      const key = old?.[index]?.matchExpressions?.[place]?.key;
      if (key === undefined || (newLabels[key] ?? '') !== requirement.key) continue;
      requirement.key = key;
      isRenamed = true;
    }
  return isRenamed ? affinity : own.nodeAffinity;
}

const outOfUse: readonly (readonly [keyof PersistentVolumeSpec, string, string?])[] = [
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+', 'storageOS'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

/** Models kubernetes/pkg/api/persistentvolume GetWarningsForPersistentVolume. */
function volumeWarnings({ metadata, spec: own = none }: PersistentVolume): string[] {
  const annotations = [
    [
      'volume.beta.kubernetes.io/storage-class',
      'deprecated since v1.8; use "storageClassName" attribute instead',
    ],
    [mountOptions, 'deprecated since v1.31; use "mountOptions" attribute instead'],
  ] as const;
  const terms = spec.child('nodeAffinity', 'required', 'nodeSelectorTerms');
  return [
    ...annotations
      .filter(([key]) => metadata.annotations?.[key] !== undefined)
      .map(([key, text]) => `metadata.annotations[${key}]: ${text}`),
    ...(own.persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : []),
    ...(own.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term, index) =>
      nodeTermWarnings(term, terms.index(index), false),
    ),
    ...outOfUse.flatMap(([key, text, shown]) =>
      own[key] ? [`spec.${shown ?? key}: ${text}`] : [],
    ),
  ];
}
