import assert from 'node:assert/strict';
import * as names from '../../../../../../src/sim/apiserver/registry/shared/names.ts';

/** Rule, what it takes, what it does not. */
const rules: readonly (readonly [keyof typeof names, readonly string[], readonly string[]])[] = [
  ['isDns1123Label', ['a', 'a-1', '1a'], ['', 'A', '-a', 'a-', 'a.b', 'a'.repeat(64)]],
  ['isDns1123Subdomain', ['a.b', 'a'.repeat(253)], ['', 'a..b', 'A', 'a_b', 'a'.repeat(254)]],
  ['isDns1035Label', ['a', 'a1'], ['1a', 'a.b', 'A']],
  ['isWildcardSubdomain', ['*.a.b'], ['*', 'a.b', '*a.b', '*.']],
  ['isQualifiedName', ['a', 'A_b.c', 'example.com/a'], ['', 'a b', '/a', 'A/a', 'a/b/c', 'a/']],
  ['isLabelValue', ['', 'A_b.c'], ['a b', '-a', 'a'.repeat(64)]],
  ['isPortName', ['a', 'a-1'], ['A', '1', 'a--b', '-a', 'a'.repeat(16), '']],
  ['isEnvVarName', ['a', 'A B', '1'], ['', 'a=b', 'ä']],
  ['isUnderscoredSubdomain', ['_a._b'], ['A', '']],
  ['isHttpHeaderName', ['X-A', 'x'], ['a b', '']],
  ['isPercent', ['5%', '100%'], ['5', '-5%', '%']],
  ['isConfigMapKey', ['a', '.a', 'A_b-c.d'], ['', '.', '..', '..a', 'a b', 'a'.repeat(254)]],
  ['isPathSegment', ['a', 'A b'], ['.', '..', 'a/b', 'a%b']],
];

describe('names', () => {
  for (const [rule, good, bad] of rules) {
    const check = names[rule] as (value: string) => string[];
    for (const value of good)
      it(`${rule} takes ${value.slice(0, 20)}`, () => assert.deepEqual(check(value), []));
    for (const value of bad)
      it(`${rule} does not take ${value.slice(0, 20)}`, () =>
        assert.notDeepEqual(check(value), []));
  }
});
