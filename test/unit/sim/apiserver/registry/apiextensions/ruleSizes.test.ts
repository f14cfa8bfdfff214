import { strict as assert } from 'node:assert';
import { compile } from '../../../../../../src/sim/cel/compile.ts';
import { estimateCost } from '../../../../../../src/sim/cel/costEstimate.ts';
import { SchemaTypes } from '../../../../../../src/sim/apiserver/customResources/celSchema.ts';
import { kubernetesFunctions } from '../../../../../../src/sim/cel/kubernetes.ts';
import { elementsAt } from '../../../../../../src/sim/apiserver/registry/apiextensions/ruleSizes.ts';
import type { Schema } from '../../../../../../src/sim/apiserver/registry/apiextensions/structural.ts';

type Limited = (max: number | undefined) => Schema;

/** `string`, `string:date`, `int-or-string`. */
const scalar = (type: string): Schema => {
  const [of = '', format] = type.split(':');
  return of === 'int-or-string'
    ? { 'x-kubernetes-int-or-string': true }
    : { type: of, ...(format && { format }) };
};
const limited = (
  schema: Schema,
  key: 'maxItems' | 'maxProperties' | 'maxLength',
  max: number | undefined,
): Schema => (max === undefined ? schema : { ...schema, [key]: max });
const listOf =
  (items: Schema): Limited =>
  (max) =>
    limited({ type: 'array', items: items as never }, 'maxItems', max);
const mapOf =
  (values: Schema): Limited =>
  (max) =>
    limited({ type: 'object', additionalProperties: values as never }, 'maxProperties', max);
const text =
  (more: Partial<Schema> = {}): Limited =>
  (max) =>
    limited({ type: 'string', ...more }, 'maxLength', max);
const texts: Schema = {
  type: 'object',
  properties: { required: { type: 'string' }, optional: { type: 'string' } },
  required: ['required'],
};
const fields =
  (...names: readonly string[]): Limited =>
  (max) => ({
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, text()(max)])),
  });
const nested =
  (isOuterLimited: boolean): Limited =>
  (max) =>
    listOf(mapOf(texts)(max))(isOuterLimited ? max : undefined);

/** Rule, schema, what it costs without a limit, the limit, what it costs with it. */
const costs: readonly (readonly [string, Limited, number, number, number])[] = [
  ['self.all(x, true)', listOf(scalar('number')), 4718591, 10, 32],
  ['self.all(x, true)', listOf(scalar('string')), 3145727, 20, 62],
  ['self.all(x, true)', listOf(scalar('boolean')), 1887437, 5, 17],
  ['self.all(x, true)', listOf(listOf(scalar('number'))(undefined)), 3145727, 100, 302],
  ['self.all(x, true)', listOf(texts), 555128, 50, 152],
  ['self.all(x, true)', mapOf(scalar('number')), 1348169, 10, 32],
  ['self.all(x, true)', mapOf(texts), 428963, 20, 62],
  ['self.all(x, true)', mapOf(scalar('string:duration')), 1048577, 5, 17],
  ['self.all(x, true)', mapOf(scalar('string:date')), 524288, 10, 32],
  ['self.all(x, true)', listOf(scalar('string:date-time')), 428963, 25, 77],
  ['self.all(x, true)', listOf(scalar('int-or-string')), 4718591, 10, 32],
  ['has(self.x)', mapOf(scalar('number')), 1, 100, 1],
  ["self.contains('test')", text(), 314574, 10, 5],
  ["self.startsWith('test')", text(), 2, 15, 2],
  ['size(self + "hello") > size("hello")', text(), 314578, 4, 7],
  ['self[1] == 0.0', listOf(scalar('number')), 2, 5000, 2],
  ['self[1] == self[1]', listOf(scalar('string')), 314577, 8, 314577],
  ['self.all(x, self.all(y, true))', listOf(scalar('number')), 2.2265110461e13, 10, 352],
  ['self.matches("x")', text(), 314574, 50, 22],
  ['"".matches("(((((((((())))))))))[0-9]")', text(), 7, 10, 7],
  ['self.matches("")', text(), 1, 100, 1],
  ['self == "x"', text(), 2, 0, 1],
  ['self == b"x"', text({ format: 'byte' }), 2, 0, 1],
  ['self.all(x, x == 0.0)', listOf(scalar('number')), 6291454, 6291456, 25165826],
  ['self.all(x, x["y"].required == "z")', nested(true), 7340027, 10, 72],
  ['self.all(x, x["y"].required == "z")', nested(false), 7340027, 10, 7340027],
  ['self[0] == 5', listOf(scalar('int-or-string')), 3, 10, 3],
  ['self.all(x, x.y == 25.2)', listOf(mapOf(scalar('number'))(undefined)), 6291452, 12, 74],
  ['self[0].getHours() == 2', listOf(scalar('string:duration')), 4, 525, 4],
  ["self.find('[0-9]+') == ''", text(), 629147, 10, 11],
  ["self.join(' ') == 'aa bb'", (max) => listOf(text()(max))(max), 329853068905, 10, 43],
  ['self.isSorted() == true', (max) => listOf(text()(max))(max), 329854432052, 10, 52],
  ['self.str.split(self.separator) == []', fields('str', 'separator'), 629160, 10, 22],
  ["self.lowerAscii() == 'lower!'", text(), 314575, 10, 6],
  ['oldSelf.size() == self.size()', mapOf(scalar('integer')), 5, 10, 5],
  ['self["a"] == self["b"]', mapOf(scalar('string:date-time')), 8, 7, 8],
  ["self.contains('A')", text({ enum: ['A', 'B', 'LongValue'] as never }), 2, 1000, 401],
];

describe('the cost of rules', () => {
  for (const [rule, schemaFor, open, max, limited] of costs)
    for (const [limit, wanted] of [
      [undefined, open],
      [max, limited],
    ] as const)
      it(`${rule} with ${limit === undefined ? 'no limit' : `at most ${limit}`}`, () => {
        const schema = schemaFor(limit);
        const structs = new SchemaTypes();
        const self = structs.typeOf(schema);
        assert.ok(self);
        const variables = new Map([
          ['self', self],
          ['oldSelf', self],
        ]);
        const compiled = compile(rule, { variables, structs, functions: kubernetesFunctions });
        assert.ok(compiled.ok, compiled.ok ? '' : compiled.error);
        const cost = estimateCost(compiled.program, (path) => elementsAt(schema, path.slice(1)));
        if (wanted > 1e13) assert.ok(cost > 1e7);
        else assert.equal(cost, wanted);
      });
});
