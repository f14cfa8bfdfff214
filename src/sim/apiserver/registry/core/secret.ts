import { asGiven } from '../../../../api/emptied.ts';
import {
  FieldPath,
  fieldForbidden,
  invalid,
  required,
  tooLong,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type { Secret } from '../../../../api/types/coreV1.ts';
import { encodeBase64 } from '../../../../base/base64.ts';
import { decodeUtf8, encodeUtf8 } from '../../../../base/bytes.ts';
import { JsonSyntaxError, parseJson } from '../../decode/json.ts';
import { all, allInvalid, eachEntry, type Found } from '../shared/checks.ts';
import { isConfigMapKey } from '../shared/names.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';
import { keyPairProblem } from './keyPair.ts';
import { bytesOf, maxSize } from './secretData.ts';

const root = FieldPath.root;
const data = root.child('data');
const accountName = 'kubernetes.io/service-account.name';

/** Models kubernetes/pkg/registry/core/secret and core/validation ValidateSecret. */
export const secretStrategy: Strategy<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  allowUnconditionalUpdate: true,
  metaOnUpdate: ['update', 'create'],
  default_(secret) {
    secret.type ||= 'Opaque';
    if (!secret.stringData) return;
    secret.data = { ...secret.data };
    for (const [key, value] of Object.entries(secret.stringData))
      secret.data[key] = encodeBase64(encodeUtf8(value));
    delete secret.stringData;
  },
  validate: validateSecret,
  warningsOnCreate: secretWarnings,
  validateUpdate(secret, old) {
    const fixed = (key: 'immutable' | 'data'): FieldError =>
      fieldForbidden(root.child(key), 'field is immutable when `immutable` is set');
    return all(
      validateImmutable(secret.type, old.type, root.child('type')),
      old.immutable && [
        !secret.immutable && fixed('immutable'),
        !equal(asGiven(secret, 'data'), old.data) && fixed('data'),
      ],
      validateSecret(secret),
    );
  },
  warningsOnUpdate: secretWarnings,
  selectableFields: ({ type }) => ({ type: type ?? '' }),
};

function validateSecret(secret: Secret): FieldError[] {
  const size = Object.values(secret.data ?? {}).reduce((sum, one) => sum + bytesOf(one).length, 0);
  return all(
    eachEntry(secret.data, data, (key, _value, at) => allInvalid(at, key, isConfigMapKey(key))),
    size > maxSize && tooLong(data, maxSize),
    validateType(secret),
  );
}

/** Some types say which keys there are. */
function validateType(secret: Secret): Found {
  const has = (key: string): boolean => secret.data?.[key] !== undefined;
  const needs = (key: string): Found => !has(key) && required(data.key(key));
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      return (
        !secret.metadata.annotations?.[accountName] &&
        required(FieldPath.of('metadata', 'annotations').key(accountName))
      );
    case 'kubernetes.io/dockercfg':
      return validateJson(secret, '.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return validateJson(secret, '.dockerconfigjson');
    case 'kubernetes.io/basic-auth':
      return !has('username') && !has('password') && [needs('username'), needs('password')];
    case 'kubernetes.io/ssh-auth':
      return !secret.data?.['ssh-privatekey'] && required(data.key('ssh-privatekey'));
    case 'kubernetes.io/tls':
      return [needs('tls.crt'), needs('tls.key')];
    default:
      return undefined;
  }
}

function validateJson(secret: Secret, key: string): Found {
  const value = secret.data?.[key];
  if (value === undefined) return required(data.key(key));
  const problem = jsonProblem(decodeUtf8(bytesOf(value)));
  return problem !== undefined && invalid(data.key(key), '<secret contents redacted>', problem);
}

/** Why a text is no JSON object, in Go's words. */
function jsonProblem(text: string): string | undefined {
  try {
    const value = parseJson(text);
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
    const what = Array.isArray(value)
      ? 'array'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
    return `json: cannot unmarshal ${what} into Go value of type map[string]interface {}`;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
}

function secretWarnings({ type, data: own }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return [];
  const textOf = (key: string): string => decodeUtf8(bytesOf(own?.[key] ?? ''));
  const problem = keyPairProblem(textOf('tls.crt'), textOf('tls.key'));
  return problem === undefined ? [] : [problem];
}
