import assert from 'node:assert/strict';
import { inFormat } from '../../../../src/host/cli/dryRunFormats.ts';
import { SourceFile } from '../../../../src/host/cli/dryRunInput.ts';
import type { Finding, Judged } from '../../../../src/host/cli/dryRunReport.ts';

const file = new SourceFile('dir one/a,b.yaml', 'a: 1\nb: 2\n');
const at = { start: 0, end: 1 };

const finding = (more: Partial<Finding>): Finding => ({
  file,
  start: { line: 2, column: 4 },
  end: { line: 2, column: 5 },
  severity: 'error',
  message: 'spec.x: wrong',
  rule: 'validation',
  ...more,
});

const judged = (...findings: Finding[]): Judged[] => [
  {
    document: { type: 'broken', file, at, message: '' },
    outcome: findings.some(({ severity }) => severity === 'error') ? 'rejected' : 'created',
    findings,
  },
];

const remedy = { text: 'This Role would:', yaml: 'a: 1\n---\nb: 2\n' };

describe('reports of dry-run', () => {
  it('as text, in the form of compilers', () => {
    const check = (it: Finding, expected: string): void =>
      assert.equal(inFormat.text(judged(it), '1').split('\n').slice(0, -1).join('\n'), expected);
    check(finding({}), 'dir one/a,b.yaml:2:4: error: spec.x: wrong [validation]');
    check(
      finding({ severity: 'warning', rule: 'validatingAdmission/PodSecurity', message: 'a\nb\n' }),
      'dir one/a,b.yaml:2:4: warning: a\n    b [validatingAdmission PodSecurity]',
    );
    check(
      finding({ remedy }),
      'dir one/a,b.yaml:2:4: error: spec.x: wrong [validation]\n  This Role would:\n    a: 1\n    ---\n    b: 2',
    );
  });

  it('end with a summary', () => {
    const check = (list: Judged[], expected: string): void =>
      assert.equal(inFormat.text(list, '1').split('\n').at(-1), expected);
    check([], 'No documents.');
    check(judged(finding({})), '1 document: 1 rejected');
    check(judged(finding({ severity: 'warning' })), '1 document: 1 created; 1 warning');
    check([...judged(finding({})), ...judged(), ...judged()], '3 documents: 2 created, 1 rejected');
  });

  it('as commands of GitHub Actions, escaped', () => {
    const check = (it: Finding, expected: string): void =>
      assert.equal(inFormat.github(judged(it), '1').split('\n')[0], expected);
    const name = 'dir one/a%2Cb.yaml';
    check(
      finding({ message: '100%\nsure: a, b' }),
      `::error file=${name},line=2,endLine=2,col=4,endColumn=5,title=validation::100%25%0Asure: a, b`,
    );
    check(
      finding({ severity: 'note', end: { line: 3, column: 1 } }),
      `::notice file=${name},line=2,endLine=3,col=4,title=validation::spec.x: wrong`,
    );
  });

  it('as SARIF 2.1.0', () => {
    const list = judged(
      finding({}),
      finding({ severity: 'warning', rule: 'server' }),
      finding({ rule: 'validation', remedy }),
    );
    const log = JSON.parse(inFormat.sarif(list, '0.1.0')) as {
      version: string;
      runs: [
        {
          tool: { driver: { rules: { id: string }[] } };
          results: {
            ruleId: string;
            ruleIndex: number;
            level: string;
            message: object;
            locations: object[];
          }[];
        },
      ];
    };
    assert.equal(log.version, '2.1.0');
    const [{ tool, results }] = log.runs;
    assert.deepEqual(
      tool.driver.rules.map(({ id }) => id),
      ['validation', 'server'],
    );
    assert.deepEqual(
      results.map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIndex, level]),
      [
        ['validation', 0, 'error'],
        ['server', 1, 'warning'],
        ['validation', 0, 'error'],
      ],
    );
    assert.deepEqual(results[2]?.message, {
      text: 'spec.x: wrong\nThis Role would:\na: 1\n---\nb: 2\n',
    });
    assert.deepEqual(results[0]?.locations, [
      {
        physicalLocation: {
          artifactLocation: { uri: 'dir%20one/a%2Cb.yaml' },
          region: { startLine: 2, startColumn: 4, endLine: 2, endColumn: 5 },
        },
      },
    ]);
  });

  it('as JSON', () => {
    const report = JSON.parse(inFormat.json(judged(finding({})), '1')) as object;
    assert.deepEqual(report, {
      accepted: false,
      summary: '1 document: 1 rejected',
      documents: [
        {
          file: file.name,
          line: 1,
          column: 1,
          outcome: 'rejected',
          findings: [
            {
              severity: 'error',
              message: 'spec.x: wrong',
              rule: 'validation',
              line: 2,
              column: 4,
              endLine: 2,
              endColumn: 5,
            },
          ],
        },
      ],
    });
  });
});
