import assert from 'node:assert/strict';
import { FieldPath } from '../../../../../../src/api/field.ts';
import * as resources from '../../../../../../src/sim/apiserver/registry/shared/resources.ts';

describe('names of resources', () => {
  for (const [name, isNative, isExtended, isOvercommitAllowed] of [
    ['cpu', true, false, true],
    ['kubernetes.io/a', true, false, true],
    ['hugepages-2Mi', true, false, false],
    ['example.com/gpu', false, true, false],
    ['requests.example.com/gpu', false, false, false],
  ] as const)
    it(name, () =>
      assert.deepEqual(
        [resources.isNative(name), resources.isExtended(name), resources.isOvercommitAllowed(name)],
        [isNative, isExtended, isOvercommitAllowed],
      ),
    );
});

describe('amounts of resources', () => {
  for (const [name, amount, ...says] of [
    ['cpu', '500m'],
    ['cpu', '-1', 'must be greater than or equal to 0'],
    ['pods', '500m', 'must be an integer'],
    ['example.com/gpu', '500m', 'must be an integer'],
  ] as const)
    it(`${amount} of ${name}`, () =>
      assert.deepEqual(
        resources.validateAmount(name, amount, FieldPath.of('a')).map(({ detail }) => detail),
        says,
      ));
});
