import assert from 'node:assert/strict';
import type { JsonValue } from '../../../../../src/api/meta.ts';
import { goMap } from '../../../../../src/sim/apiserver/rest/patchRefusal.ts';

describe('goMap', () => {
  it('prints decoded JSON as Go does', () =>
    assert.equal(
      goMap({ b: [1, null, { x: true }], a: {}, c: [], d: 's' }),
      'map[a:map[] b:[1 <nil> map[x:true]] c:[] d:s]',
    ));

  it('takes any depth', () => {
    let deep: JsonValue = 1;
    for (let depth = 0; depth < 50_000; depth++) deep = { a: [deep] };
    assert.match(goMap(deep), /^map\[a:\[map\[a:.*\]$/);
  });
});
