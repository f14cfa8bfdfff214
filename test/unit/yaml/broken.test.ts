import assert from 'node:assert/strict';
import { parseDocuments } from '../../../src/yaml/documents.ts';

describe('YAML that cannot be read', () => {
  const head = 'apiVersion: v1\nkind: Pod\n';
  const check = (text: string, message: string): void => {
    const [document] = parseDocuments(text);
    assert.equal(document?.type === 'broken' ? document.message : document?.type, message, text);
  };

  it('says why, and throws nothing', () => {
    check('a: b: c', 'Nested mappings are not allowed in compact mappings');
    check(`${head}a: *x\n`, 'Unresolved alias (the anchor must be set before the alias): x');
    check(`${head}<<: text\n`, 'Merge sources must be maps or map aliases');
    const list = (of: string) => `[${Array.from({ length: 30 }, () => of).join(', ')}]`;
    check(
      `${head}a: &a ${list('x')}\nb: &b ${list('*a')}\nc: &c ${list('*b')}\nd: ${list('*c')}\n`,
      'Excessive alias count indicates a resource exhaustion attack',
    );
    check(`${head}a: ${'['.repeat(20_000)}\n`, 'Nested too deeply');
  });

  it('has as many aliases as people write', () => {
    const text = `${head}a: &a {b: c}\nd:\n${'  - *a\n'.repeat(500)}`;
    check(text, 'object');
  });
});
