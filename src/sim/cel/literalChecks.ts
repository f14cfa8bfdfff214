import type { Call, Expr, Issue } from './ast.ts';
import type { Checked } from './checker.ts';
import { clauseAt } from './format.ts';
import { compileRegex } from './regex.ts';
import { parseDuration, parseTimestamp } from './time.ts';
import { formatType, isSameType, type CelType } from './types.ts';

// What can be told of literals before anything is evaluated. Models cel-go cel/validator.go and ext/formatting.go.

export function literalIssues(expr: Expr, checked: Checked): readonly Issue[] {
  const issues: Issue[] = [];
  const calls: Call[] = [];
  visit(expr, (node) => node.kind === 'call' && calls.push(node));
  for (const [name, isRight] of RULES)
    for (const call of calls) if (call.name === name) checkLiteral(call, name, isRight, issues);
  checkAlike(expr, checked, issues);
  for (const call of calls) if (call.name === 'format') checkFormat(call, checked, issues);
  return issues;
}

const RULES: readonly (readonly [string, (text: string) => boolean])[] = [
  ['duration', (text) => parseDuration(text) !== undefined],
  ['timestamp', (text) => parseTimestamp(text) !== undefined],
  ['matches', (text) => typeof compileRegex(text) !== 'string'],
];

function checkLiteral(
  call: Call,
  name: string,
  isRight: (text: string) => boolean,
  issues: Issue[],
): void {
  const argument = name === 'matches' ? call.args.at(-1) : call.args[0];
  if (argument?.kind !== 'literal') return;
  const { value } = argument;
  const isInt = name === 'timestamp' && typeof value === 'bigint';
  if (!isInt && !(typeof value === 'string' && isRight(value)))
    issues.push({ offset: argument.offset, message: `invalid ${name} argument` });
}

/** Elements of a list, keys and values of a map are of one type each, but among the arguments of format. */
function checkAlike(expr: Expr, checked: Checked, issues: Issue[]): void {
  if (expr.kind === 'call' && expr.name === 'format') return;
  const compareWith = (first: CelType | undefined, node: Expr, isOptional: boolean): CelType => {
    const type = checked.typeOf(node);
    const own = isOptional ? (type.parameters[0] ?? type) : type;
    if (first && !isSameType(first, own))
      issues.push({
        offset: node.offset,
        message: `expected type '${formatType(first)}' but found '${formatType(own)}'`,
      });
    return first ?? own;
  };
  if (expr.kind === 'list') {
    let first: CelType | undefined;
    const before = issues.length;
    for (const { value, isOptional } of expr.elements)
      if (issues.length === before) first = compareWith(first, value, isOptional);
  }
  if (expr.kind === 'map') {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const { key, value, isOptional } of expr.entries) {
      keys = compareWith(keys, key, false);
      values = compareWith(values, value, isOptional);
    }
  }
  for (const child of childrenOf(expr)) checkAlike(child, checked, issues);
}

const ACCEPTED: Readonly<Record<string, readonly string[]>> = {
  d: ['int', 'uint'],
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: ['bool', 'int', 'uint'],
  o: ['int', 'uint'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
};
const REFUSED: Readonly<Record<string, string>> = {
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  o: 'octal clause can only be used on integers',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
};

/** `'%d'.format(['x'])`: a text and a list that are literals. */
function checkFormat(call: Call, checked: Checked, issues: Issue[]): void {
  const { target, args } = call;
  const [list] = args;
  if (target?.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list')
    return;
  const text = target.value;
  const given = list.elements.map(({ value }) => value);
  let used = 0;
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at)) {
    if (text[at + 1] === '%') {
      at += 2;
      continue;
    }
    const argument = given[used];
    const problem = (message: string, node: Expr = call): void => {
      issues.push({ offset: node.offset, message });
    };
    if (!argument) {
      problem(`index ${used} out of range`);
      return;
    }
    if (at + 1 >= text.length) {
      problem('unexpected end of string');
      return;
    }
    try {
      const { verb, end } = clauseAt(text, at + 1);
      const type = checked.typeOf(argument);
      if (!accepts(verb, type)) {
        problem(
          `error during formatting: ${REFUSED[verb] ?? ''}, was given ${type.name}`,
          argument,
        );
        return;
      }
      at = end;
    } catch (error) {
      problem((error as Error).message);
      return;
    }
    used++;
  }
  if (given.length > used)
    issues.push({
      offset: call.offset,
      message: `too many arguments supplied to string.format (expected ${used}, got ${given.length})`,
    });
}

const accepts = (verb: string, { kind }: CelType): boolean =>
  verb === 's' || kind === 'dyn' || (ACCEPTED[verb] ?? []).includes(kind);

function visit(expr: Expr, see: (node: Expr) => unknown): void {
  see(expr);
  for (const child of childrenOf(expr)) visit(child, see);
}

function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target ? [expr.target, ...expr.args] : expr.args;
    case 'list':
      return expr.elements.map(({ value }) => value);
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expr.fields.map(({ value }) => value);
    case 'comprehension':
      return [expr.range, expr.init, expr.condition, expr.step, expr.result];
    default:
      return [];
  }
}
