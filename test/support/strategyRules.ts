import assert from 'node:assert/strict';
import { errorBody, type FieldError } from '../../src/api/field.ts';
import { clone, type JsonObject, type JsonValue, type KubeObject } from '../../src/api/meta.ts';
import type { RequestAttributes } from '../../src/sim/apiserver/attributes.ts';
import { strategyOf } from '../../src/sim/apiserver/registry/strategies.ts';
import type { Strategy, StrategyContext } from '../../src/sim/apiserver/registry/strategy.ts';
import { SeededRandom } from '../../src/sim/time/random.ts';

/** Where an object is changed, to what (nothing: the member goes), and what its strategy then says, `field: problem` each. */
export type Row = readonly [path: string, value: JsonValue | undefined, ...problems: string[]];

const context: StrategyContext = {
  attributes: {
    user: { name: 'someone', uid: '', groups: [], extra: {} },
  } as unknown as RequestAttributes,
  now: 0,
  random: new SeededRandom(1),
  warn: () => undefined,
};

function strategyOfObject({ apiVersion, kind }: KubeObject): Strategy {
  const [group = '', version] = apiVersion.split('/');
  return version === undefined ? strategyOf('', group, kind) : strategyOf(group, version, kind);
}

/** `/spec/rules/0/host`, as in the tables. */
export function changed(
  object: JsonObject,
  path: string,
  value: JsonValue | undefined,
): KubeObject {
  const copy = clone(object);
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/'));
  const last = keys.pop() ?? '';
  let node = copy as unknown as Record<string, JsonValue | undefined>;
  for (const key of keys) node = node[key] as Record<string, JsonValue | undefined>;
  if (value !== undefined) node[last] = value;
  else if (Array.isArray(node)) node.splice(Number(last), 1);
  else delete node[last];
  return copy as unknown as KubeObject;
}

const texts = (errors: readonly FieldError[] | undefined): string[] =>
  (errors ?? []).map((error) => `${error.field}: ${errorBody(error)}`);

/** What a strategy says of a new object. */
export function problemsOfNew(object: KubeObject): string[] {
  const strategy = strategyOfObject(object);
  strategy.default_?.(object);
  strategy.prepareForCreate?.(object, context);
  return texts(strategy.validate?.(object, context));
}

/** What a strategy says of a changed object. */
export function problemsOfChange(object: KubeObject, old: KubeObject): string[] {
  const strategy = strategyOfObject(object);
  for (const each of [object, old]) strategy.default_?.(each);
  strategy.prepareForCreate?.(old, context);
  strategy.prepareForUpdate?.(object, old, context);
  return texts(strategy.validateUpdate?.(object, old, context));
}

/** One test a row. The object itself is good. */
export function itJudges(
  object: JsonObject,
  rows: { readonly created?: readonly Row[]; readonly updated?: readonly Row[] },
): void {
  const title = (path: string, value: JsonValue | undefined): string =>
    `${path} ${value === undefined ? 'is missing' : `= ${JSON.stringify(value).slice(0, 40)}`}`;
  it('takes it', () => {
    assert.deepEqual(problemsOfNew(clone(object) as unknown as KubeObject), []);
  });
  for (const [path, value, ...problems] of rows.created ?? [])
    it(`new: ${title(path, value)}`, () => {
      assert.deepEqual(problemsOfNew(changed(object, path, value)), problems);
    });
  for (const [path, value, ...problems] of rows.updated ?? [])
    it(`changed: ${title(path, value)}`, () => {
      const old = clone(object) as unknown as KubeObject;
      assert.deepEqual(problemsOfChange(changed(object, path, value), old), problems);
    });
}
