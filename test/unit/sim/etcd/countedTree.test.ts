import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CountedTree } from '../../../../src/sim/etcd/countedTree.ts';
import { noEnd } from '../../../../src/sim/etcd/key.ts';

/** Odd numbers are live. */
const newTree = () => new CountedTree<number>((value) => value % 2 === 1);

const keysOf = (tree: CountedTree<number>, from: string, end: string, liveOnly: boolean) => {
  const keys: string[] = [];
  tree.scan(from, end, { liveOnly }, (_value, key) => keys.push(key) > 0);
  return keys;
};

describe('CountedTree', () => {
  const key = fc.integer({ min: 0, max: 300 }).map((n) => `k${String(n).padStart(3, '0')}`);
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ set: key, value: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ drop: key }) },
    { weight: 1, arbitrary: fc.constant({ clone: true as const }) },
  );

  it('agrees with a sorted map, clones included', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), key, key, (steps, from, end) => {
        const trees = [{ tree: newTree(), model: new Map<string, number>() }];
        steps.forEach((it, index) => {
          const { tree, model } = trees[index % trees.length]!;
          if ('clone' in it) trees.push({ tree: tree.clone(), model: new Map(model) });
          else if ('drop' in it) {
            tree.delete(it.drop);
            model.delete(it.drop);
          } else {
            tree.set(it.set, it.value);
            model.set(it.set, it.value);
          }
        });
        for (const { tree, model } of trees) {
          assert.equal(tree.size, model.size);
          for (const [start, stop] of [
            [from, end],
            ['', noEnd],
            [from, noEnd],
          ] as const) {
            const inside = [...model]
              .filter(([k]) => k >= start && (stop === noEnd || k < stop))
              .sort(([a], [b]) => (a < b ? -1 : 1));
            const live = inside.filter(([, value]) => value % 2 === 1);
            assert.deepEqual(
              keysOf(tree, start, stop, false),
              inside.map(([k]) => k),
            );
            assert.deepEqual(
              keysOf(tree, start, stop, true),
              live.map(([k]) => k),
            );
            assert.equal(tree.count(start, stop), live.length);
          }
          for (const [k, value] of model) assert.equal(tree.get(k), value);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('looks at no more than it is asked for', () => {
    const tree = newTree();
    for (let i = 0; i < 10_000; i++) tree.set(`k${String(i).padStart(5, '0')}`, i % 2);
    let visits = 0;
    tree.scan('k05000', noEnd, { liveOnly: true }, () => ++visits < 3);
    assert.equal(visits, 3);
    assert.equal(tree.count('k00000', 'k05000'), 2500);
  });
});
