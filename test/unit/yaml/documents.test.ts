import assert from 'node:assert/strict';
import { fieldParts } from '../../../src/api/fieldEdit.ts';
import { DocumentParser, parseDocuments, type YamlDocument } from '../../../src/yaml/documents.ts';
import { redactChanges, renderStored } from '../../../src/yaml/render.ts';

const text = `# first
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app.io/x: y
spec:
  containers:
    - name: app
      image: nginx
      ports: []
    - name: other
---
hello: world
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Values.name }}
`;

describe('parseDocuments', () => {
  const documents = parseDocuments(text);
  const check = (path: string, expected: string) =>
    it(`${path} stands at ${JSON.stringify(expected)}`, () => {
      const [document] = documents;
      assert.equal(document?.type, 'object');
      const range = document.fields.rangeOf(path);
      assert.equal(range && text.slice(range.start, range.end), expected);
    });

  it('tells objects, templates and other documents apart', () => {
    assert.deepEqual(
      documents.map(({ type }) => type),
      ['object', 'other', 'template'],
    );
  });
  check('spec.containers[0].image', 'nginx');
  check('spec.containers[1].image', 'name: other');
  check('spec.containers[0].ports', 'ports');
  check('metadata.labels[app.io/x]', 'y');
  check('spec.restartPolicy', 'spec');
  check('status', 'kind');
  check('spec.containers[0]', 'name: app');

  it('finds the key of a field', () => {
    const [document] = documents;
    assert.equal(document?.type, 'object');
    const range = document.fields.keyRangeOf('spec.containers[0].image');
    assert.equal(range && text.slice(range.start, range.end), 'image');
  });

  it('says where a document is broken', () => {
    const [document] = parseDocuments('apiVersion: v1\nkind: Pod\nkind: Pod\n');
    assert.equal(document?.type, 'broken');
    assert.match(document.message, /unique/);
  });
});

describe('parseDocuments of a List', () => {
  it('takes each item as a document with its own fields', () => {
    const list = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: a}
- apiVersion: v1
  kind: Secret
  metadata: {name: b}
`;
    const [first, second, ...rest] = parseDocuments(list);
    assert.equal(rest.length, 0);
    assert.equal(first?.type === 'object' && first.object['kind'], 'ConfigMap');
    assert.equal(second?.type, 'object');
    const range = second.fields.rangeOf('metadata.name');
    assert.equal(range && list.slice(range.start, range.end), 'b');
  });
});

describe('DocumentParser', () => {
  const never = () => assert.fail('not due');
  const parse = (parser: DocumentParser, of: string) => parser.parse(of, () => false, never);
  const seen = (documents: readonly YamlDocument[]) =>
    documents.map((document) =>
      document.type === 'object'
        ? { ...document, fields: document.fields.rangeOf('metadata.name') }
        : document,
    );

  it('finds the same, and pauses when it is due', async () => {
    let pauses = 0;
    const sliced = await new DocumentParser().parse(
      text,
      () => true,
      () => {
        pauses++;
        return Promise.resolve();
      },
    );
    assert.deepEqual(seen(sliced), seen(parseDocuments(text)));
    assert.ok(pauses > 50, `${pauses} pauses`);
  });

  it('parses only what changed, and finds everything in its new place', async () => {
    const parser = new DocumentParser();
    const file = `${text}---\napiVersion: v1\nkind: Service\nmetadata:\n  name: last\n`;
    const before = await parse(parser, file);
    const changed = file.replace('hello: world', 'hello: everybody in the world');
    const after = await parse(parser, changed);
    assert.deepEqual(seen(after), seen(parseDocuments(changed)));
    const [first, last] = [before.at(-1), after.at(-1)];
    assert.equal(first?.type, 'object');
    assert.equal(last?.type, 'object');
    assert.equal(last.object, first.object);
    assert.equal(last.range.start - first.range.start, changed.length - file.length);
  });

  const texts: Readonly<Record<string, string>> = {
    'a separator in a block text ends the document': 'a: |\n  text\n---\nb: 1\n',
    'an open bracket ends with its document': 'a: [1,\n---\nb: 1\n',
    'a version belongs to the document after it': '%YAML 1.2\n---\na: yes\n---\nb: 1\n',
  };
  for (const [name, of] of Object.entries(texts))
    it(name, () => assert.equal(parseDocuments(of).length, 2));
  it('a word may begin with dashes', () =>
    assert.equal(parseDocuments('a: |\n  x\n---b: 1\n').length, 1));
});

describe('fieldParts', () => {
  it('takes paths apart', () =>
    assert.deepEqual(fieldParts('a.b[0].c[x.y/z]'), ['a', 'b', '0', 'c', 'x.y/z']));
});

describe('renderStored', () => {
  it('hides the data of Secrets unless it is asked for', () => {
    const stored = JSON.stringify({
      kind: 'Secret',
      metadata: { name: 'a' },
      data: { password: 'c2VjcmV0' },
    });
    assert.match(
      renderStored('/registry/secrets/default/a', stored, { showSecrets: false }),
      /password: \(redacted\)/,
    );
    assert.match(
      renderStored('/registry/secrets/default/a', stored, { showSecrets: true }),
      /c2VjcmV0/,
    );
    assert.equal(renderStored('/x', 'plain', { showSecrets: false }), 'plain');
  });
});

describe('redactChanges', () => {
  it('leaves out what a Secret keeps, and nothing else', () =>
    assert.deepEqual(
      redactChanges([
        { path: '/data/password', after: 'c2VjcmV0' },
        { path: '/metadata/annotations', before: { a: 'b' } },
        { path: '/type', after: 'Opaque' },
      ]),
      [
        { path: '/data/password', after: '(redacted)' },
        { path: '/metadata/annotations', before: '(redacted)' },
        { path: '/type', after: 'Opaque' },
      ],
    ));
});
