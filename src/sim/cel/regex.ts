// RE2 patterns, as Go's regexp reads them, on JavaScript's engine.

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

const cache = new Map<string, RegExp | string>();

/** The pattern as a RegExp, or Go's words about what is wrong with it. */
export function compileRegex(pattern: string): RegExp | string {
  let compiled = cache.get(pattern);
  if (compiled === undefined) {
    compiled = translate(pattern);
    if (cache.size > 1000) cache.clear();
    cache.set(pattern, compiled);
  }
  return compiled;
}

class Unsupported extends Error {}

function translate(pattern: string): RegExp | string {
  try {
    const translator = new Translator(pattern);
    return new RegExp(translator.translate(), `u${translator.flags}`);
  } catch (error) {
    if (error instanceof Unsupported) return error.message;
    if (error instanceof SyntaxError) return wordsOf(pattern, error.message);
    throw error;
  }
}

/** The parser of Go names what it stumbles over; ours only says what sort of problem it is. */
function wordsOf(pattern: string, message: string): string {
  const found = (expression: RegExp): string => expression.exec(pattern)?.[0] ?? pattern;
  const what = /range out of order/i.test(message)
    ? `invalid character class range: \`${found(/[^[\]]-[^[\]]/)}\``
    : /numbers out of order/i.test(message)
      ? `invalid repeat count: \`${found(/\{\d+,\d*\}/)}\``
      : /character class/i.test(message)
        ? `missing closing ]: \`${pattern.slice(pattern.lastIndexOf('['))}\``
        : /unterminated group|missing \)/i.test(message)
          ? `missing closing ): \`${pattern}\``
          : /unmatched '\)'/i.test(message)
            ? `unexpected ): \`${pattern}\``
            : /property name/i.test(message)
              ? `invalid character class range: \`${found(/\\[pP](\{[^}]*\}|.)/)}\``
              : /capture group name/i.test(message)
                ? `invalid named capture: \`${found(/\(\?P?<[^>]*>?/)}\``
                : /nothing to repeat/i.test(message)
                  ? repetition(pattern)
                  : `invalid escape sequence: \`${found(/\\./)}\``;
  return `error parsing regexp: ${what}`;
}

function repetition(pattern: string): string {
  const nested = /[*+?]{2,}|\}[*+]/.exec(pattern)?.[0];
  return nested !== undefined && !/^[*+?]/.test(pattern)
    ? `invalid nested repetition operator: \`${nested}\``
    : `missing argument to repetition operator: \`${/[*+?{]/.exec(pattern)?.[0] ?? ''}\``;
}

