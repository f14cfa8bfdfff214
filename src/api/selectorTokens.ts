export type TokenType =
  'identifier' | 'end' | 'error' | ')' | ',' | '!' | '==' | '=' | '>' | '<' | '!=' | '(';

export interface Token {
  /** What it is where a name or a value may stand: `in` and `notin` are identifiers there. */
  readonly type: TokenType;
  /** What it is where an operator may stand. */
  readonly raw: TokenType | 'in' | 'notin';
  readonly text: string;
}

const SYMBOLS = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '(']);

/** The tokens of a label selector, the end last. Models k8s.io/apimachinery/pkg/labels Lexer. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (/\s/.test(char)) at++;
    else if (/[=!(),<>]/.test(char)) {
      const run = /^[=!(),<>]+/.exec(text.slice(at))?.[0] ?? char;
      const symbol = longestSymbol(run);
      if (symbol) {
        tokens.push({ type: symbol, raw: symbol, text: symbol });
        at += symbol.length;
      } else {
        tokens.push({
          type: 'error',
          raw: 'error',
          text: `error expected: keyword found '${run}'`,
        });
        at += run.length;
      }
    } else {
      const word = /^[^=!(),<>\s]+/.exec(text.slice(at))?.[0] ?? char;
      const raw = word === 'in' || word === 'notin' ? word : 'identifier';
      tokens.push({ type: 'identifier', raw, text: word });
      at += word.length;
    }
  }
  tokens.push({ type: 'end', raw: 'end', text: '' });
  return tokens;
}

function longestSymbol(
  run: string,
): Exclude<TokenType, 'identifier' | 'end' | 'error'> | undefined {
  for (const length of [2, 1]) {
    const symbol = run.slice(0, length);
    if (symbol.length === length && SYMBOLS.has(symbol))
      return symbol as Exclude<TokenType, 'identifier' | 'end' | 'error'>;
  }
  return undefined;
}
