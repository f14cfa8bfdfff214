import assert from 'node:assert/strict';
import fc from 'fast-check';
import { diffLines } from '../../../src/timeline/diff.ts';

describe('diffLines', () => {
  const check = (before: string[], after: string[], expected: string[]) => {
    const lines = diffLines(before.join('\n'), after.join('\n'));
    assert.deepEqual(
      lines.map(({ sign, text }) => sign + text),
      expected,
    );
  };

  it('shows additions, removals and their surroundings', () => {
    check([], ['a', 'b'], ['+a', '+b']);
    check(['a', 'b'], [], ['-a', '-b']);
    check(['a', 'b', 'c'], ['a', 'x', 'c'], [' a', '-b', '+x', ' c']);
    check(
      ['1', '2', '3', '4', '5', '6', '7'],
      ['1', '2', '3', '4', '5', '6', 'x'],
      [' 5', ' 6', '-7', '+x'],
    );
    check(['a'], ['a'], []);
  });

  it('leads from the one text to the other, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before.join('\n'), after.join('\n'), 100);
        if (before.join('\n') === after.join('\n')) return;
        assert.deepEqual(
          lines.filter(({ sign }) => sign !== '+').map(({ text: line }) => line),
          before,
        );
        assert.deepEqual(
          lines.filter(({ sign }) => sign !== '-').map(({ text: line }) => line),
          after,
        );
      }),
    );
  });
});
