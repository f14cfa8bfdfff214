import type { FieldPath } from '../../../../api/field.ts';
import {
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { asGiven } from '../../../../api/emptied.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type { PersistentVolumeSpec, SecretReference } from '../../../../api/types/coreV1.ts';
import { validateNodeSelector } from '../podSpec/scheduling.ts';
import * as sources from '../podSpec/volumeSources.ts';
import { noBacksteps } from '../podSpec/paths.ts';
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
import { isDns1123Label, isDns1123Subdomain } from '../shared/names.ts';
import { validateBasicAmount, validatePositiveAmount } from '../shared/resources.ts';

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];

export interface VolumeSpecOptions {
  /** The spec stands where a VolumeAttachment needs it, not in a volume. */
  readonly isInline?: boolean;
  readonly allowBadValues?: boolean;
}

/** Models core/validation ValidatePersistentVolumeSpec. */
export function validateVolumeSpec(
  own: PersistentVolumeSpec,
  name: string,
  spec: FieldPath,
  options: VolumeSpecOptions,
): FieldError[] {
  const { isInline = false, allowBadValues = false } = options;
  const { nodeAffinity, capacity, volumeAttributesClassName: className } = own;
  const at = (name: string): FieldPath => spec.child(name);
  const names = Object.keys(capacity ?? {});
  const affinity = nodeAffinity && at('nodeAffinity').child('required');
  const { persistentVolumeReclaimPolicy: policy } = own;
  const policyAt = at('persistentVolumeReclaimPolicy');
  const isRoot = own.hostPath && cleanPath(own.hostPath.path) === '/';
  return all(
    isInline && [
      own.claimRef && notInline(at('claimRef')),
      names.length > 0 && notInline(at('capacity')),
      !own.csi && required(at('csi'), 'has to be specified in the context of inline volumes'),
    ],
    must(own.accessModes, at('accessModes')),
    validateAccessModes(own.accessModes, at('accessModes')),
    !isInline && [
      !names.length && required(at('capacity')),
      (!names.includes('storage') || names.length > 1) &&
        notSupported(at('capacity'), internalForm('core.ResourceList', asGiven(own, 'capacity')), [
          'storage',
        ]),
      eachEntry(capacity, at('capacity'), (_name, amount, place) => [
        validateBasicAmount(amount, place),
        validatePositiveAmount(amount, place),
      ]),
    ],
    policy &&
      (isInline
        ? policy !== 'Retain' &&
          fieldForbidden(policyAt, 'may only be Retain in the context of inline volumes')
        : mayBeOneOf(policy, reclaimPolicies, policyAt)),
    affinity &&
      (isInline
        ? notInline(at('nodeAffinity'))
        : nodeAffinity.required
          ? validateNodeSelector(nodeAffinity.required, affinity, allowBadValues)
          : required(affinity, 'must specify required node constraints')),
    validateSource(own, name, spec),
    isRoot &&
      policy === 'Recycle' &&
      fieldForbidden(policyAt, "may not be 'recycle' for a hostPath mount of '/'"),
    isInline
      ? [
          own.storageClassName && notInline(at('storageClassName')),
          own.volumeMode !== undefined &&
            own.volumeMode !== 'Filesystem' &&
            fieldForbidden(
              at('volumeMode'),
              'may not specify volumeMode other than Filesystem in the context of inline volumes',
            ),
        ]
      : [
          mayBe(isDns1123Subdomain, own.storageClassName, at('storageClassName')),
          mayBeOneOf(own.volumeMode, volumeModes, at('volumeMode')),
        ],
    !isInline &&
      className !== undefined && [
        className
          ? allInvalid(at('volumeAttributesClassName'), className, isDns1123Subdomain(className))
          : required(at('volumeAttributesClassName'), 'an empty string is disallowed'),
        !own.csi && required(at('csi'), 'has to be specified when using volumeAttributesClassName'),
      ],
  );
}

const notInline = (at: FieldPath): FieldError =>
  fieldForbidden(at, 'may not be specified in the context of inline volumes');

/** Models path.Clean as far as the root goes. */
function cleanPath(text: string): string {
  const parts: string[] = [];
  for (const part of text.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return (text.startsWith('/') ? '/' : '') + parts.join('/');
}

function validateSource(own: PersistentVolumeSpec, name: string, spec: FieldPath): FieldError[] {
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
    rule('flexVolume', sources.validateFlex, { second: '' }),
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
