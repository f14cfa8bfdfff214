import type { Issue } from './ast.ts';

export type TokenKind =
  'end' | 'symbol' | 'identifier' | 'escaped' | 'int' | 'uint' | 'float' | 'string' | 'bytes';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** In code points. */
  readonly offset: number;
}

const SYMBOLS = [
  '==', '!=', '<=', '>=', '&&', '||', '<', '>', '[', ']', '{', '}', '(', ')', '.', ',', '-', '!', '?', ':', '+', '*', '/', '%',
]; // prettier-ignore
const WORDS = new Set(['in', 'true', 'false', 'null']);

const SPACE = /[\t \r\n\f]+/uy;
const COMMENT = /\/\/[^\n]*/uy;
const FLOAT = /\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?/uy;
const UINT = /(?:0x[0-9a-fA-F]+|\d+)[uU]/uy;
const INT = /0x[0-9a-fA-F]+|\d+/uy;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/uy;
const ESCAPED = /`[A-Za-z0-9_.\-/ ]+`/uy;

const ESCAPE =
  String.raw`\\(?:[abfnrtv"'\\?` +
  '`' +
  String.raw`]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`;
const QUOTED = [
  String.raw`[rR]"""[^]*?"""`,
  String.raw`[rR]'''[^]*?'''`,
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
  `"""(?:${ESCAPE}|[^\\\\])*?"""`,
  `'''(?:${ESCAPE}|[^\\\\])*?'''`,
  `"(?:${ESCAPE}|[^\\\\"\\n\\r])*"`,
  `'(?:${ESCAPE}|[^\\\\'\\n\\r])*'`,
].join('|');
const STRING = new RegExp(QUOTED, 'uy');
const BYTES = new RegExp(`[bB](?:${QUOTED})`, 'uy');
/** As much as may begin a string that does not end well. */
const BROKEN = [
  new RegExp(`[bB]?"""(?:${ESCAPE}|[^\\\\])*`, 'uy'),
  new RegExp(`[bB]?'''(?:${ESCAPE}|[^\\\\])*`, 'uy'),
  new RegExp(`[bB]?"(?:${ESCAPE}|[^\\\\"\\n\\r])*`, 'uy'),
  new RegExp(`[bB]?'(?:${ESCAPE}|[^\\\\'\\n\\r])*`, 'uy'),
];

/** Cuts a text into tokens; what is none is reported in the words of the real lexer. Models cel-go parser/gen/CEL.g4. */
export function tokenize(source: string, issues: Issue[]): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let offset = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const advance = (text: string): void => {
    at += text.length;
    offset += Array.from(text).length;
  };
  const push = (kind: TokenKind, text: string): void => {
    tokens.push({ kind, text, offset });
    advance(text);
  };
  while (at < source.length) {
    const skipped = match(SPACE) ?? match(COMMENT);
    if (skipped !== undefined) {
      advance(skipped);
      continue;
    }
    const token = longest([
      ['float', match(FLOAT)],
      ['uint', match(UINT)],
      ['int', match(INT)],
      ['bytes', match(BYTES)],
      ['string', match(STRING)],
      ['identifier', match(IDENTIFIER)],
      ['escaped', match(ESCAPED)],
      ['symbol', SYMBOLS.find((symbol) => source.startsWith(symbol, at))],
    ]);
    if (token) {
      const [kind, text] = token;
      push(WORDS.has(text) ? 'symbol' : kind, text);
      continue;
    }
    const bad = unreadable(source, at);
    const shown = bad.replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
    issues.push({ offset, message: `Syntax error: token recognition error at: '${shown}'` });
    advance(bad);
  }
  tokens.push({ kind: 'end', text: '<EOF>', offset });
  return tokens;
}

function longest(
  candidates: readonly (readonly [TokenKind, string | undefined])[],
): readonly [TokenKind, string] | undefined {
  let best: readonly [TokenKind, string] | undefined;
  for (const [kind, text] of candidates)
    if (text !== undefined && text.length > (best?.[1].length ?? 0)) best = [kind, text];
  return best;
}

/** What was read in vain, with the character at which the real lexer gave up. */
function unreadable(source: string, at: number): string {
  const charAt = (index: number): string => String.fromCodePoint(source.codePointAt(index) ?? 0);
  for (const pattern of BROKEN) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text === undefined) continue;
    let end = at + text.length;
    // A backslash that begins no escape: the character after it is the one that does not fit.
    if (source.charAt(end) === '\\') end = escapeEnd(source, end);
    return source.slice(at, end < source.length ? end + charAt(end).length : end);
  }
  const first = charAt(at);
  const mayGoOn = first === '&' || first === '|' || first === '=';
  const next = at + first.length;
  return mayGoOn && next < source.length ? first + charAt(next) : first;
}

function escapeEnd(source: string, at: number): number {
  const kind = source.charAt(at + 1);
  const digits = { x: 2, X: 2, u: 4, U: 8 }[kind];
  let end = at + 1;
  if (digits === undefined) return /[0-3]/.test(kind) ? octalEnd(source, end) : end;
  for (let count = 0; count <= digits; count++) {
    end++;
    if (!/[0-9a-fA-F]/.test(source.charAt(end))) return end;
  }
  return end;
}

function octalEnd(source: string, at: number): number {
  let end = at;
  while (/[0-7]/.test(source.charAt(end))) end++;
  return end;
}
