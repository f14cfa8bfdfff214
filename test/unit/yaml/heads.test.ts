import assert from 'node:assert/strict';
import { manifestHeads } from '../../../src/yaml/heads.ts';

const cases: readonly [name: string, text: string, heads: readonly string[]][] = [
  ['no YAML of Kubernetes', 'hello: world\n', []],
  ['a document', '# a\napiVersion: v1\nkind: Pod\n', ['object apiVersion: v1']],
  ['kind first, quoted keys', '"kind": Pod\n\'apiVersion\': v1', ['object "kind": Pod']],
  ['kind alone', 'kind: Pod\n', []],
  ['only below the top', 'items:\n  - apiVersion: v1\n    kind: Pod\n', []],
  [
    'several, with an empty one and a comment on the separator',
    'apiVersion: v1\nkind: A\n---\n--- # b\napiVersion: v1\nkind: B\n---\n',
    ['object apiVersion: v1', 'object apiVersion: v1'],
  ],
  [
    'a template',
    'apiVersion: v1\nkind: A\nmetadata:\n  name: {{ .Values.name }}\n',
    ['template apiVersion: v1'],
  ],
  ['JSON', '{"apiVersion":"v1",\n "kind":"Pod"}', ['object "apiVersion":"v1",']],
  ['a separator in a text', 'apiVersion: v1\nkind: A\ndata: "----"\n', ['object apiVersion: v1']],
  [
    'Windows line ends',
    'apiVersion: v1\r\nkind: A\r\n---\r\nx: 1\r\n',
    ['object apiVersion: v1\r'],
  ],
];

describe('manifestHeads', () => {
  for (const [name, text, heads] of cases)
    it(name, () =>
      assert.deepEqual(
        manifestHeads(text).map(
          ({ type, offset }) => `${type} ${text.slice(offset).split('\n', 1)[0] ?? ''}`,
        ),
        heads,
      ),
    );
});
