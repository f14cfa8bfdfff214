import assert from 'node:assert/strict';
import { asGiven, cloneAsGiven, noteEmptied } from '../../../src/api/emptied.ts';
import { internalForm } from '../../../src/api/goInternal.ts';
import { unifiedDiff } from '../../../src/api/unifiedDiff.ts';

describe('the internal form of a value', () => {
  for (const [type, value, expected] of [
    [
      'core.Taint',
      { key: 'a', effect: 'NoSchedule' },
      { Key: 'a', Value: '', Effect: 'NoSchedule', TimeAdded: null },
    ],
    ['[]core.PodIP', [{ ip: '10.0.0.1' }], [{ IP: '10.0.0.1' }]],
    ['core.ResourceList', undefined, null],
    ['core.ResourceList', { b: '1', a: '2' }, { a: '2', b: '1' }],
    ['*core.NodeSelector', undefined, null],
    ['core.NodeSelector', {}, { NodeSelectorTerms: null }],
  ] as const)
    it(`of ${type} ${JSON.stringify(value)}`, () =>
      assert.equal(JSON.stringify(internalForm(type, value)), JSON.stringify(expected)));

  it('has the host parts of a pod spec in its security context', () => {
    const spec = internalForm('core.PodSpec', { containers: [], hostNetwork: true });
    const { SecurityContext } = spec as { SecurityContext: { HostNetwork: boolean } };
    assert.equal(SecurityContext.HostNetwork, true);
  });

  it('shows what was given empty as empty', () => {
    const selector = {};
    noteEmptied(selector, 'nodeSelectorTerms', []);
    assert.deepEqual(internalForm('core.NodeSelector', selector), { NodeSelectorTerms: [] });
    assert.deepEqual(internalForm('core.NodeSelector', cloneAsGiven(selector)), {
      NodeSelectorTerms: [],
    });
  });
});

describe('what was given', () => {
  const holder: { list?: string[]; map?: object } = {};
  noteEmptied(holder, 'map', {});
  for (const [name, expected] of [
    ['map', {}],
    ['list', undefined],
  ] as const)
    it(name, () => assert.deepEqual(asGiven(holder, name), expected));
});

describe('unified diffs', () => {
  for (const [title, before, after, expected] of [
    ['nothing', 'a\nb', 'a\nb', ''],
    [
      'a line in the middle',
      '1\n2\n3\n4\n5\n6\n7\n8\n9',
      '1\n2\n3\n4\nX\n6\n7\n8\n9',
      '@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n',
    ],
    ['a line more at the end', '1\n2', '1\n2\n3', '@@ -1,2 +1,3 @@\n 1\n 2\n+3\n'],
  ] as const)
    it(title, () => assert.equal(unifiedDiff(before, after), expected));
});
