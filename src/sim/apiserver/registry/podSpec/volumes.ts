import {
  duplicate,
  fieldForbidden,
  goQuote,
  invalid,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type { ObjectMeta } from '../../../../api/meta.ts';
import { parseQuantity } from '../../../../api/quantity.ts';
import type {
  CSIVolumeSource,
  EphemeralVolumeSource,
  GitRepoVolumeSource,
  PodSpec,
  SecretVolumeSource,
  Volume,
} from '../../../../api/types/coreV1.ts';
import {
  all,
  allInvalid,
  each,
  exactlyOne,
  must,
  mustBe,
  type Found,
  type Loose,
} from '../shared/checks.ts';
import { validateClaimSpec } from '../shared/claimSpec.ts';
import { isDns1123Label, isDns1123Subdomain } from '../shared/names.ts';
import { validateTemplateMeta } from '../shared/objectMeta.ts';
import { validatePullPolicy } from './containers.ts';
import type { PodOptions } from './options.ts';
import { fileMode, localPath } from './paths.ts';
import { validateDownwardFile, validateKeyToPath, validateProjected } from './projected.ts';
import * as sources from './volumeSources.ts';

// Volumes of pods. Models core/validation ValidateVolumes and validateVolumeSource.

/** The good ones by name, which mounts may name, and what is wrong with the others. */
export function validateVolumes(
  { volumes }: PodSpec,
  meta: ObjectMeta | undefined,
  path: FieldPath,
  options: PodOptions,
): { readonly good: ReadonlyMap<string, Volume>; readonly errors: FieldError[] } {
  const good = new Map<string, Volume>();
  const made = new Set(
    volumes
      ?.filter(({ ephemeral }) => ephemeral && meta?.name)
      .map(({ name }) => `${meta?.name ?? ''}-${name}`),
  );
  const errors = each(volumes, path, (volume, at) => {
    const claim = volume.persistentVolumeClaim?.claimName;
    const found = all(
      validateSource(volume, meta, at, options),
      mustBe(isDns1123Label, volume.name, at.child('name')),
      good.has(volume.name) && duplicate(at.child('name'), volume.name),
    );
    if (!found.length) good.set(volume.name, volume);
    return [
      found,
      claim !== undefined &&
        made.has(claim) &&
        invalid(
          at.child('persistentVolumeClaim', 'claimName'),
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
    ];
  });
  return { good, errors };
}

function validateSource(
  volume: Volume,
  meta: ObjectMeta | undefined,
  path: FieldPath,
  options: PodOptions,
): FieldError[] {
  const { emptyDir, iscsi, ephemeral } = volume;
  const at = (name: string): FieldPath => path.child(name);
  const rule = <K extends keyof Volume>(
    name: K,
    check: (source: NonNullable<Volume[K]>, path: FieldPath) => Found,
    places: { readonly own?: string; readonly second?: string } = {},
  ) =>
    [
      name,
      (): Found => check(volume[name] as NonNullable<Volume[K]>, at(places.own ?? name)),
      places.second ?? name,
    ] as const;
  // An iSCSI volume's name is checked even when it is one source too many.
  const name =
    iscsi &&
    sources.isIscsiTooLong(iscsi, volume.name) &&
    sources.iscsiTooLong(at('name'), volume.name);
  const found = exactlyOne(volume, 'volume type', path, [
    rule('emptyDir', () => {
      const limit = emptyDir?.sizeLimit;
      const isNegative = limit !== undefined && parseQuantity(limit).nanos < 0n;
      return (
        isNegative &&
        fieldForbidden(
          path.child('emptyDir', 'sizeLimit'),
          'SizeLimit field must be a valid resource quantity',
        )
      );
    }),
    rule('hostPath', sources.validateHostPath),
    rule('gitRepo', validateGitRepo),
    rule('gcePersistentDisk', sources.validateGceDisk, { own: 'persistentDisk' }),
    rule('awsElasticBlockStore', sources.validateAwsDisk),
    rule('secret', (source, place) => [
      must(source.secretName, place.child('secretName')),
      validateKeyed(source, place),
    ]),
    rule('nfs', sources.validateNfs),
    [...rule('iscsi', (source, place) => sources.validateIscsi(source, place)), name],
    rule('glusterfs', sources.needs('endpoints', 'path')),
    rule('flocker', sources.validateFlocker),
    rule('persistentVolumeClaim', sources.needs('claimName')),
    rule('rbd', sources.needs('monitors', 'image')),
    rule('cinder', (source, place) => sources.validateCinder(source, place)),
    rule('cephfs', sources.needs('monitors'), { second: 'cephFS' }),
    rule('quobyte', sources.validateQuobyte),
    rule(
      'downwardAPI',
      (source, place) => [
        fileMode(source.defaultMode, place.child('defaultMode')),
        source.items?.map((file) => validateDownwardFile(file, place)),
      ],
      { second: 'downwarAPI' },
    ),
    rule('fc', sources.validateFc),
    rule('flexVolume', sources.validateFlex),
    rule('configMap', (source, place) => [
      must(source.name, place.child('name')),
      validateKeyed(source, place),
    ]),
    rule('azureFile', sources.needs('secretName', 'shareName')),
    rule('vsphereVolume', sources.needs('volumePath')),
    rule('photonPersistentDisk', sources.needs('pdID')),
    rule('portworxVolume', sources.needs('volumeID')),
    rule('azureDisk', sources.validateAzureDisk),
    rule('storageos', (source, place) => sources.validateStorageOs(source, place)),
    rule('projected', (source, place) => validateProjected(source, place, options)),
    rule('scaleIO', sources.validateScaleIo),
    rule('csi', validateCsi),
    rule('ephemeral', (source, place) => [
      validateEphemeral(source, place),
      ephemeral && validateClaimName(volume.name, meta?.name, at('name')),
    ]),
    rule('image', ({ reference, pullPolicy }, place) => [
      options.isPod && must(reference, place.child('reference')),
      validatePullPolicy(pullPolicy, place.child('pullPolicy')),
    ]),
  ]);
  return found;
}

const validateGitRepo = (source: Loose<GitRepoVolumeSource>, path: FieldPath): Found => [
  must(source.repository, path.child('repository')),
  localPath(source.directory ?? '', path.child('directory')),
];

const validateKeyed = (
  { defaultMode, items }: Pick<SecretVolumeSource, 'defaultMode' | 'items'>,
  path: FieldPath,
): Found => [
  fileMode(defaultMode, path.child('defaultMode')),
  each(items, path.child('items'), validateKeyToPath),
];

function validateCsi(
  { driver, nodePublishSecretRef: ref }: CSIVolumeSource,
  path: FieldPath,
): Found {
  return [
    sources.validateCsiDriverName(driver, path.child('driver')),
    ref &&
      (ref.name
        ? allInvalid(path.child('name'), ref.name, isDns1123Subdomain(ref.name))
        : required(path.child('nodePublishSecretRef', 'name'))),
  ];
}

function validateEphemeral(
  { volumeClaimTemplate: template }: EphemeralVolumeSource,
  path: FieldPath,
): Found {
  const at = path.child('volumeClaimTemplate');
  if (!template) return required(at);
  return [
    validateTemplateMeta(template.metadata, at.child('metadata')),
    validateClaimSpec(template.spec, at.child('spec')),
  ];
}

/** The claim of an ephemeral volume has the pod's name in its own. */
function validateClaimName(volume: string, pod: string | undefined, path: FieldPath): Found {
  if (!pod || !volume) return undefined;
  const claim = `${pod}-${volume}`;
  return isDns1123Subdomain(claim).map((problem) =>
    invalid(path, volume, `PVC name ${goQuote(claim)}: ${problem}`),
  );
}
