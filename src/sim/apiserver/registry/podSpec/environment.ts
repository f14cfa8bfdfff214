import { invalid, type FieldError, type FieldPath } from '../../../../api/field.ts';
import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  FileKeySelector,
} from '../../../../api/types/coreV1.ts';
import { allInvalid, each, mayBe, must, mustBe, type Found, type Loose } from '../shared/checks.ts';
import {
  isConfigMapKey,
  isDns1123Label,
  isDns1123Subdomain,
  isEnvVarName,
  nameRules,
} from '../shared/names.ts';
import { environmentFields, validateFieldRef, validateResourceFieldRef } from './fieldRefs.ts';
import { noBacksteps } from './paths.ts';

// Environment variables. Models core/validation ValidateEnv and ValidateEnvFrom.

export const validateEnv = (
  variables: readonly Loose<EnvVar>[] | null | undefined,
  path: FieldPath,
): FieldError[] =>
  each(variables, path, (variable, at) => [
    mustBe(isEnvVarName, variable.name, at.child('name')),
    validateValueFrom(variable, at.child('valueFrom')),
  ]);

function validateValueFrom({ value, valueFrom }: Loose<EnvVar>, path: FieldPath): Found {
  if (!valueFrom) return undefined;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef];
  const count = sources.filter(Boolean).length;
  return [
    fieldRef && validateFieldRef(fieldRef, environmentFields, path.child('fieldRef')),
    resourceFieldRef &&
      validateResourceFieldRef(resourceFieldRef, false, path.child('resourceFieldRef')),
    configMapKeyRef && validateKeyRef(configMapKeyRef, path.child('configMapKeyRef')),
    secretKeyRef && validateKeyRef(secretKeyRef, path.child('secretKeyRef')),
    fileKeyRef && validateFileKeyRef(fileKeyRef, path.child('fileKeyRef')),
    !count
      ? invalid(
          path,
          '',
          'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
        )
      : value
        ? invalid(path, '', 'may not be specified when `value` is not empty')
        : count > 1 && invalid(path, '', 'may not have more than one field specified at a time'),
  ];
}

const validateKeyRef = ({ name, key }: Loose<ConfigMapKeySelector>, path: FieldPath): Found => [
  allInvalid(path.child('name'), name ?? '', isDns1123Subdomain(name ?? '')),
  mustBe(isConfigMapKey, key, path.child('key')),
];

const validateFileKeyRef = (source: Loose<FileKeySelector>, path: FieldPath): Found => [
  mustBe(isEnvVarName, source.key, path.child('key')),
  mustBe(isDns1123Label, source.volumeName, path.child('volumeName')),
  must(source.path, path.child('path')),
  source.path && noBacksteps(source.path, path.child('path')),
];

export const validateEnvFrom = (
  sources: readonly Loose<EnvFromSource>[] | null | undefined,
  path: FieldPath,
): FieldError[] =>
  each(sources, path, ({ prefix, configMapRef, secretRef }, at) => [
    mayBe(isEnvVarName, prefix, at.child('prefix')),
    configMapRef && mustBe(asPrefix, configMapRef.name, at.child('configMapRef', 'name')),
    secretRef && mustBe(asPrefix, secretRef.name, at.child('secretRef', 'name')),
    !configMapRef && !secretRef
      ? invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`')
      : configMapRef &&
        secretRef &&
        invalid(path, '', 'may not have more than one field specified at a time'),
  ]);

/** Upstream lets these names end with a dash. */
const asPrefix = (name: string): string[] => nameRules.subdomain(name, true);
