import {
  FieldPath,
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { asGiven } from '../../../../api/emptied.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { clone, equal, type JsonObject } from '../../../../api/meta.ts';
import type {
  NodeSelectorTerm,
  PersistentVolume,
  PersistentVolumeSpec,
  SecretReference,
} from '../../../../api/types/coreV1.ts';
import { formatTime } from '../../../../base/time.ts';
import { hasBadRequiredValue, validateNodeSelector } from '../podSpec/scheduling.ts';
import * as sources from '../podSpec/volumeSources.ts';
import { noBacksteps } from '../podSpec/paths.ts';
import { nodeTermWarnings } from '../podSpec/warnings.ts';
import {
  all,
  allInvalid,
  eachEntry,
  exactlyOne,
  mayBe,
  mayBeOneOf,
  must,
  mustBe,
  type Found,
} from '../shared/checks.ts';
import { validateAccessModes, volumeModes } from '../shared/claimSpec.ts';
import { diffOf } from '../shared/immutable.ts';
import { isDns1123Label, isDns1123Subdomain } from '../shared/names.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import { roundAmounts } from '../shared/resourceLists.ts';
import { validateBasicAmount, validatePositiveAmount } from '../shared/resources.ts';
import type { Strategy } from '../strategy.ts';

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
  validate: (volume) => [...validateSpec(volume, false), ...validateMountOptions(volume)],
  warningsOnCreate: volumeWarnings,
  prepareForUpdate(volume, old) {
    if (old.status) volume.status = old.status;
  },
  validateUpdate(volume, old) {
    const badBefore = hasBadRequiredValue(old.spec?.nodeAffinity?.required?.nodeSelectorTerms);
    const errors = validateSpec(volume, badBefore);
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

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];

function validateSpec(volume: PersistentVolume, allowBadValues: boolean): FieldError[] {
  const own = volume.spec ?? none;
  const { nodeAffinity, capacity, volumeAttributesClassName: className } = own;
  const at = (name: string): FieldPath => spec.child(name);
  const names = Object.keys(capacity ?? {});
  const affinity = nodeAffinity && at('nodeAffinity').child('required');
  const isRoot = own.hostPath && cleanPath(own.hostPath.path) === '/';
  return all(
    must(own.accessModes, at('accessModes')),
    validateAccessModes(own.accessModes, at('accessModes')),
    !names.length && required(at('capacity')),
    (!names.includes('storage') || names.length > 1) &&
      notSupported(at('capacity'), internalForm('core.ResourceList', asGiven(own, 'capacity')), [
        'storage',
      ]),
    eachEntry(capacity, at('capacity'), (_name, amount, place) => [
      validateBasicAmount(amount, place),
      validatePositiveAmount(amount, place),
    ]),
    own.persistentVolumeReclaimPolicy &&
      mayBeOneOf(
        own.persistentVolumeReclaimPolicy,
        reclaimPolicies,
        at('persistentVolumeReclaimPolicy'),
      ),
    affinity &&
      (nodeAffinity.required
        ? validateNodeSelector(nodeAffinity.required, affinity, allowBadValues)
        : required(affinity, 'must specify required node constraints')),
    validateSource(own, volume.metadata.name ?? ''),
    isRoot &&
      own.persistentVolumeReclaimPolicy === 'Recycle' &&
      fieldForbidden(
        at('persistentVolumeReclaimPolicy'),
        "may not be 'recycle' for a hostPath mount of '/'",
      ),
    mayBe(isDns1123Subdomain, own.storageClassName, at('storageClassName')),
    mayBeOneOf(own.volumeMode, volumeModes, at('volumeMode')),
    className !== undefined && [
      className
        ? allInvalid(at('volumeAttributesClassName'), className, isDns1123Subdomain(className))
        : required(at('volumeAttributesClassName'), 'an empty string is disallowed'),
      !own.csi && required(at('csi'), 'has to be specified when using volumeAttributesClassName'),
    ],
  );
}

/** Models path.Clean as far as the root goes. */
function cleanPath(text: string): string {
  const parts: string[] = [];
  for (const part of text.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return (text.startsWith('/') ? '/' : '') + parts.join('/');
}

function validateSource(own: PersistentVolumeSpec, name: string): FieldError[] {
  const rule = <K extends keyof PersistentVolumeSpec>(
    key: K,
    check: (source: NonNullable<PersistentVolumeSpec[K]>, path: FieldPath) => Found,
    places: { readonly own?: string; readonly second?: string } = {},
  ) =>
    [
      key,
      (): Found =>
        check(own[key] as NonNullable<PersistentVolumeSpec[K]>, spec.child(places.own ?? key)),
      places.second ?? key,
    ] as const;
  return exactlyOne(own, 'volume type', spec, [
    rule('hostPath', sources.validateHostPath),
    rule('gcePersistentDisk', sources.validateGceDisk, { own: 'persistentDisk' }),
    rule('awsElasticBlockStore', sources.validateAwsDisk),
    rule('glusterfs', (source, at) => [
      sources.needs('endpoints', 'path')(source, at),
      source.endpointsNamespace !== undefined &&
        validateEndpointsNamespace(source.endpointsNamespace, at.child('endpointsNamespace')),
    ]),
    rule('flocker', sources.validateFlocker),
    rule('nfs', sources.validateNfs),
    rule('rbd', sources.needs('monitors', 'image')),
    rule('quobyte', sources.validateQuobyte),
    rule('cephfs', sources.needs('monitors'), { second: 'cephFS' }),
    rule('iscsi', (source, at) => sources.validateIscsi(source, at, name)),
    rule('cinder', (source, at) => sources.validateCinder(source, at, true)),
    rule('fc', sources.validateFc),
    rule('flexVolume', sources.validateFlex),
    rule('azureFile', (source, at) => [
      sources.needs('secretName', 'shareName')(source, at),
      source.secretNamespace === '' && required(at.child('secretNamespace')),
    ]),
    rule('vsphereVolume', sources.needs('volumePath')),
    rule('photonPersistentDisk', sources.needs('pdID')),
    rule('portworxVolume', sources.needs('volumeID')),
    rule('azureDisk', sources.validateAzureDisk),
    rule('scaleIO', sources.validateScaleIo),
    rule('local', ({ path }, at) => [
      path ? noBacksteps(path, at.child('path')) : required(at.child('path')),
      !own.nodeAffinity &&
        required(spec.child('nodeAffinity'), 'Local volume requires node affinity'),
    ]),
    rule('storageos', (source, at) => sources.validateStorageOs(source, at, true)),
    rule('csi', (source, at) => [
      sources.validateCsiDriverName(source.driver, at.child('driver')),
      must(source.volumeHandle, at.child('volumeHandle')),
      secretRefs.map((key) => source[key] && validateSecretRef(source[key], at.child(key))),
    ]),
  ]);
}

const secretRefs = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

const validateSecretRef = ({ name, namespace }: SecretReference, at: FieldPath): Found => [
  mustBe(isDns1123Subdomain, name, at.child('name')),
  mustBe(isDns1123Label, namespace, at.child('namespace')),
];

const validateEndpointsNamespace = (name: string, at: FieldPath): Found =>
  name === ''
    ? invalid(at, name, 'if the endpointnamespace is set, it must be a valid namespace name')
    : allInvalid(at, name, isDns1123Label(name));

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
