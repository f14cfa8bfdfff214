import {
  FieldPath,
  fieldForbidden,
  invalid,
  required,
  tooLong,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  ConfigMap,
  Node,
  PersistentVolumeClaim,
  Secret,
  ServiceAccount,
} from '../../../../api/types/coreV1.ts';
import { decodeUtf8 } from '../../../../base/bytes.ts';
import { decodeBase64 as decode, encodeBase64 } from '../../../../base/base64.ts';
import { encodeUtf8 } from '../../../../base/bytes.ts';
import { isConfigMapKey, utf8Length } from '../shared/names.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';

// Kinds of the core group whose rules fit into a few lines each.

const maxSize = 1024 * 1024;
/** Decoding has checked that it is base64. */
const decodeBase64 = (text: string): Uint8Array => decode(text) ?? new Uint8Array();
const root = FieldPath.root;

/** Models ValidateConfigMap. */
export const configMapStrategy: Strategy<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  allowUnconditionalUpdate: true,
  validate: validateConfigMap,
  validateUpdate(map, old) {
    const errors: FieldError[] = [];
    if (old.immutable) {
      if (!map.immutable)
        errors.push(
          fieldForbidden(root.child('immutable'), 'field is immutable when `immutable` is set'),
        );
      for (const key of ['data', 'binaryData'] as const)
        if (!equal(map[key], old[key]))
          errors.push(
            fieldForbidden(root.child(key), 'field is immutable when `immutable` is set'),
          );
    }
    return [...errors, ...validateConfigMap(map)];
  },
};

function validateConfigMap(map: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(map.data ?? {})) {
    for (const message of isConfigMapKey(key))
      errors.push(invalid(root.child('data').key(key), key, message));
    if (map.binaryData && key in map.binaryData)
      errors.push(
        invalid(root.child('data').key(key), key, 'duplicate of key present in binaryData'),
      );
    size += utf8Length(value);
  }
  for (const [key, value] of Object.entries(map.binaryData ?? {})) {
    for (const message of isConfigMapKey(key))
      errors.push(invalid(root.child('binaryData').key(key), key, message));
    size += decodeBase64(value).length;
  }
  if (size > maxSize) errors.push({ ...tooLong(root, maxSize), field: '[]' });
  return errors;
}

const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

/** Models ValidateSecret. */
export const secretStrategy: Strategy<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  allowUnconditionalUpdate: true,
  default_(secret) {
    secret.type ||= 'Opaque';
    if (!secret.stringData) return;
    secret.data = { ...secret.data };
    for (const [key, value] of Object.entries(secret.stringData))
      secret.data[key] = encodeBase64(encodeUtf8(value));
    delete secret.stringData;
  },
  validate: validateSecret,
  validateUpdate(secret, old) {
    const errors = validateImmutable(secret.type, old.type, root.child('type'));
    if (old.immutable) {
      if (!secret.immutable)
        errors.push(
          fieldForbidden(root.child('immutable'), 'field is immutable when `immutable` is set'),
        );
      if (!equal(secret.data, old.data))
        errors.push(
          fieldForbidden(root.child('data'), 'field is immutable when `immutable` is set'),
        );
    }
    return [...errors, ...validateSecret(secret)];
  },
  selectableFields: ({ type }) => ({ type: type ?? '' }),
};

function validateSecret(secret: Secret): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(secret.data ?? {})) {
    for (const message of isConfigMapKey(key))
      errors.push(invalid(root.child('data').key(key), key, message));
    size += decodeBase64(value).length;
  }
  if (size > maxSize) errors.push(tooLong(root.child('data'), maxSize));
  const { type = '' } = secret;
  if (
    type === 'kubernetes.io/service-account-token' &&
    !secret.metadata.annotations?.['kubernetes.io/service-account.name']
  )
    errors.push(
      required(FieldPath.of('metadata', 'annotations').key('kubernetes.io/service-account.name')),
    );
  if (type === 'kubernetes.io/dockerconfigjson')
    errors.push(...jsonKey(secret, '.dockerconfigjson'));
  if (type === 'kubernetes.io/dockercfg') errors.push(...jsonKey(secret, '.dockercfg'));
  if (
    type === 'kubernetes.io/basic-auth' &&
    secret.data?.['username'] === undefined &&
    secret.data?.['password'] === undefined
  ) {
    errors.push(
      required(root.child('data').key('username')),
      required(root.child('data').key('password')),
    );
  }
  for (const key of requiredKeys[type] ?? [])
    if (secret.data?.[key] === undefined) errors.push(required(root.child('data').key(key)));
  return errors;
}

function jsonKey(secret: Secret, key: string): FieldError[] {
  const value = secret.data?.[key];
  if (value === undefined) return [required(root.child('data').key(key))];
  try {
    JSON.parse(decodeUtf8(decodeBase64(value)));
    return [];
  } catch {
    return [
      invalid(
        root.child('data').key(key),
        '<secret contents redacted>',
        'unexpected end of JSON input',
      ),
    ];
  }
}

export const serviceAccountStrategy: Strategy<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  allowUnconditionalUpdate: true,
};

export const nodeStrategy: Strategy<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  allowUnconditionalUpdate: true,
  default_(node) {
    const { status } = node;
    if (status?.capacity && !status.allocatable) status.allocatable = { ...status.capacity };
  },
  prepareForUpdate(node, old) {
    if (old.status) node.status = old.status;
  },
  subresources: {
    status: {
      prepareForUpdate(node, old) {
        if (old.spec) node.spec = old.spec;
      },
    },
  },
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
};

export const persistentVolumeClaimStrategy: Strategy<PersistentVolumeClaim> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  allowUnconditionalUpdate: true,
  default_(claim) {
    claim.spec ??= {};
    claim.spec.volumeMode ??= 'Filesystem';
  },
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
  },
  subresources: {
    status: {
      prepareForUpdate(claim, old) {
        if (old.spec) claim.spec = old.spec;
      },
    },
  },
};
