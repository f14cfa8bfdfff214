import assert from 'node:assert/strict';
import { changes } from '../../../src/api/diff.ts';

describe('changes', () => {
  const cases: readonly (readonly [unknown, unknown, unknown])[] = [
    [
      { a: 1, b: [1] },
      { a: 2, b: [1, 2] },
      [
        { path: '/a', before: 1, after: 2 },
        { path: '/b/1', after: 2 },
      ],
    ],
    [{ a: 1 }, { a: 1 }, []],
    [{ a: { b: 1 } }, {}, [{ path: '/a', before: { b: 1 } }]],
    [{ a: [] }, { a: {} }, [{ path: '/a', before: [], after: {} }]],
    [undefined, { a: 1 }, [{ path: '', after: { a: 1 } }]],
    [{ 'a/b~c': 1 }, { 'a/b~c': 2 }, [{ path: '/a~1b~0c', before: 1, after: 2 }]],
  ];
  for (const [before, after, expected] of cases)
    it(`${JSON.stringify(before)} → ${JSON.stringify(after)}`, () =>
      assert.deepEqual(changes(before, after), expected));
});
