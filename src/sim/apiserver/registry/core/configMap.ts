import { asGiven } from '../../../../api/emptied.ts';
import {
  FieldPath,
  fieldForbidden,
  invalid,
  tooLong,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type { ConfigMap } from '../../../../api/types/coreV1.ts';
import { all, allInvalid, eachEntry } from '../shared/checks.ts';
import { isConfigMapKey, utf8Length } from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';
import { bytesOf, maxSize } from './secretData.ts';

const root = FieldPath.root;

/** Models kubernetes/pkg/registry/core/configmap and core/validation ValidateConfigMap. */
export const configMapStrategy: Strategy<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  allowUnconditionalUpdate: true,
  metaOnUpdate: ['update', 'create'],
  validate: validateConfigMap,
  validateUpdate(map, old) {
    const fixed = (key: 'immutable' | 'data' | 'binaryData'): FieldError =>
      fieldForbidden(root.child(key), 'field is immutable when `immutable` is set');
    return all(
      old.immutable && [
        !map.immutable && fixed('immutable'),
        !equal(asGiven(map, 'data'), old.data) && fixed('data'),
        !equal(asGiven(map, 'binaryData'), old.binaryData) && fixed('binaryData'),
      ],
      validateConfigMap(map),
    );
  },
};

function validateConfigMap({ data, binaryData }: ConfigMap): FieldError[] {
  const texts = Object.values(data ?? {}).map(utf8Length);
  const blobs = Object.values(binaryData ?? {}).map((value) => bytesOf(value).length);
  const size = [...texts, ...blobs].reduce((sum, one) => sum + one, 0);
  return all(
    eachEntry(data, root.child('data'), (key, _value, at) => [
      allInvalid(at, key, isConfigMapKey(key)),
      binaryData?.[key] !== undefined && invalid(at, key, 'duplicate of key present in binaryData'),
    ]),
    eachEntry(binaryData, root.child('binaryData'), (key, _value, at) =>
      allInvalid(at, key, isConfigMapKey(key)),
    ),
    size > maxSize && tooLong(root.key(''), maxSize),
  );
}
