import {
  duplicate,
  fieldForbidden,
  FieldPath,
  invalid,
  required,
  tooLong,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type { TopologySelectorTerm } from '../../../../api/types/coreV1.ts';
import type { StorageClass, VolumeAttributesClass } from '../../../../api/types/storageV1.ts';
import { all, allInvalid, each, mayBeOneOf, must, oneOf, seenBefore } from '../shared/checks.ts';
import { validateLabelName } from '../shared/labels.ts';
import { isQualifiedName, utf8Length } from '../shared/names.ts';
import { deprecatedNodeLabel } from '../shared/nodeLabels.ts';
import { validateImmutableMember } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';

const root = FieldPath.root;

/** Models kubernetes/pkg/registry/storage/storageclass and pkg/apis/storage/validation. */
export const storageClassStrategy: Strategy<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  metaOnUpdate: ['create', 'update'],
  default_(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate: validateStorageClass,
  warningsOnCreate: warnings,
  validateUpdate: (storageClass, old) =>
    all(
      validateStorageClass(storageClass),
      (['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const).map((key) =>
        validateImmutableMember(key, storageClass, old, root),
      ),
    ),
  warningsOnUpdate: warnings,
};

function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const { provisioner, parameters, reclaimPolicy } = storageClass;
  return all(
    validateProvisioner(provisioner, root.child('provisioner')),
    validateParameters(parameters, true, root.child('parameters')),
    reclaimPolicy && mayBeOneOf(reclaimPolicy, ['Delete', 'Retain'], root.child('reclaimPolicy')),
    oneOf(
      storageClass.volumeBindingMode,
      ['Immediate', 'WaitForFirstConsumer'],
      root.child('volumeBindingMode'),
    ),
    validateTopologies(storageClass.allowedTopologies ?? [], root.child('allowedTopologies')),
  );
}

const validateProvisioner = (name: string, at: FieldPath) =>
  name ? allInvalid(at, name.toLowerCase(), isQualifiedName(name.toLowerCase())) : required(at);

const maxParameters = 512;
const maxParametersSize = 256 * 1024;

function validateParameters(
  parameters: Readonly<Record<string, string>> | undefined,
  mayBeEmpty: boolean,
  at: FieldPath,
): FieldError[] {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > maxParameters) return [tooLong(at, maxParameters)];
  const size = entries.reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
  return all(
    entries.some(([key]) => key === '') && invalid(at, '', 'field can not be empty.'),
    size > maxParametersSize && tooLong(at, maxParametersSize),
    !mayBeEmpty && !entries.length && required(at, 'must contain at least one key/value pair'),
  );
}

function validateTopologies(terms: readonly TopologySelectorTerm[], path: FieldPath) {
  // Upstream compares with as many empty terms as there are terms, and with those before.
  const earlier: Readonly<Record<string, readonly string[]>>[] = terms.map(() => ({}));
  return each(terms, path, (term, at) => {
    const expressions = at.child('matchLabelExpressions');
    const values: Record<string, string[]> = {};
    const seenKey = seenBefore();
    const errors = each(term.matchLabelExpressions, expressions, (expression, expressionAt) => {
      const seenValue = seenBefore();
      const { key } = expression;
      values[key] = [...new Set(expression.values)].sort();
      return all(
        must(expression.values, expressionAt.child('values')),
        each(
          expression.values,
          expressionAt.child('values'),
          (value, valueAt) => seenValue(value) && duplicate(valueAt, value),
        ),
        validateLabelName(key, expressionAt.child('key')),
        seenKey(key) && duplicate(expressionAt.child('key'), key),
      );
    });
    const same = earlier.filter((other) => equal(other, values));
    earlier.push(values);
    return all(
      errors,
      same.map(() => duplicate(expressions, '')),
    );
  });
}

function warnings({ allowedTopologies }: StorageClass): string[] {
  return (allowedTopologies ?? []).flatMap((term, index) =>
    (term.matchLabelExpressions ?? []).flatMap(({ key }, at) => {
      const message = deprecatedNodeLabel(key);
      const path = root.child('allowedTopologies').index(index).child('matchLabelExpressions');
      return message ? [`${path.index(at).child('key')}: ${message}`] : [];
    }),
  );
}

/** Models kubernetes/pkg/registry/storage/volumeattributesclass. */
export const volumeAttributesClassStrategy: Strategy<VolumeAttributesClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  metaOnUpdate: ['update', 'create'],
  validate: validateVolumeAttributesClass,
  validateUpdate: (attributes, old) =>
    all(
      (['driverName', 'parameters'] as const).map(
        (key) =>
          !equal(attributes[key], old[key]) &&
          fieldForbidden(root.child(key), `updates to ${key} are forbidden.`),
      ),
      validateVolumeAttributesClass(attributes),
    ),
};

function validateVolumeAttributesClass({ driverName, parameters }: VolumeAttributesClass) {
  return all(
    validateProvisioner(driverName, root.child('driverName')),
    validateParameters(parameters, false, root.child('parameters')),
  );
}
