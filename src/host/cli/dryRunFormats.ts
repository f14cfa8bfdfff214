import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Format } from './dryRunOptions.ts';
import { summaryOf, type Finding, type Judged } from './dryRunReport.ts';

/** A report in the form that was asked for, without a newline at its end. */
export const inFormat: Readonly<
  Record<Format, (judged: readonly Judged[], version: string) => string>
> = {
  text: (judged) => [...findingsOf(judged).map(textLine), summaryOf(judged)].join('\n'),
  github: (judged) => [...findingsOf(judged).map(githubLine), summaryOf(judged)].join('\n'),
  json: (judged) => JSON.stringify(jsonReport(judged), undefined, 2),
  sarif: (judged, version) => JSON.stringify(sarifLog(findingsOf(judged), version), undefined, 2),
};

const findingsOf = (judged: readonly Judged[]): Finding[] =>
  judged.flatMap(({ findings }) => findings);

/** `web.yaml:7:13: error: spec.replicas: Invalid value: -1: … [validation]`, as compilers say it. */
function textLine({ file, start, severity, message, rule, remedy }: Finding): string {
  const text = message.trimEnd().replaceAll('\n', '\n    ');
  const by = rule.replace('/', ' ');
  const line = `${file.name}:${start.line}:${start.column}: ${severity}: ${text} [${by}]`;
  if (!remedy) return line;
  const yaml = remedy.yaml.trimEnd().replace(/^(?=.)/gm, '    ');
  return `${line}\n  ${remedy.text}\n${yaml}`;
}

/** A workflow command of GitHub Actions, which shows it at the line. */
function githubLine({ file, start, end, severity, message, rule, remedy }: Finding): string {
  const command = severity === 'note' ? 'notice' : severity;
  const place = {
    file: file.name,
    line: start.line,
    endLine: end.line,
    // Columns of a place over several lines are refused.
    col: start.column,
    ...(end.line === start.line && { endColumn: end.column }),
    title: rule,
  };
  const properties = Object.entries(place).map(([name, value]) => `${name}=${property(value)}`);
  const text = remedy ? `${message}\n${remedy.text}\n${remedy.yaml}` : message;
  return `::${command} ${properties.join(',')}::${data(text.trimEnd())}`;
}

const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (value: string | number): string =>
  data(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C');

function jsonReport(judged: readonly Judged[]): object {
  return {
    accepted: judged.every(({ outcome }) => outcome !== 'rejected'),
    summary: summaryOf(judged),
    documents: judged.map(({ document, outcome, verdict, findings }) => {
      const at = document.type === 'object' ? document.head : document.at;
      return {
        file: document.file.name,
        ...document.file.positionAt(at.start),
        ...(document.type === 'object' && {
          apiVersion: document.object['apiVersion'],
          kind: document.object['kind'],
          metadata: document.object['metadata'],
        }),
        outcome,
        // The events of the run are for the editor's timeline.
        ...verdict,
        trace: undefined,
        findings: findings.map(({ start, end, severity, message, rule }) => ({
          severity,
          message,
          rule,
          line: start.line,
          column: start.column,
          endLine: end.line,
          endColumn: end.column,
        })),
      };
    }),
  };
}

/** SARIF 2.1.0, as code scanning reads it. */
function sarifLog(findings: readonly Finding[], version: string): object {
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'kubernetes-internals',
            semanticVersion: version,
            rules: rules.map((id) => ({ id, shortDescription: { text: describe(id) } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => ({
          ruleId: finding.rule,
          ruleIndex: rules.indexOf(finding.rule),
          level: finding.severity,
          message: { text: sarifText(finding) },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(finding.file.name) },
                region: {
                  startLine: finding.start.line,
                  startColumn: finding.start.column,
                  endLine: finding.end.line,
                  endColumn: finding.end.column,
                },
              },
            },
          ],
        })),
      },
    ],
  };
}

function describe(rule: string): string {
  const [stage = '', plugin] = rule.split('/');
  const known: Readonly<Record<string, string>> = {
    yaml: 'The text is not YAML.',
    skipped: 'Nothing to send to an API server.',
    server: 'The API server warns.',
    client: 'kubectl refuses before it asks the API server.',
    forecast: 'What would happen after the documents are accepted.',
  };
  return (
    known[stage] ??
    (plugin === undefined
      ? `The API server refuses in the stage ${stage}.`
      : `The admission plugin ${plugin} refuses in the stage ${stage}.`)
  );
}

const sarifText = ({ message, remedy }: Finding): string =>
  remedy ? `${message}\n${remedy.text}\n${remedy.yaml}` : message;

/** Relative to where the command runs, which is the root of a repository in CI. */
function uriOf(name: string): string {
  if (path.isAbsolute(name)) return pathToFileURL(name).href;
  const parts = path.normalize(name).split(path.sep);
  return parts.map(encodeURIComponent).join('/');
}
