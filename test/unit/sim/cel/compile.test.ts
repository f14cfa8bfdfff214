import assert from 'node:assert/strict';
import { compile } from '../../../../src/sim/cel/compile.ts';
import { noStructs, type Environment } from '../../../../src/sim/cel/environment.ts';
import { fromJson } from '../../../../src/sim/cel/jsonValues.ts';
import { kubernetesFunctions } from '../../../../src/sim/cel/kubernetes.ts';
import { dyn, struct, string, int, typeText } from '../../../../src/sim/cel/types.ts';
import { CelError, type CelValue } from '../../../../src/sim/cel/values.ts';
import recorded from './expressions.json' with { type: 'json' };

/** What a real API server 1.36.3 said of an expression: its type and its value as `%s` prints it, or what is wrong. */
interface Recorded {
  readonly error?: string;
  readonly type?: string;
  readonly text?: string;
  readonly fails?: string;
}

const environment: Environment = {
  variables: new Map([['object', dyn]]),
  structs: noStructs,
  functions: kubernetesFunctions,
};
const object = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', labels: { a: 'b' } },
  data: { n: '3', s: 'hello' },
};
const variables = (name: string): CelValue | undefined =>
  name === 'object' ? fromJson(object) : undefined;

function evaluate(source: string): CelValue {
  const compiled = compile(source, environment);
  assert.ok(compiled.ok, source);
  return compiled.program.evaluate(variables).value;
}

describe('CEL', () => {
  for (const [source, expected] of Object.entries(recorded as Record<string, Recorded>))
    it(source, () => {
      const compiled = compile(source, environment);
      if (!compiled.ok) {
        assert.equal(compiled.error, expected.error);
        return;
      }
      assert.equal(typeText(compiled.program.type), expected.type);
      if (expected.text === undefined && expected.fails === undefined) return;
      const value = evaluate(`'%s'.format([dyn(${source})])`);
      if (value instanceof CelError) assert.equal(value.message, expected.fails);
      else assert.equal(value, expected.text);
    });

  it('knows the fields of declared objects', () => {
    const structs = {
      has: (name: string) => name === 'Thing',
      field: (_: string, field: string) => (field === 'name' ? string : undefined),
    };
    const typed = { ...environment, variables: new Map([['self', struct('Thing')]]), structs };
    const check = (source: string): string => {
      const compiled = compile(source, typed);
      return compiled.ok ? typeText(compiled.program.type) : compiled.error;
    };
    assert.equal(check('self.name'), 'string');
    assert.equal(
      check('self.nmae'),
      "ERROR: <input>:1:5: undefined field 'nmae'\n | self.nmae\n | ....^",
    );
    assert.equal(
      check('self.name + 1'),
      "ERROR: <input>:1:11: found no matching overload for '_+_' applied to '(string, int)'\n | self.name + 1\n | ..........^",
    );
  });

  it('stops what costs too much', () => {
    const compiled = compile('[1,2,3,4,5].map(x, [1,2,3,4,5].map(y, x * y)).size()', environment);
    assert.ok(compiled.ok);
    assert.equal(compiled.program.type, int);
    const { value } = compiled.program.evaluate(variables, 100);
    assert.ok(value instanceof CelError);
    assert.equal(value.message, 'operation cancelled: actual cost limit exceeded');
  });
});
