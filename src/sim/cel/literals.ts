import { encodeUtf8 } from '../../base/bytes.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The text of a string literal; undefined when an escape names no character. Models cel-go parser/unescape.go. */
export function unquote(literal: string): string | undefined {
  const { body, isRaw } = bodyOf(literal);
  const text = body.replace(/\r\n?/g, '\n');
  if (isRaw) return text;
  const bad: string[] = [];
  const value = text.replace(
    /\\(?:([0-3][0-7][0-7])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))/gu,
    (_, octal?: string, hex?: string, short?: string, long?: string, char?: string) => {
      if (char !== undefined) return SIMPLE[char] ?? char;
      const code = octal
        ? Number.parseInt(octal, 8)
        : Number.parseInt(hex ?? short ?? long ?? '', 16);
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        bad.push(octal ?? hex ?? short ?? long ?? '');
        return '';
      }
      return String.fromCodePoint(code);
    },
  );
  return bad.length ? undefined : value;
}

/** The bytes of a literal without its `b`: `\x` and octal escapes are bytes, the rest UTF-8. */
export function unquoteBytes(literal: string): Uint8Array | undefined {
  const { body, isRaw } = bodyOf(literal);
  if (isRaw) return encodeUtf8(body);
  const out: number[] = [];
  for (const [part] of body.matchAll(
    /\\(?:[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^])|[^\\]+/gu,
  )) {
    const octal = /^\\([0-3][0-7][0-7])$/.exec(part)?.[1];
    const hex = /^\\[xX](..)$/.exec(part)?.[1];
    if (octal !== undefined) out.push(Number.parseInt(octal, 8));
    else if (hex !== undefined) out.push(Number.parseInt(hex, 16));
    else {
      const text = unquote(`"""${part}"""`);
      if (text === undefined) return undefined;
      out.push(...encodeUtf8(text));
    }
  }
  return Uint8Array.from(out);
}

function bodyOf(literal: string): { readonly body: string; readonly isRaw: boolean } {
  const isRaw = /^[rR]/.test(literal);
  const quoted = isRaw ? literal.slice(1) : literal;
  const width = quoted.length >= 6 && /^("""|''')/.test(quoted) ? 3 : 1;
  return { body: quoted.slice(width, -width), isRaw };
}
