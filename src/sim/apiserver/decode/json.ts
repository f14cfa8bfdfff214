import type { JsonObject, JsonValue } from '../../../api/meta.ts';

/** A text that is no JSON; the message is that of Go's encoding/json. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/** On an object that had a key twice: all its keys as they stood, in order. */
export const writtenKeys = Symbol('keys as written');
export type WithWrittenKeys = JsonObject & { [writtenKeys]?: readonly string[] };

/**
 * Parses JSON as Go's encoding/json does, with its messages. Of a double key the last value counts, and the object says
 * so under `writtenKeys`.
 */
export function parseJson(text: string): JsonValue {
  return new Parser(text).parse();
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const blanks = /[ \t\r\n]*/y;

const plain = /[^"\\\u0000-\u001f]*/y;

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): JsonValue {
    this.#skip();
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value');
    return value;
  }

  #skip(): void {
    blanks.lastIndex = this.#at;
    blanks.exec(this.#text);
    this.#at = blanks.lastIndex;
  }

  #value(): JsonValue {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #object(): JsonObject {
    const object: WithWrittenKeys = {};
    const keys: string[] = [];
    let isDouble = false;
    this.#at++;
    this.#skip();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return object;
    }
    for (;;) {
      if (this.#text[this.#at] !== '"')
        throw this.#unexpected('looking for beginning of object key string');
      const key = this.#string();
      this.#skip();
      if (this.#text[this.#at] !== ':') throw this.#unexpected('after object key');
      this.#at++;
      this.#skip();
      const value = this.#value();
      if (Object.hasOwn(object, key)) isDouble = true;
      keys.push(key);
      if (key === '__proto__')
        Object.defineProperty(object, key, {
          value,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      else object[key] = value;
      this.#skip();
      const next = this.#text[this.#at];
      if (next === '}') break;
      if (next !== ',') throw this.#unexpected('after object key:value pair');
      this.#at++;
      this.#skip();
    }
    this.#at++;
    if (isDouble) Object.defineProperty(object, writtenKeys, { value: keys, enumerable: false });
    return object;
  }

  #array(): JsonValue[] {
    const array: JsonValue[] = [];
    this.#at++;
    this.#skip();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return array;
    }
    for (;;) {
      array.push(this.#value());
      this.#skip();
      const next = this.#text[this.#at];
      if (next === ']') break;
      if (next !== ',') throw this.#unexpected('after array element');
      this.#at++;
      this.#skip();
    }
    this.#at++;
    return array;
  }

  #string(): string {
    const start = ++this.#at;
    plain.lastIndex = start;
    plain.exec(this.#text);
    this.#at = plain.lastIndex;
    if (this.#text[this.#at] === '"') return this.#text.slice(start, this.#at++);
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) throw new JsonSyntaxError('unexpected end of JSON input');
      if (char === '"') break;
      if (char < ' ') throw this.#unexpected('in string literal');
      if (char === '\\') this.#escape();
      else this.#at++;
    }
    this.#at++;
    // Go reads half a character as the sign for what is none.
    return (JSON.parse(this.#text.slice(start - 1, this.#at)) as string).toWellFormed();
  }

  #escape(): void {
    this.#at++;
    const char = this.#text[this.#at];
    if (char === undefined) throw new JsonSyntaxError('unexpected end of JSON input');
    if (!'"\\/bfnrtu'.includes(char)) throw this.#unexpected('in string escape code');
    this.#at++;
    if (char !== 'u') return;
    for (let digits = 0; digits < 4; digits++, this.#at++) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? ''))
        throw this.#unexpected('in \\u hexadecimal character escape');
    }
  }

  #literal<T extends JsonValue>(word: string, value: T): T {
    for (let i = 1; i < word.length; i++) {
      if (this.#text[this.#at + i] === word[i]) continue;
      this.#at += i;
      throw this.#unexpected(`in literal ${word} (expecting ${quoted(word.charAt(i))})`);
    }
    this.#at += word.length;
    return value;
  }

  #number(): number {
    number.lastIndex = this.#at;
    const match = number.exec(this.#text);
    if (!match) {
      if (this.#text[this.#at] !== '-') throw this.#unexpected('looking for beginning of value');
      this.#at++;
      throw this.#unexpected('in numeric literal');
    }
    this.#at = number.lastIndex;
    return Number(match[0]);
  }

  #unexpected(where: string): JsonSyntaxError {
    const char = this.#text[this.#at];
    if (char === undefined) return new JsonSyntaxError('unexpected end of JSON input');
    return new JsonSyntaxError(
      `invalid character ${quoted(String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0))} ${where}`,
    );
  }
}

/** Go's quoteChar. */
function quoted(char: string): string {
  if (char === "'") return `'\\''`;
  if (char === '"') return `'"'`;
  if (char === '\n') return `'\\n'`;
  if (char === '\t') return `'\\t'`;
  if (char === '\r') return `'\\r'`;
  const code = char.codePointAt(0) ?? 0;
  return code < 0x20 || code === 0x7f ? `'\\x${code.toString(16).padStart(2, '0')}'` : `'${char}'`;
}
