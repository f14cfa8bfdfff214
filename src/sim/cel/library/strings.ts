import { method, overload, type Overload } from '../environment.ts';
import * as t from '../types.ts';
import type { CelList } from '../values.ts';
import { ArrayList, CelError, sizeOf, textOfKey, type CelValue } from '../values.ts';
import { format } from '../format.ts';
import { perCharacter } from './standard.ts';

// Texts. Models cel-go ext/strings.go, version 2.

const points = (text: CelValue | undefined): string[] => Array.from(text as string);
const outOfRange = (index: number): CelError => new CelError(`index out of range: ${index}`);
const numberOf = (value: CelValue | undefined): number => Number(value);

function indexOf(text: string[], part: string[], from: number): CelValue {
  if (!part.length) return BigInt(from);
  if (from < 0) return outOfRange(from);
  for (let at = from; at + part.length <= text.length; at++)
    if (part.every((char, index) => char === text[at + index])) return BigInt(at);
  return -1n;
}

function lastIndexOf(text: string[], part: string[], from?: number): CelValue {
  if (!part.length) return BigInt(from ?? text.length);
  if (from !== undefined && from < 0) return outOfRange(from);
  if (from !== undefined && from >= text.length) return -1n;
  const start = Math.min(from ?? text.length, text.length - part.length);
  for (let at = start; at >= 0; at--)
    if (part.every((char, index) => char === text[at + index])) return BigInt(at);
  return -1n;
}

function substring(text: string[], start: number, end: number): CelValue {
  if (start > end) return new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0 || start > text.length) return outOfRange(start);
  if (end < 0 || end > text.length) return outOfRange(end);
  return text.slice(start, end).join('');
}

/** At most `count` replacements; all when it is negative. An empty text is found before every character. */
function replace(text: string, old: string, wanted: string, count: number): string {
  const parts = split(text, old);
  if (old === '') {
    const all = ['', ...parts, ''];
    const cuts = count < 0 ? all.length - 1 : Math.min(count, all.length - 1);
    return all.map((part, at) => part + (at < cuts ? wanted : '')).join('');
  }
  const cuts = count < 0 ? parts.length - 1 : Math.min(count, parts.length - 1);
  return parts
    .map((part, at) => part + (at < cuts ? wanted : at < parts.length - 1 ? old : ''))
    .join('');
}

const split = (text: string, separator: string): string[] =>
  separator === '' ? Array.from(text) : text.split(separator);

function splitN(text: string, separator: string, count: number): string[] {
  if (count === 0) return [];
  const parts = split(text, separator);
  if (count < 0 || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function join(list: CelList, separator: string): CelValue {
  const texts: string[] = [];
  for (const item of list) {
    if (typeof item !== 'string') return new CelError(`join: invalid input: ${textOfKey(item)}`);
    texts.push(item);
  }
  return texts.join(separator);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};
const quote = (text: string): string =>
  `"${Array.from(text, (char) => ESCAPES[char] ?? char).join('')}"`;

const ofText = ([text = null]: readonly CelValue[]): number => perCharacter(text);
const twice = ([text = null]: readonly CelValue[]): number => Math.ceil(sizeOf(text) * 0.2);
const ofJoined = (_: readonly CelValue[], result: CelValue): number =>
  Math.ceil(sizeOf(result) * 0.2);
const ascii = (text: string, change: (char: string) => string): string =>
  text.replace(/[A-Za-z]/g, change);

const texts = t.list(t.string);

export const strings: Readonly<Record<string, readonly Overload[]>> = {
  charAt: [
    method('string_char_at_int', [t.string, t.int], t.string, (text, index) => {
      const chars = points(text);
      const at = numberOf(index);
      return at < 0 || at > chars.length ? outOfRange(at) : (chars[at] ?? '');
    }),
  ],
  indexOf: [
    method('string_index_of_string', [t.string, t.string], t.int, (a, b) => indexOf(points(a), points(b), 0), ofText),
    method('string_index_of_string_int', [t.string, t.string, t.int], t.int, (a, b, from) => indexOf(points(a), points(b), numberOf(from)), ofText),
  ],
  lastIndexOf: [
    method('string_last_index_of_string', [t.string, t.string], t.int, (a, b) => lastIndexOf(points(a), points(b)), ofText),
    method('string_last_index_of_string_int', [t.string, t.string, t.int], t.int, (a, b, from) => lastIndexOf(points(a), points(b), numberOf(from)), ofText),
  ],
  lowerAscii: [method('string_lower_ascii', [t.string], t.string, (text) => ascii(text as string, (char) => char.toLowerCase()), ofText)],
  upperAscii: [method('string_upper_ascii', [t.string], t.string, (text) => ascii(text as string, (char) => char.toUpperCase()), ofText)],
  replace: [
    method('string_replace_string_string', [t.string, t.string, t.string], t.string, (a, b, c) => replace(a as string, b as string, c as string, -1), twice),
    method('string_replace_string_string_int', [t.string, t.string, t.string, t.int], t.string, (a, b, c, n) => replace(a as string, b as string, c as string, numberOf(n)), twice),
  ],
  split: [
    method('string_split_string', [t.string, t.string], texts, (a, b) => new ArrayList(split(a as string, b as string)), twice),
    method('string_split_string_int', [t.string, t.string, t.int], texts, (a, b, n) => new ArrayList(splitN(a as string, b as string, numberOf(n))), twice),
  ],
  substring: [
    method('string_substring_int', [t.string, t.int], t.string, (text, start) => {
      const chars = points(text);
      const from = numberOf(start);
      return from < 0 || from > chars.length ? outOfRange(from) : chars.slice(from).join('');
    }, ofText),
    method('string_substring_int_int', [t.string, t.int, t.int], t.string, (text, start, end) => substring(points(text), numberOf(start), numberOf(end)), ofText),
  ],
  trim: [method('string_trim', [t.string], t.string, (text) => (text as string).replace(/^[\s\u0085]+|[\s\u0085]+$/g, ''), ofText)],
  format: [method('string_format', [t.string, t.list(t.dyn)], t.string, (text, args) => format(text as string, [...(args as CelList)]), ofText)],
  'strings.quote': [overload('strings_quote', [t.string], t.string, (text) => quote(text as string), ofText)],
  join: [
    method('list_join', [texts], t.string, (list) => join(list as CelList, ''), ofJoined),
    method('list_join_string', [texts, t.string], t.string, (list, separator) => join(list as CelList, separator as string), ofJoined),
  ],
}; // prettier-ignore