class Translator {
  readonly #pattern: string;
  #at = 0;
  flags = '';

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  translate(): string {
    const leading = /^\(\?([imsU]+)\)/.exec(this.#pattern);
    if (leading) {
      this.#at = leading[0].length;
      this.flags = [...new Set(leading[1])].filter((flag) => flag !== 'U').join('');
    }
    let out = '';
    while (this.#at < this.#pattern.length) out += this.#piece();
    return out;
  }

  #piece(): string {
    const rest = this.#pattern.slice(this.#at);
    const first = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    if (first === '\\') return this.#escape(false);
    if (first === '[') return this.#class();
    if (first === '(') return this.#group(rest);
    this.#at += first.length;
    if (first === '$' && !this.flags.includes('m')) return '$(?![^])';
    const [count, low, high] = /^\{(\d+)(?:,(\d*))?\}/.exec(rest) ?? [];
    if (count !== undefined && (Number(low) > 1000 || Number(high ?? 0) > 1000))
      throw new Unsupported(`error parsing regexp: invalid repeat count: \`${count}\``);
    if (first === '{' && !/^\{\d+(,\d*)?\}/.test(rest)) return '\\{';
    if (first === '}' && !/\{\d+(,\d*)?$/.test(this.#pattern.slice(0, this.#at - 1))) return '\\}';
    return first === ']' ? '\\]' : first;
  }

  #group(rest: string): string {
    const named = /^\(\?P?<([A-Za-z_]\w*)>/.exec(rest);
    if (named) {
      this.#at += named[0].length;
      return `(?<${named[1] ?? ''}>`;
    }
    const flagged = /^\(\?([imsU]*)(?:-([imsU]+))?:/.exec(rest);
    if (flagged) {
      this.#at += flagged[0].length;
      const on = (flagged[1] ?? '').replace('U', '');
      const off = (flagged[2] ?? '').replace('U', '');
      return on || off ? `(?${on}${off ? `-${off}` : ''}:` : '(?:';
    }
    if (/^\(\?P?<(?![=!])/.test(rest))
      throw new Unsupported(
        `error parsing regexp: invalid named capture: \`${/^\(\?P?<[^>]*>?/.exec(rest)?.[0] ?? ''}\``,
      );
    if (rest.startsWith('(?'))
      throw new Unsupported(
        `error parsing regexp: invalid or unsupported Perl syntax: \`${rest.slice(0, rest.startsWith('(?<') ? 4 : 3)}\``,
      );
    this.#at++;
    return '(';
  }

  #escape(inClass: boolean): string {
    const rest = this.#pattern.slice(this.#at);
    const next = rest.charAt(1);
    if (!next)
      throw new Unsupported('error parsing regexp: trailing backslash at end of expression: ``');
    if (next === 'Q') return this.#quoted(rest);
    const long = /^\\x\{([0-9A-Fa-f]+)\}/.exec(rest);
    const unicode = /^\\[pP](?:\{\^?\w+\}|[A-Z])/.exec(rest);
    const octal = /^\\0[0-7]{0,2}|^\\[1-7][0-7]{1,2}/.exec(rest);
    if (long ?? octal) {
      const text = (long ?? octal)?.[0] ?? '';
      this.#at += text.length;
      const code = long ? Number.parseInt(long[1] ?? '', 16) : Number.parseInt(text.slice(1), 8);
      return `\\u{${code.toString(16)}}`;
    }
    if (unicode) {
      this.#at += unicode[0].length;
      return this.#unicode(unicode[0]);
    }
    this.#at += 2;
    if (/[1-9]/.test(next) || (/[A-Za-z]/.test(next) && !/[AzbBdDsSwWafnrtvx]/.test(next)))
      throw new Unsupported(`error parsing regexp: invalid escape sequence: \`\\${next}\``);
    if (next === 'a') return '\\x07';
    if (inClass) return /[bBAz]/.test(next) ? '' : this.#plain(next);
    if (next === 'A') return '(?<![^])';
    return next === 'z' ? '(?![^])' : this.#plain(next);
  }

  #plain(next: string): string {
    if (/[bBdDsSwWfnrtvx]/.test(next)) return next === 's' ? '[\\t\\n\\f\\r ]' : `\\${next}`;
    return /[\^$\\.*+?()[\]{}|/-]/.test(next) ? `\\${next}` : next;
  }

  #unicode(text: string): string {
    const isNegated = text.startsWith('\\P') !== text.includes('^');
    const name = text.replace(/^\\[pP]\{?\^?/, '').replace('}', '');
    const isCategory = name.length <= 2;
    return `\\${isNegated ? 'P' : 'p'}{${isCategory ? name : `Script=${name}`}}`;
  }

  #quoted(rest: string): string {
    const end = rest.indexOf('\\E');
    const body = rest.slice(2, end < 0 ? undefined : end);
    this.#at += end < 0 ? rest.length : end + 2;
    return body.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&');
  }

  #class(): string {
    const start = this.#at;
    this.#at++;
    let out = '[';
    if (this.#pattern.charAt(this.#at) === '^') {
      out += '^';
      this.#at++;
    }
    for (let first = true; ; first = false) {
      const char = this.#pattern.charAt(this.#at);
      if (!char)
        throw new Unsupported(
          `error parsing regexp: missing closing ]: \`${this.#pattern.slice(start)}\``,
        );
      if (char === ']' && !first) {
        this.#at++;
        return `${out}]`;
      }
      out += this.#classPart(char);
    }
  }

  #classPart(char: string): string {
    const rest = this.#pattern.slice(this.#at);
    const posix = /^\[:(\^?)(\w+):\]/.exec(rest);
    if (posix) {
      const set = POSIX[posix[2] ?? ''];
      if (set === undefined || posix[1])
        throw new Unsupported(
          `error parsing regexp: invalid character class range: \`${posix[0]}\``,
        );
      this.#at += posix[0].length;
      return set;
    }
    if (char === '\\') {
      const escaped = this.#escape(true);
      return escaped === '[\\t\\n\\f\\r ]' ? '\\t\\n\\f\\r ' : escaped;
    }
    const point = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    this.#at += point.length;
    return /[[\]/]/.test(point) ? `\\${point}` : point;
  }
}
