import type { CelValue } from './values.ts';

/** A node of a parsed expression. `offset` is where messages point: of the operator for an operation. */
export type Expr =
  | Literal
  | Ident
  | Select
  | Call
  | ListLiteral
  | MapLiteral
  | StructLiteral
  | Comprehension
  | Missing;

interface Node {
  readonly offset: number;
}
export interface Literal extends Node {
  readonly kind: 'literal';
  readonly value: CelValue;
}
export interface Ident extends Node {
  readonly kind: 'ident';
  readonly name: string;
}
export interface Select extends Node {
  readonly kind: 'select';
  readonly operand: Expr;
  readonly field: string;
  /** `has(x.y)`. */
  readonly isTest: boolean;
}
export interface Call extends Node {
  readonly kind: 'call';
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}
export interface ListLiteral extends Node {
  readonly kind: 'list';
  readonly elements: readonly { readonly value: Expr; readonly isOptional: boolean }[];
}
export interface MapEntry extends Node {
  readonly key: Expr;
  readonly value: Expr;
  readonly isOptional: boolean;
}
export interface MapLiteral extends Node {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}
export interface StructField extends Node {
  readonly name: string;
  readonly value: Expr;
  readonly isOptional: boolean;
}
export interface StructLiteral extends Node {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly StructField[];
}
/** What macros become: a fold over a list or the keys of a map. */
export interface Comprehension extends Node {
  readonly kind: 'comprehension';
  readonly range: Expr;
  readonly variable: string;
  /** For two-variable macros: the value (`variable` is the index or key). */
  readonly variable2: string | undefined;
  readonly accumulator: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}
/** What stands where the text could not be read. */
export interface Missing extends Node {
  readonly kind: 'missing';
}

/** A problem of a text, at an offset in code points. */
export interface Issue {
  readonly offset: number;
  readonly message: string;
}

/** All issues as cel-go prints them: `ERROR: <input>:1:3: … | line | ..^`. Models common/error.go ToDisplayString. */
export function issuesText(source: string, issues: readonly Issue[]): string {
  const points = Array.from(source);
  const sorted = issues.map((issue, at) => ({ ...issue, at }));
  sorted.sort((a, b) => a.offset - b.offset || a.at - b.at);
  return sorted.map((issue) => issueText(points, issue)).join('\n');
}

function issueText(points: readonly string[], { offset, message }: Issue): string {
  // An empty text has neither lines nor columns.
  if (!points.length) return `ERROR: <input>:1:0: ${message}`;
  const before = points.slice(0, Math.max(0, offset));
  const line = before.filter((char) => char === '\n').length;
  const start = before.lastIndexOf('\n') + 1;
  const end = points.indexOf('\n', start);
  const snippet = points.slice(start, end < 0 ? undefined : end);
  const column = offset < 0 ? -1 : offset - start;
  const head = `ERROR: <input>:${line + 1}:${column + 1}: ${message}`;
  const isWide = (char: string | undefined): boolean => (char?.codePointAt(0) ?? 0) > 0x7f;
  const dots = snippet
    .slice(0, Math.max(0, column))
    .map((char) => (isWide(char) ? '\uff0e' : '.'))
    .join('');
  const mark = isWide(snippet[Math.max(0, column)]) ? '\uff3e' : '^';
  return `${head}\n | ${snippet.join('').replaceAll('\t', ' ')}\n | ${dots}${mark}`;
}

/** All names that an expression refers to, in its macros, too. */
export function namesIn(expr: Expr, found: Set<string> = new Set()): Set<string> {
  const visit = (...more: readonly (Expr | undefined)[]): void => {
    for (const each of more) if (each) namesIn(each, found);
  };
  switch (expr.kind) {
    case 'ident':
      found.add(expr.name);
      break;
    case 'select':
      visit(expr.operand);
      break;
    case 'call':
      visit(expr.target, ...expr.args);
      break;
    case 'list':
      visit(...expr.elements.map(({ value }) => value));
      break;
    case 'map':
      visit(...expr.entries.flatMap(({ key, value }) => [key, value]));
      break;
    case 'struct':
      visit(...expr.fields.map(({ value }) => value));
      break;
    case 'comprehension':
      visit(expr.range, expr.init, expr.condition, expr.step, expr.result);
      break;
    default:
  }
  return found;
}
