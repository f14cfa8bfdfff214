import {
  invalid,
  notSupported,
  required,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type {
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  HostPathVolumeSource,
  QuobyteVolumeSource,
  ScaleIOVolumeSource,
  StorageOSVolumeSource,
} from '../../../../api/types/coreV1.ts';
import {
  all,
  allInvalid,
  mayBe,
  mayBeOneOf,
  must,
  mustBe,
  within,
  type Found,
  type Loose,
} from '../shared/checks.ts';
import { inclusiveRange, isDns1123Label, isDns1123Subdomain, utf8Length } from '../shared/names.ts';
import { noBacksteps } from './paths.ts';

// Sources of volumes that pods and persistent volumes share. Models core/validation validate*VolumeSource.

export function validateHostPath(source: Loose<HostPathVolumeSource>, path: FieldPath): Found {
  if (!source.path) return required(path.child('path'));
  return all(
    noBacksteps(source.path, path.child('path')),
    mayBeOneOf(
      source.type,
      [
        '',
        'BlockDevice',
        'CharDevice',
        'Directory',
        'DirectoryOrCreate',
        'File',
        'FileOrCreate',
        'Socket',
      ],
      path.child('type'),
    ),
  );
}

const partition = (value: number | null | undefined, path: FieldPath): Found =>
  ((value ?? 0) < 0 || (value ?? 0) > 255) && invalid(path, value, inclusiveRange(1, 255));

export const validateGceDisk = (
  { pdName, partition: part }: { pdName?: Maybe<string>; partition?: Maybe<number> },
  path: FieldPath,
): Found => [must(pdName, path.child('pdName')), partition(part, path.child('partition'))];

export const validateAwsDisk = (
  { volumeID, partition: part }: { volumeID?: Maybe<string>; partition?: Maybe<number> },
  path: FieldPath,
): Found => [must(volumeID, path.child('volumeID')), partition(part, path.child('partition'))];

type Maybe<T> = T | null | undefined;

/** The members of a source that must be there, in the order of the checks. */
export const needs =
  (...members: readonly string[]) =>
  (source: object, path: FieldPath): FieldError[] =>
    all(members.map((name) => must((source as Record<string, unknown>)[name], path.child(name))));

export const validateNfs = (
  { server, path: where = '' }: { server?: Maybe<string>; path?: Maybe<string> },
  path: FieldPath,
): Found => [
  must(server, path.child('server')),
  must(where, path.child('path')),
  !where?.startsWith('/') && invalid(path.child('path'), where, 'must be an absolute path'),
];

const iqnProblem = (name: string): boolean =>
  (name.startsWith('iqn') && !/iqn\.\d{4}-\d{2}\.([a-zA-Z0-9-.]+)(:[^,;*&$|\s]+)$/.test(name)) ||
  (name.startsWith('eui') && !/^eui.[a-zA-Z0-9]{16}$/.test(name)) ||
  (name.startsWith('naa') && !/^naa.[a-zA-Z0-9]{32}$/.test(name));
const hasIqnPrefix = (name: string): boolean => /^(?:iqn|eui|naa)/.test(name);

export interface IscsiSource {
  readonly targetPortal?: Maybe<string>;
  readonly iqn?: Maybe<string>;
  readonly lun?: Maybe<number>;
  readonly chapAuthDiscovery?: Maybe<boolean>;
  readonly chapAuthSession?: Maybe<boolean>;
  readonly initiatorName?: Maybe<string>;
  readonly secretRef?: Maybe<{ readonly name?: Maybe<string> }>;
}

const tooLongTogether =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
export const isIscsiTooLong = (source: IscsiSource, name: string): boolean =>
  typeof source.initiatorName === 'string' &&
  utf8Length(`${name}:${source.targetPortal ?? ''}`) > 64;
export const iscsiTooLong = (path: FieldPath, value: string): FieldError =>
  invalid(path, value, tooLongTogether);

/** `ofVolume`: the name of the persistent volume, whose rules differ a little. */
export function validateIscsi(
  source: IscsiSource,
  path: FieldPath,
  ofVolume?: string,
): FieldError[] {
  const prefixDetail =
    ofVolume === undefined
      ? 'must be valid format starting with iqn, eui, or naa'
      : 'must be valid format';
  const { iqn, initiatorName, secretRef } = source;
  return all(
    must(source.targetPortal, path.child('targetPortal')),
    ofVolume !== undefined &&
      isIscsiTooLong(source, ofVolume) &&
      iscsiTooLong(path.child('targetportal'), source.targetPortal ?? ''),
    !iqn
      ? required(path.child('iqn'))
      : !hasIqnPrefix(iqn)
        ? invalid(path.child('iqn'), iqn, prefixDetail)
        : iqnProblem(iqn) && invalid(path.child('iqn'), iqn, 'must be valid format'),
    within(source.lun, 0, 255, path.child('lun')),
    (source.chapAuthDiscovery || source.chapAuthSession) &&
      must(secretRef, path.child('secretRef')),
    ofVolume !== undefined && secretRef && must(secretRef.name, path.child('secretRef', 'name')),
    typeof initiatorName === 'string' && [
      !hasIqnPrefix(initiatorName) &&
        invalid(path.child('initiatorname'), initiatorName, prefixDetail),
      iqnProblem(initiatorName) &&
        invalid(path.child('initiatorname'), initiatorName, 'must be valid format'),
    ],
  );
}

export function validateFc(
  { targetWWNs, wwids, lun }: Loose<FCVolumeSource>,
  path: FieldPath,
): Found {
  const at = path.child('targetWWNs');
  return [
    !targetWWNs?.length &&
      !wwids?.length &&
      required(at, 'must specify either targetWWNs or wwids, but not both'),
    targetWWNs?.length &&
      wwids?.length &&
      invalid(at, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'),
    targetWWNs?.length &&
      (lun === undefined || lun === null
        ? required(path.child('lun'), 'lun is required if targetWWNs is specified')
        : within(lun, 0, 255, path.child('lun'))),
  ];
}

const hostPorts = 'must be a host:port pair or multiple pairs separated by commas';

export function validateQuobyte(source: Loose<QuobyteVolumeSource>, path: FieldPath): Found {
  const { registry = '', tenant } = source;
  const pairs = (registry ?? '').split(',').filter((pair) => !isHostPort(pair));
  return [
    !registry
      ? required(path.child('registry'), hostPorts)
      : utf8Length(tenant ?? '') >= 65
        ? required(
            path.child('tenant'),
            'must be a UUID and may not exceed a length of 64 characters',
          )
        : pairs.map(() => invalid(path.child('registry'), registry, hostPorts)),
    must(source.volume, path.child('volume')),
  ];
}

/** What net.SplitHostPort takes. */
const isHostPort = (text: string): boolean => /^(?:[^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(text);

export function validateFlocker(source: Loose<FlockerVolumeSource>, path: FieldPath): Found {
  const { datasetName = '', datasetUUID = '' } = source;
  return [
    !datasetName &&
      !datasetUUID &&
      required(path, 'one of datasetName and datasetUUID is required'),
    datasetName &&
      datasetUUID &&
      invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'),
    datasetName?.includes('/') &&
      invalid(path.child('datasetName'), datasetName, "must not contain '/'"),
  ];
}

export function validateFlex(
  source: { driver?: Maybe<string>; options?: Maybe<Readonly<Record<string, unknown>>> },
  path: FieldPath,
): Found {
  const reserved = Object.keys(source.options ?? {}).filter((key) =>
    /\.(?:kubernetes|k8s)\.io$/.test(`.${(key.split('/', 1)[0] ?? '').toLowerCase()}`),
  );
  return [
    must(source.driver, path.child('driver')),
    reserved.map((key) =>
      invalid(
        path.child('options').key(key),
        key,
        'kubernetes.io and k8s.io namespaces are reserved',
      ),
    ),
  ];
}

const managedDisk =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const blobDisk = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

export function validateAzureDisk(disk: Loose<AzureDiskVolumeSource>, path: FieldPath): Found {
  const { kind, diskURI } = disk;
  const uri = diskURI ?? '';
  return [
    must(disk.diskName, path.child('diskName')),
    must(uri, path.child('diskURI')),
    mayBeOneOf(disk.cachingMode, ['None', 'ReadOnly', 'ReadWrite'], path.child('cachingMode')),
    mayBeOneOf(kind, ['Dedicated', 'Managed', 'Shared'], path.child('kind')),
    kind === 'Managed' &&
      !uri.startsWith('/subscriptions/') &&
      notSupported(path.child('diskURI'), uri, [managedDisk]),
    typeof kind === 'string' &&
      kind !== 'Managed' &&
      !uri.startsWith('https://') &&
      notSupported(path.child('diskURI'), uri, [blobDisk]),
  ];
}

export const validateScaleIo: (source: Loose<ScaleIOVolumeSource>, path: FieldPath) => Found =
  needs('gateway', 'system', 'volumeName');

/** A reference of a persistent volume names a namespace, too. */
export function validateStorageOs(
  source: Loose<StorageOSVolumeSource>,
  path: FieldPath,
  ofVolume = false,
): Found {
  const { secretRef } = source;
  return [
    mustBe(isDns1123Label, source.volumeName, path.child('volumeName')),
    mayBe(isDns1123Label, source.volumeNamespace, path.child('volumeNamespace')),
    secretRef &&
      needs('name', ...(ofVolume ? ['namespace'] : []))(secretRef, path.child('secretRef')),
  ];
}

export function validateCinder(
  source: { volumeID?: Maybe<string>; secretRef?: Maybe<object> },
  path: FieldPath,
  ofVolume = false,
): Found {
  const { secretRef } = source;
  return [
    must(source.volumeID, path.child('volumeID')),
    secretRef &&
      needs('name', ...(ofVolume ? ['namespace'] : []))(secretRef, path.child('secretRef')),
  ];
}

/** Models ValidateCSIDriverName. */
export const validateCsiDriverName = (
  name: string | null | undefined,
  path: FieldPath,
): FieldError[] =>
  !name
    ? [required(path)]
    : all(
        utf8Length(name) > 63 && tooLong(path, 63),
        allInvalid(path, name, isDns1123Subdomain(name.toLowerCase())),
      );
