import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readInput, readObjects, SourceFile } from '../../../../src/host/cli/dryRunInput.ts';
import { UsageError } from '../../../../src/host/cli/usageError.ts';

describe('what dry-run reads', () => {
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  const write = (name: string, text: string | Uint8Array): string => {
    fs.writeFileSync(at(name), text);
    return at(name);
  };

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-input-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** `a.yaml:3:1 object`, one a document. */
  const check = (paths: string[], expected: string[]): void =>
    assert.deepEqual(
      readInput(paths).map((document) => {
        const { start } = document.type === 'object' ? document.head : document.at;
        const { line, column } = document.file.positionAt(start);
        const name = path.basename(document.file.name);
        return `${name}:${line}:${column} ${document.type === 'object' ? 'object' : document.message}`;
      }),
      expected,
    );

  const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

  it('are the documents of files in order', () => {
    const one = write('b.yaml', `${map('a')}---\n# two\n${map('b')}`);
    const two = write('a.json', '{"apiVersion": "v1", "kind": "Pod"}');
    check([one, two], ['b.yaml:1:1 object', 'b.yaml:6:1 object', 'a.json:1:2 object']);
  });

  it('are the files of a folder, sorted, without what is no manifest', () => {
    write('c.yml', map('c'));
    write('a.yaml', map('a'));
    write('notes.txt', 'x');
    fs.mkdirSync(at('below.yaml'));
    check([folder], ['a.yaml:1:1 object', 'c.yml:1:1 object']);
  });

  it('are the items of lists', () => {
    const items = '- apiVersion: v1\n  kind: Pod\n- apiVersion: v1\n  kind: Secret\n';
    const file = write('list.yaml', `apiVersion: v1\nkind: List\nitems:\n${items}`);
    check([file], ['list.yaml:4:3 object', 'list.yaml:6:3 object']);
  });

  it('say what is not for a cluster', () => {
    const template = write('t.yaml', 'apiVersion: v1\nkind: {{ .Values.kind }}\n');
    check([template], ['t.yaml:1:1 a template, not YAML yet: render it first']);
    const values = write('v.yaml', 'a: 1\n---\n# nothing\n---\n');
    check([values], ['v.yaml:1:1 not a Kubernetes object: apiVersion and kind are missing']);
    const broken = write('x.yaml', 'a: b: c\n');
    check([broken], ['x.yaml:1:4 Nested mappings are not allowed in compact mappings']);
  });

  const refuse = (read: () => unknown, sentence: string): void =>
    assert.throws(read, (error) => error instanceof UsageError && error.message === sentence);

  it('is refused in a sentence when it cannot be read', () => {
    refuse(() => readInput([at('no')]), `${at('no')} cannot be read: there is no such file.`);
    refuse(() => readInput([folder]), `${folder} holds no file that ends in .yaml, .yml or .json.`);
    const bytes = write('bytes.yaml', Uint8Array.of(0x61, 0xff));
    refuse(() => readInput([bytes]), `${bytes} cannot be read: it is not UTF-8 text.`);
    const values = write('v.yaml', 'a: 1\n');
    refuse(
      () => readObjects(values),
      `${values}:1:1: not a Kubernetes object: apiVersion and kind are missing`,
    );
  });

  it('has lines and columns from 1', () => {
    const file = new SourceFile('a', 'ab\n\ncd');
    const positions = [0, 2, 3, 4, 6].map((offset) => file.positionAt(offset));
    assert.deepEqual(
      positions.map(({ line, column }) => `${line}:${column}`),
      ['1:1', '1:3', '2:1', '3:1', '3:3'],
    );
  });
});
