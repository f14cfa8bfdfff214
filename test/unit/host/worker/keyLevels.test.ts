import assert from 'node:assert/strict';
import { childrenOf } from '../../../../src/host/worker/keyLevels.ts';
import { keyOfText } from '../../../../src/sim/etcd/key.ts';
import { Store } from '../../../../src/sim/etcd/store.ts';

const storeOf = (keys: Iterable<string>): Store => {
  const store = new Store();
  for (const key of keys)
    store.putNow({ key: keyOfText(key), value: new Uint8Array([1]) }, undefined);
  return store;
};

/** `label (count)` for prefixes, the label for keys. */
const shown = (store: Store, prefix: string): string[] =>
  childrenOf(store, prefix).map((it) =>
    it.type === 'prefix' ? `${it.label} (${it.count})` : it.label,
  );

/** All keys that are found by going down. */
function below(store: Store, prefix: string): string[] {
  return childrenOf(store, prefix).flatMap((it) =>
    it.type === 'prefix' ? below(store, it.prefix) : [it.key],
  );
}

const numbered = (prefix: string, count: number, digits: number): string[] =>
  Array.from({ length: count }, (_, index) => prefix + String(index).padStart(digits, '0'));

/** The groups that 550 numbers of four digits come as. */
const hundreds = (start: string): string[] =>
  ['0… (100)', '1… (100)', '2… (100)', '3… (100)', '4… (100)', '5… (50)'].map((it) => start + it);

describe('a level of the key tree', () => {
  const cases: Readonly<Record<string, { keys: string[]; prefix: string; expected: string[] }>> = {
    'has the first segment with its slash': {
      keys: ['/registry/a/x', '/registry/b', 'compact_rev_key'],
      prefix: '',
      expected: ['/registry/ (2)', 'compact_rev_key'],
    },
    'has keys and prefixes in byte order': {
      keys: ['/r/a', '/r/a/1', '/r/a/2', '/r/b-c', '/r/b/1'],
      prefix: '/r/',
      expected: ['a', 'a/ (2)', 'b-c', 'b/ (1)'],
    },
    'is empty where nothing is': { keys: ['/r/a'], prefix: '/s/', expected: [] },
    'that is too long is cut by the next characters': {
      keys: numbered('/r/key-', 5000, 5),
      prefix: '/r/',
      expected: numbered('key-', 50, 3).map((group) => `${group}… (100)`),
    },
    'goes on in a group': {
      keys: numbered('/r/key-', 1200, 4),
      prefix: '/r/key-1',
      expected: numbered('key-1', 200, 3),
    },
    'leaves single keys of a long level alone': {
      keys: [...numbered('/r/web-', 550, 4), '/r/alone', '/r/some/1', '/r/some/2'],
      prefix: '/r/',
      expected: ['alone', 'some/ (2)', ...hundreds('web-0')],
    },
    'names a group by all that its keys have in common': {
      keys: [...numbered('/r/web-a-', 500, 4), '/r/web-a-1000', ...numbered('/r/web-b-', 3, 1)],
      prefix: '/r/',
      expected: ['web-a-0… (500)', 'web-a-1000', 'web-b-… (3)'],
    },
    'has a key that the others of its group begin with beside them': {
      keys: ['/r/web', ...numbered('/r/web', 550, 4)],
      prefix: '/r/web',
      expected: ['web', ...hundreds('web0')],
    },
    'cuts between characters, not within': {
      keys: [...numbered('/r/ä', 300, 3), ...numbered('/r/ö', 300, 3)],
      prefix: '/r/',
      expected: ['ä… (300)', 'ö… (300)'],
    },
    'has prefixes in groups too': {
      keys: numbered('/r/ns-', 1200, 4).flatMap((name) => [`${name}/a`, `${name}/b`]),
      prefix: '/r/ns-1',
      expected: numbered('ns-1', 200, 3).map((name) => `${name}/ (2)`),
    },
  };
  for (const [name, { keys, prefix, expected }] of Object.entries(cases))
    it(name, () => assert.deepEqual(shown(storeOf(keys), prefix), expected));

  it('has every key once, however far one goes down', () => {
    const keys = [
      ...numbered('/registry/configmaps/default/key-', 3000, 5),
      ...numbered('/registry/pods/ns-', 1100, 1).map((name) => `${name}/web`),
      ...numbered('/registry/x', 1500, 1),
      'plain',
    ];
    const store = storeOf(keys);
    assert.deepEqual(below(store, ''), [...keys].sort());
    for (const entry of childrenOf(store, '/registry/'))
      if (entry.type === 'prefix')
        assert.equal(below(store, entry.prefix).length, entry.count, entry.prefix);
  });
});
