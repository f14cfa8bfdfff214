import type { Expr, Issue, ListLiteral, MapEntry, StructField } from './ast.ts';
import { tokenize, type Token } from './lexer.ts';
import { unquote, unquoteBytes } from './literals.ts';
import { macros } from './macros.ts';
import { Uint } from './values.ts';

const RESERVED = new Set([
  'as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop', 'package',
  'namespace', 'null', 'return', 'true', 'var', 'void', 'while',
]); // prettier-ignore

const OPERAND =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const MAX_DEPTH = 250;
const MAX_CODE_POINTS = 100_000;

const BINARY: readonly (readonly string[])[] = [
  ['<', '<=', '>=', '>', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** An expression as a tree, or what is wrong about its text. Models cel-go parser/parser.go. */
export function parse(source: string): { readonly expr: Expr; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const size = Array.from(source).length;
  if (size > MAX_CODE_POINTS) {
    const message = `expression code point size exceeds limit: size: ${size}, limit ${MAX_CODE_POINTS}`;
    return { expr: { kind: 'missing', offset: -1 }, issues: [{ offset: -1, message }] };
  }
  const parser = new Parser(tokenize(source, issues), issues);
  try {
    return { expr: parser.parse(), issues };
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    issues.push({ offset: -1, message: `expression recursion limit exceeded: ${MAX_DEPTH}` });
    return { expr: { kind: 'missing', offset: 0 }, issues };
  }
}

class TooDeep extends Error {}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #issues: Issue[];
  #at = 0;
  #depth = 0;
  /** After an error nothing is reported until a token fits again. */
  #recovering = false;
  /** What may stand where an operand is missing, as the message lists it. */
  #expecting = OPERAND;

  constructor(tokens: readonly Token[], issues: Issue[]) {
    this.#tokens = tokens;
    this.#issues = issues;
  }

  parse(): Expr {
    const expr = this.#expression();
    const token = this.#token;
    if (token.kind !== 'end')
      this.#syntax(
        token,
        this.#peek(1).kind === 'end'
          ? `extraneous input '${token.text}' expecting <EOF>`
          : `mismatched input '${token.text}' expecting <EOF>`,
      );
    return expr;
  }

  get #token(): Token {
    return this.#peek(0);
  }

  #peek(ahead: number): Token {
    return this.#tokens[this.#at + ahead] ?? (this.#tokens.at(-1) as Token);
  }

  #is(text: string, token = this.#token): boolean {
    return token.kind === 'symbol' && token.text === text;
  }

  #next(): Token {
    const token = this.#token;
    this.#at++;
    this.#recovering = false;
    return token;
  }

  #take(text: string): Token | undefined {
    return this.#is(text) ? this.#next() : undefined;
  }

  #syntax({ offset }: Token, message: string): void {
    if (!this.#recovering) this.#issues.push({ offset, message: `Syntax error: ${message}` });
    this.#recovering = true;
  }

  #report(offset: number, message: string): Expr {
    this.#issues.push({ offset, message });
    return { kind: 'missing', offset };
  }

  /** Takes a symbol; a token too many or too few is reported and passed over. */
  #expect(text: string): void {
    if (this.#take(text)) return;
    const token = this.#token;
    if (this.#is(text, this.#peek(1))) {
      this.#syntax(token, `extraneous input '${token.text}' expecting '${text}'`);
      this.#at++;
      this.#next();
    } else if (this.#mayFollow(text, token))
      this.#syntax(token, `missing '${text}' at '${token.text}'`);
    else this.#syntax(token, `mismatched input '${token.text}' expecting '${text}'`);
  }

  /** The end of a literal, which may have one more element instead. */
  #close(text: ']' | '}'): void {
    if (this.#token.kind !== 'end') this.#expect(text);
    else this.#syntax(this.#token, `mismatched input '<EOF>' expecting {'${text}', ','}`);
  }

  /** Whether a token may stand after a closing bracket: then the bracket is what is missing. */
  #mayFollow(text: string, token: Token): boolean {
    if (text === ':') return startsOperand(token);
    return (
      token.kind === 'end' ||
      (token.kind === 'symbol' && !startsOperand(token) && token.text !== '!')
    );
  }

  #expression(): Expr {
    if (++this.#depth > MAX_DEPTH) throw new TooDeep();
    const condition = this.#logical('||', () => this.#logical('&&', () => this.#binary(0)));
    const operator = this.#take('?');
    let expr = condition;
    if (operator) {
      const yes = this.#logical('||', () => this.#logical('&&', () => this.#binary(0)));
      this.#expect(':');
      const no = this.#expression();
      expr = {
        kind: 'call',
        offset: operator.offset,
        name: '_?_:_',
        target: undefined,
        args: [condition, yes, no],
      };
    }
    this.#depth--;
    return expr;
  }

  #logical(symbol: string, operand: () => Expr): Expr {
    let left = operand();
    for (let token = this.#take(symbol); token; token = this.#take(symbol))
      left = binaryCall(token, left, operand());
    return left;
  }

  #binary(level: number): Expr {
    const operators = BINARY[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    while (this.#token.kind === 'symbol' && operators.includes(this.#token.text)) {
      const token = this.#next();
      left = binaryCall(token, left, this.#binary(level + 1));
    }
    return left;
  }

  #unary(): Expr {
    const first = this.#token;
    if (!this.#is('!') && !this.#is('-')) return this.#member();
    if (this.#is('-') && ['int', 'float'].includes(this.#peek(1).kind)) return this.#member();
    let count = 0;
    while (this.#take(first.text)) count++;
    const after = this.#token;
    if (after.kind === 'end' && first.text === '!') {
      this.#syntax(after, `extraneous input '<EOF>' expecting ${OPERAND}`);
      return { kind: 'missing', offset: after.offset };
    }
    if (after.kind === 'end') {
      this.#syntax(after, `no viable alternative at input '${'-'.repeat(count)}'`);
      this.#recovering = false;
    }
    const operand = this.#member();
    if (count % 2 === 0) return operand;
    return {
      kind: 'call',
      offset: first.offset,
      name: first.text === '!' ? '!_' : '-_',
      target: undefined,
      args: [operand],
    };
  }

  #member(): Expr {
    let expr = this.#primary();
    let links = 0;
    for (;;) {
      if (links++ > MAX_DEPTH) throw new TooDeep();
      const dot = this.#take('.');
      if (dot) {
        const selected = this.#selected(expr, dot);
        if (!selected) return { kind: 'missing', offset: dot.offset };
        expr = selected;
        continue;
      }
      const bracket = this.#take('[');
      if (!bracket) return expr;
      const isOptional = this.#take('?') !== undefined;
      if (this.#is(']')) this.#expecting = OPERAND.replace("'!', ", "'!', '?', ");
      const index = this.#expression();
      this.#expect(']');
      expr = {
        kind: 'call',
        offset: bracket.offset,
        name: isOptional ? '_[?_]' : '_[_]',
        target: undefined,
        args: [expr, index],
      };
    }
  }

  #selected(operand: Expr, dot: Token): Expr | undefined {
    const isOptional = this.#take('?') !== undefined;
    const token = this.#token;
    if (token.kind !== 'identifier' && token.kind !== 'escaped') {
      const isWord = ['true', 'false', 'null'].includes(token.text) && token.kind === 'symbol';
      const text = token.kind === 'end' ? '' : token.text;
      this.#syntax(
        token,
        isWord
          ? `mismatched input '${text}' expecting IDENTIFIER`
          : isOptional
            ? `mismatched input '${token.text}' expecting {IDENTIFIER, ESC_IDENTIFIER}`
            : `no viable alternative at input '.${text}'`,
      );
      this.#recover();
      return undefined;
    }
    this.#next();
    const name = token.kind === 'escaped' ? token.text.slice(1, -1) : token.text;
    const open = isOptional || token.kind === 'escaped' ? undefined : this.#take('(');
    if (open) return this.#called(name, operand, this.#arguments(), open.offset);
    if (token.kind === 'escaped') this.#report(token.offset, "unsupported syntax: '`'");
    if (!isOptional)
      return { kind: 'select', offset: dot.offset, operand, field: name, isTest: false };
    const field: Expr = { kind: 'literal', offset: token.offset, value: name };
    return {
      kind: 'call',
      offset: dot.offset,
      name: '_?._',
      target: undefined,
      args: [operand, field],
    };
  }

  #arguments(): Expr[] {
    const args: Expr[] = [];
    this.#dropStray(')', OPERAND.replace("'(', ", "'(', ')', "));
    if (this.#take(')')) return args;
    do args.push(this.#expression());
    while (this.#take(','));
    this.#expect(')');
    return args;
  }

  /** Passes over one token that does not belong where operands or an end may stand. */
  #dropStray(end: string, expected: string): void {
    const token = this.#token;
    if (this.#is(end) || startsOperand(token) || token.kind === 'end') return;
    if (!this.#is(end, this.#peek(1)) && !startsOperand(this.#peek(1))) return;
    this.#syntax(token, `extraneous input '${token.text}' expecting ${expected}`);
    this.#at++;
  }

  #called(name: string, target: Expr | undefined, args: readonly Expr[], offset: number): Expr {
    const expand = macros.get(`${name}:${args.length}:${target !== undefined}`);
    const expanded = expand?.(target, args, offset);
    if (!expanded) return { kind: 'call', offset, name, target, args };
    if (!('issue' in expanded)) return expanded;
    return this.#report(expanded.issue.offset, expanded.issue.message);
  }

  #primary(): Expr {
    const token = this.#token;
    if (this.#take('(')) {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (this.#take('[')) return this.#list(token);
    if (this.#take('{')) return this.#map(token);
    const isAbsolute = this.#is('.') && this.#peek(1).kind === 'identifier';
    if (token.kind === 'identifier' || isAbsolute) return this.#named(isAbsolute);
    return this.#literal() ?? this.#unexpected();
  }

  #unexpected(): Expr {
    const token = this.#token;
    if (this.#take('.')) {
      if (this.#is('.')) this.#syntax(this.#token, "no viable alternative at input '..'");
      this.#syntax(this.#token, `mismatched input '${this.#token.text}' expecting IDENTIFIER`);
      this.#recover();
      return { kind: 'missing', offset: token.offset };
    }
    if (startsOperand(this.#peek(1)) && token.kind !== 'end') {
      this.#syntax(token, `extraneous input '${token.text}' expecting ${OPERAND}`);
      this.#at++;
      return this.#primary();
    }
    this.#syntax(token, `mismatched input '${token.text}' expecting ${this.#expecting}`);
    this.#expecting = OPERAND;
    this.#recover();
    return { kind: 'missing', offset: token.offset };
  }

  /** Passes over what cannot go on from here. */
  #recover(): void {
    const stops = [')', ']', '}', ',', ':', '?', '&&', '||', ...BINARY.flat()];
    while (
      this.#token.kind !== 'end' &&
      !(this.#token.kind === 'symbol' && stops.includes(this.#token.text))
    )
      this.#at++;
  }

  #named(isAbsolute: boolean): Expr {
    const start = isAbsolute ? this.#next() : this.#token;
    const token = this.#next();
    const names = [token.text];
    // `a.b{`: the name of a message, if a brace follows.
    let ahead = 0;
    while (this.#is('.', this.#peek(ahead)) && this.#peek(ahead + 1).kind === 'identifier')
      ahead += 2;
    if (this.#is('{', this.#peek(ahead))) {
      for (; ahead > 0; ahead -= 2) {
        this.#next();
        names.push(this.#next().text);
      }
      return this.#struct((isAbsolute ? '.' : '') + names.join('.'));
    }
    if (RESERVED.has(token.text)) {
      const open = this.#take('(');
      if (open) this.#arguments();
      return this.#report(start.offset, `reserved identifier: ${token.text}`);
    }
    const name = (isAbsolute ? '.' : '') + token.text;
    const open = this.#take('(');
    if (open) return this.#called(name, undefined, this.#arguments(), open.offset);
    return { kind: 'ident', offset: token.offset, name };
  }

  #list({ offset }: Token): Expr {
    const elements: ListLiteral['elements'][number][] = [];
    while (!this.#is(']') && this.#token.kind !== 'end') {
      if (this.#is(',') && this.#is(']', this.#peek(1))) {
        this.#next();
        break;
      }
      const isOptional = this.#take('?') !== undefined;
      elements.push({ value: this.#expression(), isOptional });
      if (!this.#take(',')) break;
    }
    this.#close(']');
    return { kind: 'list', offset, elements };
  }

  #map({ offset }: Token): Expr {
    const entries: MapEntry[] = [];
    const first = this.#token;
    if (first.kind === 'end') {
      this.#syntax(
        first,
        `mismatched input '<EOF>' expecting ${OPERAND.replace("'{', ", "'{', '}', ").replace("'.', ", "'.', ',', ").replace("'!', ", "'!', '?', ")}`,
      );
      return { kind: 'missing', offset };
    }
    while (!this.#is('}') && this.#token.kind !== 'end') {
      if (this.#is(',') && this.#is('}', this.#peek(1))) {
        this.#next();
        break;
      }
      const isOptional = this.#take('?') !== undefined;
      const key = this.#expression();
      const colon = this.#token;
      this.#expect(':');
      entries.push({ offset: colon.offset, key, value: this.#expression(), isOptional });
      if (!this.#take(',')) break;
    }
    this.#close('}');
    return { kind: 'map', offset, entries };
  }

  #struct(name: string): Expr {
    const { offset } = this.#next();
    const fields: StructField[] = [];
    while (!this.#is('}') && this.#token.kind !== 'end') {
      if (this.#is(',') && this.#is('}', this.#peek(1))) {
        this.#next();
        break;
      }
      const isOptional = this.#take('?') !== undefined;
      const token = this.#token;
      if (token.kind !== 'identifier' && token.kind !== 'escaped') {
        this.#syntax(
          token,
          `mismatched input '${token.text}' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}`,
        );
        this.#recover();
        break;
      }
      this.#next();
      if (token.kind === 'escaped') this.#report(token.offset, "unsupported syntax: '`'");
      const colon = this.#token;
      this.#expect(':');
      const field = token.kind === 'escaped' ? token.text.slice(1, -1) : token.text;
      fields.push({ offset: colon.offset, name: field, value: this.#expression(), isOptional });
      if (!this.#take(',')) break;
    }
    this.#expect('}');
    return { kind: 'struct', offset, name, fields };
  }

  #literal(): Expr | undefined {
    const token = this.#token;
    const { offset, text } = token;
    if (token.kind === 'symbol') {
      if (text === '-') return this.#negative();
      if (text !== 'true' && text !== 'false' && text !== 'null') return undefined;
      this.#next();
      return { kind: 'literal', offset, value: text === 'null' ? null : text === 'true' };
    }
    switch (token.kind) {
      case 'int':
      case 'float':
        return this.#number('', offset);
      case 'uint': {
        this.#next();
        const value = BigInt(text.slice(0, -1));
        if (value >= 1n << 64n) return this.#report(offset, 'invalid uint literal');
        return { kind: 'literal', offset, value: new Uint(value) };
      }
      case 'string': {
        this.#next();
        const value = unquote(text);
        return value === undefined
          ? this.#report(offset, 'unable to unescape string')
          : { kind: 'literal', offset, value };
      }
      case 'bytes': {
        this.#next();
        const value = unquoteBytes(text.slice(1));
        return value === undefined
          ? this.#report(offset, 'unable to unescape string')
          : { kind: 'literal', offset, value };
      }
      default:
        return undefined;
    }
  }

  #negative(): Expr | undefined {
    const { offset } = this.#token;
    if (!['int', 'float'].includes(this.#peek(1).kind)) return undefined;
    this.#next();
    return this.#number('-', offset);
  }

  #number(sign: '' | '-', offset: number): Expr {
    const { kind, text } = this.#next();
    if (kind === 'float') {
      const value = Number(sign + text);
      if (!Number.isFinite(value)) return this.#report(offset, 'invalid double literal');
      return { kind: 'literal', offset, value };
    }
    const size = BigInt(text);
    const value = sign ? -size : size;
    if (value < -(1n << 63n) || value >= 1n << 63n)
      return this.#report(offset, 'invalid int literal');
    return { kind: 'literal', offset, value };
  }
}

const binaryCall = ({ offset, text }: Token, left: Expr, right: Expr): Expr => ({
  kind: 'call',
  offset,
  name: text === 'in' ? '@in' : `_${text}_`,
  target: undefined,
  args: [left, right],
});

function startsOperand({ kind, text }: Token): boolean {
  if (kind === 'symbol')
    return ['[', '{', '(', '.', '-', '!', 'true', 'false', 'null'].includes(text);
  return kind !== 'end' && kind !== 'escaped';
}
