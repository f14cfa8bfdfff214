import type { Random } from '../../src/base/random.ts';
import { pick } from './mutateJson.ts';

const oddLines = [
  '\t',
  '---',
  '...',
  '%YAML 1.2',
  '<<: *a',
  'a: &a {b: *a}',
  '? [x]',
  '? ',
  '- ',
  '? {a: b}\n: c',
  '"": ""',
  '1: 2',
  'null: null',
  'true: false',
  '2001-01-01: x',
  '*a',
  '&a',
  '!!binary aGk=',
  '!!set {a, b}',
  '!<tag:x> y',
  '!!python/object:x {}',
  '{{ .Values.x }}',
  '# comment',
  'a: |',
  'a: >-',
  "a: 'it''s'",
  'a: "\\x41\\u0000"',
  'kind: Pod',
  'apiVersion: v1',
  'metadata:',
  'metadata: null',
  'spec: {}',
  'items: [{}]',
  ']',
  '}',
  '[',
  '{',
  '"',
  "'",
];
const oddScalars = [
  '~',
  '0o17',
  '017',
  '0b1',
  '0x1F',
  '1_000',
  '1e3',
  '.inf',
  '-.INF',
  '.nan',
  'yes',
  'off',
  '1:30',
  '190:20:30',
  '2001-12-14t21:59:43.10-05:00',
  '9223372036854775808',
  '18446744073709551616',
  '1.0',
  '+1',
  '-0',
  '=',
  '<<',
  '!!str 1',
  '!!float 1',
  '!!null x',
  '&b b',
  '*b',
  '| x',
  '@a',
  '`a',
  '%a',
  '"\\q"',
];

/** Changes a YAML text in one way, as people and machines break YAML. */
export function mutateText(text: string, random: Random): string {
  const lines = text.split('\n');
  const at = random.below(lines.length);
  const line = lines[at] ?? '';
  const indent = /^ */.exec(line)?.[0] ?? '';
  switch (random.below(14)) {
    case 0:
      lines.splice(at, 0, line);
      break;
    case 1:
      lines.splice(at, 0, indent + pick(random, oddLines));
      break;
    case 2:
      lines[at] = line.replace(/: .*$/, `: ${pick(random, oddScalars)}`);
      break;
    case 3:
      lines[at] = line.replace(/^ +/, (spaces) =>
        random.below(2) ? spaces.slice(1) : `${spaces} `,
      );
      break;
    case 4:
      lines[at] = line.replace(/^ +/, '\t');
      break;
    case 5:
      lines.splice(at, 1 + random.below(3));
      break;
    case 6:
      return (
        pick(random, ['\ufeff', '\r\n', '---\n', '%TAG ! x\n---\n', '# only\n---\n'] as const) +
        text
      );
    case 7:
      return text.replaceAll('\n', pick(random, ['\r\n', '\r', '\n\n'] as const));
    case 8: {
      const where = random.below(text.length + 1);
      return (
        text.slice(0, where) +
        String.fromCharCode(random.below(random.below(2) ? 128 : 65_536)) +
        text.slice(where)
      );
    }
    case 9:
      return `${text}\n---\n${text}`;
    case 10:
      lines[at] =
        `${line} ${pick(random, ['[', '{a: ', '"', '- ', '&a '] as const).repeat(pick(random, [1, 3, 40, 500] as const))}`;
      break;
    case 11: {
      const value =
        'a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d]\nf: [*e, *e, *e, *e, *e, *e, *e]\n';
      return value + text;
    }
    case 12:
      lines[at] = line.replace(/: (.*)$/, (_, value: string) => `: &a ${value}`);
      lines.push(`zz: *a`);
      break;
    default:
      return text.slice(0, random.below(text.length + 1));
  }
  return lines.join('\n');
}
