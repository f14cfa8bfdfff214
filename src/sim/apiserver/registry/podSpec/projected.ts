import {
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type {
  ClusterTrustBundleProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../../../api/types/coreV1.ts';
import { all, allInvalid, each, must, type Found, type Loose } from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { isDns1123Subdomain } from '../shared/names.ts';
import { validateAnnotationsSize } from '../shared/objectMeta.ts';
import { isDomainPrefixedKey, isKubernetesSigner, validateSignerName } from '../shared/signers.ts';
import { validateFieldRef, validateResourceFieldRef, volumeFields } from './fieldRefs.ts';
import type { PodOptions } from './options.ts';
import { fileMode, localNonReservedPath } from './paths.ts';

// Files that the kubelet writes into volumes. Models core/validation validateProjectionSources and its kin.

export const validateKeyToPath = (item: Loose<KeyToPath>, path: FieldPath): Found => [
  must(item.key, path.child('key')),
  must(item.path, path.child('path')),
  localNonReservedPath(item.path ?? '', path.child('path')),
  fileMode(item.mode, path.child('mode')),
];

/** The path is that of the volume: upstream names no index here. */
export const validateDownwardFile = (
  file: Loose<DownwardAPIVolumeFile>,
  path: FieldPath,
): FieldError[] => {
  const { fieldRef, resourceFieldRef } = file;
  return all(
    must(file.path, path.child('path')),
    localNonReservedPath(file.path ?? '', path.child('path')),
    fieldRef
      ? [
          validateFieldRef(fieldRef, volumeFields, path.child('fieldRef')),
          resourceFieldRef &&
            invalid(
              path,
              'resource',
              'fieldRef and resourceFieldRef can not be specified simultaneously',
            ),
        ]
      : resourceFieldRef
        ? validateResourceFieldRef(resourceFieldRef, true, path.child('resourceFieldRef'))
        : required(path, 'one of fieldRef and resourceFieldRef is required'),
    fileMode(file.mode, path.child('mode')),
  );
};

export function validateProjected(
  projected: Loose<ProjectedVolumeSource>,
  path: FieldPath,
  options: PodOptions,
): FieldError[] {
  const taken = new Set<string>();
  /** Two sources cannot write the same file. */
  const conflict = (file: string | null | undefined, value: string | null | undefined): Found => {
    if (!file) return undefined;
    const isTaken = taken.has(file);
    taken.add(file);
    return isTaken && invalid(path, value ?? '', 'conflicting duplicate paths');
  };
  return all(
    fileMode(projected.defaultMode, path.child('defaultMode')),
    each(projected.sources, path.child('sources'), (source, at) =>
      validateSource(source, path, at, options, conflict),
    ),
  );
}

type Conflict = (file: string | null | undefined, value: string | null | undefined) => Found;

function validateSource(
  source: Loose<VolumeProjection>,
  path: FieldPath,
  at: FieldPath,
  options: PodOptions,
  conflict: Conflict,
): Found {
  const { secret, configMap, downwardAPI, serviceAccountToken: token } = source;
  const { clusterTrustBundle: bundle, podCertificate: certificate } = source;
  const keyed = ([name, it]: readonly [string, typeof secret]): Found =>
    it && [
      must(it.name, at.child(name, 'name')),
      each(it.items, at.child(name, 'items'), (item, place) => [
        validateKeyToPath(item, place),
        conflict(item.path, it.name),
      ]),
    ];
  const given = [secret, configMap, downwardAPI, token, bundle, certificate].filter(Boolean);
  return [
    keyed(['secret', secret]),
    keyed(['configMap', configMap]),
    downwardAPI?.items?.map((file) => [
      validateDownwardFile(file, at.child('downwardAPI')),
      conflict(file.path, file.path),
    ]),
    token && validateToken(token, path, at.child('serviceAccountToken'), options),
    bundle && validateTrustBundle(bundle, at.child('clusterTrustBundle')),
    bundle && conflict(bundle.path || '\0', bundle.path),
    certificate && validateCertificate(certificate, at.child('podCertificate'), conflict),
    given.length > 1 && fieldForbidden(at, 'may not specify more than 1 volume type per source'),
  ];
}

function validateToken(
  { expirationSeconds, path: file }: Loose<ServiceAccountTokenProjection>,
  volume: FieldPath,
  path: FieldPath,
  options: PodOptions,
): Found {
  const seconds = expirationSeconds ?? 0;
  const at = path.child('expirationSeconds');
  return [
    seconds < 600 && invalid(at, seconds, 'may not specify a duration less than 10 minutes'),
    seconds > 2 ** 32 &&
      invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'),
    !file
      ? required(volume.child('path'))
      : !options.nonLocalTokenPaths && localNonReservedPath(file, volume.child('path')),
  ];
}

function validateTrustBundle(bundle: Loose<ClusterTrustBundleProjection>, path: FieldPath): Found {
  const { name, signerName, labelSelector } = bundle;
  const hasName = typeof name === 'string';
  const hasSigner = typeof signerName === 'string';
  return [
    hasName && hasSigner
      ? invalid(path, bundle, 'only one of name and signerName may be used')
      : hasName
        ? [
            must(name, path.child('name'), 'must be a valid object name'),
            trustBundleProblems(name).map((problem) =>
              invalid(path.child('name'), name, `not a valid clustertrustbundlename: ${problem}`),
            ),
            labelSelector &&
              invalid(
                path.child('labelSelector'),
                labelSelector,
                'labelSelector must be unset if name is specified',
              ),
          ]
        : hasSigner
          ? [
              must(signerName, path.child('signerName'), 'must be a valid signer name'),
              validateSignerName(signerName, path.child('signerName')),
              validateLabelSelector(labelSelector, path.child('labelSelector')),
            ]
          : required(path, 'either name or signerName must be specified'),
    must(bundle.path, path.child('path')),
    localNonReservedPath(bundle.path ?? '', path.child('path')),
  ];
}

/** `signer:name`, where the signer's slashes are colons. */
function trustBundleProblems(name: string): string[] {
  const colon = name.lastIndexOf(':');
  return isDns1123Subdomain(colon < 0 ? name : name.slice(colon + 1));
}

const keyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];
const day = 86400;

function validateCertificate(
  source: Loose<PodCertificateProjection>,
  path: FieldPath,
  conflict: Conflict,
): Found {
  const { signerName = '', keyType = '', maxExpirationSeconds: seconds } = source;
  const longest = isKubernetesSigner(signerName ?? '') ? day : 91 * day;
  const files = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const;
  const at = path.child('maxExpirationSeconds');
  return [
    validateSignerName(signerName ?? '', path.child('signerName')),
    validateUserAnnotations(source.userAnnotations, path.child('userAnnotations')),
    !keyTypes.includes(keyType ?? '') && notSupported(path.child('keyType'), keyType, keyTypes),
    (seconds ?? 3600) < 3600 &&
      invalid(at, seconds, 'if provided, maxExpirationSeconds must be >= 3600'),
    (seconds ?? 0) > longest &&
      invalid(at, seconds, `if provided, maxExpirationSeconds must be <= ${longest}`),
    files.map((name) => {
      const file = source[name];
      return file && [localNonReservedPath(file, path.child(name)), conflict(file, file)];
    }),
    !files.some((name) => source[name]) &&
      required(
        path,
        'specify at least one of credentialBundlePath, keyPath, and certificateChainPath',
      ),
  ];
}

const validateUserAnnotations = (
  annotations: Readonly<Record<string, unknown>> | null | undefined,
  path: FieldPath,
): Found =>
  annotations && [
    Object.keys(annotations).map((key) => {
      const name = key.toLowerCase();
      return allInvalid(path, name, isDomainPrefixedKey(name));
    }),
    validateAnnotationsSize(annotations as Readonly<Record<string, string>>, path),
  ];
