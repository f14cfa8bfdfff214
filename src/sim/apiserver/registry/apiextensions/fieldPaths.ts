import { additionalOf, type Schema } from './structural.ts';

export interface FoundField {
  /** `spec.color`, `spec[a b]`. */
  readonly path: string;
  /** The first name on the way. */
  readonly root: string;
  readonly schema: Schema | undefined;
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

/**
 * Follows `.spec.color` or `.spec['a b']` in a schema; a text says why it does not lead to a field.
 * Models apiextensions-apiserver/pkg/apiserver/schema/cel ValidFieldPath.
 */
export function findField(
  jsonPath: string,
  schema: Schema,
  takesArrays: boolean,
): FoundField | string {
  const tokens = tokensOf(jsonPath);
  let current: Schema | undefined = schema;
  let path = '';
  let root = '';
  let at = 0;
  const step = (name: string): string | undefined => {
    const hasProperties = current?.properties !== undefined;
    if (!hasProperties && current?.additionalProperties === undefined)
      return 'does not refer to a valid field';
    path += hasProperties ? `${path && '.'}${name}` : `[${name}]`;
    root ||= name;
    if (!hasProperties) current = additionalOf(current ?? {});
    else {
      current = current?.properties?.[name];
      if (!current) return 'does not refer to a valid field';
    }
    return undefined;
  };
  while (at < tokens.length) {
    const token = tokens[at++] ?? '';
    if (token !== '[' && token !== '.') return `expected [ or . but got: ${token}`;
    if (token === '[' && !takesArrays) return 'array notation is not allowed';
    let name = tokens[at++];
    if (name === undefined) return 'unexpected end of JSON path';
    if (token === '[') {
      const unquoted = unquote(name);
      if (unquoted.problem !== undefined) return unquoted.problem;
      name = unquoted.text;
    }
    const problem = step(name);
    if (problem) return problem;
    if (token === '.') continue;
    const end = tokens[at++];
    if (end === undefined) return 'unexpected end of JSON path';
    if (end !== ']') return `expected ] but got ${end}`;
  }
  return { path, root, schema: current };
}

/** `.`, `[`, `]`, quoted texts, and what stands between them. */
const tokensOf = (path: string): readonly string[] =>
  path.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]']+|'.*$/gs) ?? [];

function unquote(token: string): { text: string; problem?: string } {
  if (token.length < 2 || !token.startsWith("'") || !token.endsWith("'"))
    return { text: '', problem: `expected single quoted string but got ${token}` };
  let problem: string | undefined;
  const text = token.slice(1, -1).replace(/\\(.)/gs, (all, char: string) => {
    const escaped = escapes[char];
    if (escaped === undefined) problem ??= `invalid string literal: invalid escape char ${all}`;
    return escaped ?? '';
  });
  return problem === undefined ? { text } : { text, problem };
}
