import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  milliValue,
  parseQuantity,
  quantityValue,
} from '../../../src/api/quantity.ts';

describe('quantities', () => {
  for (const [text, canonical] of [
    ['2000m', '2'],
    ['0.5', '500m'],
    ['1Gi', '1Gi'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1e3', '1e3'],
    ['1000', '1k'],
    ['100m', '100m'],
    ['0', '0'],
    ['-5', '-5'],
    ['12e6', '12e6'],
    ['1000000', '1M'],
    ['123456789', '123456789'],
    ['0.0000000001', '1n'],
    ['.5', '500m'],
    ['5.', '5'],
    ['+1', '1'],
    ['1Ki', '1Ki'],
    ['512', '512'],
    ['0.5Gi', '512Mi'],
    ['1E', '1E'],
  ] as const) {
    it(`${text} is ${canonical}`, () => assert.equal(canonicalQuantity(text), canonical));
  }
  for (const [text, message] of [
    ['', /must match/],
    ['UPPER', /must match/],
    ['1x', /must match/],
    ['1mm', /suffix/],
    ['1 Gi', /must match/],
    ['true', /must match/],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseQuantity(text), message));
  }
  it('rounds up', () => {
    assert.equal(quantityValue(parseQuantity('1500m')), 2);
    assert.equal(milliValue(parseQuantity('0.1m')), 1);
  });
  it('is stable and ordered', () => {
    const text = fc
      .tuple(
        fc.integer({ min: 0, max: 100000 }),
        fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'Gi'),
      )
      .map(([n, s]) => `${n}${s}`);
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.equal(canonicalQuantity(canonicalQuantity(a)), canonicalQuantity(a));
        const sum = addQuantities(parseQuantity(a), parseQuantity(b));
        assert.ok(compareQuantities(sum, parseQuantity(a)) >= 0);
      }),
    );
  });
});
