import { isMap, isSeq, Lexer, parseAllDocuments, type Document } from 'yaml';
import type { JsonValue } from '../../../api/meta.ts';

/** A text that is no YAML; the message is that of the server's parser, as far as it can be told from ours. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
}

interface ParsedYaml {
  readonly value: JsonValue;
  readonly strict: string[];
}

/** Parses a YAML body as sigs.k8s.io/yaml does: YAML 1.1 scalars, merge keys, and double keys told apart. */
export function parseYaml(source: string): ParsedYaml {
  try {
    return parse(source);
  } catch (error) {
    // The stack of this machine is less deep than Go's.
    if (error instanceof RangeError) throw new YamlError('yaml: exceeded max depth of 10000');
    throw error;
  }
}

/** No manifest nests deeper; with aliases, the library takes seconds for what does. */
const deepest = 250;

/** A stack that overflows takes its time: what nests too deeply is told before. */
function refuseDepth(source: string): void {
  let depth = 0;
  for (const lexeme of new Lexer().lex(source)) {
    if (lexeme === '[' || lexeme === '{') depth++;
    else if (lexeme === ']' || lexeme === '}') depth--;
    if (depth > deepest) throw new YamlError('yaml: exceeded max depth of 10000');
  }
}

/** The same of collections in block style, whose depth shows only when they are parsed. */
function isTooDeep(node: unknown, depth: number): boolean {
  if (depth > deepest) return true;
  if (isSeq(node)) return node.items.some((item) => isTooDeep(item, depth + 1));
  return isMap(node) && node.items.some(({ value }) => isTooDeep(value, depth + 1));
}

function parse(source: string): ParsedYaml {
  if (source.split(/[[{]/, deepest + 2).length > deepest) refuseDepth(source);
  // Of several documents the first one counts.
  const [document] = parseAllDocuments(source, {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    stringKeys: false,
    logLevel: 'error',
    // The place is found below, for one error: to dress up thousands takes seconds.
    prettyErrors: false,
  }) as Document[];
  if (!document) return { value: null, strict: [] };
  const [problem] = document.errors;
  if (problem)
    throw new YamlError(
      `yaml: line ${source.slice(0, problem.pos[0]).split('\n').length}: ${wordsOf(problem.code, problem.message)}`,
    );
  if (isTooDeep(document.contents, 0)) throw new YamlError('yaml: exceeded max depth of 10000');
  const value = resolved(document);
  return { value: plain(value), strict: doubleKeys(document, source) };
}

/** So many nodes may come of aliases; Go's parser weighs them, with more leave for large documents. */
const maxAliasCount = 10_000;

function resolved(document: Document): unknown {
  try {
    return document.toJS({ mapAsMap: false, maxAliasCount });
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    if (text.startsWith('Merge sources'))
      throw new YamlError('yaml: map merge requires map or sequence of maps as the value');
    if (!(error instanceof ReferenceError)) throw error;
    const anchor = /^Unresolved alias .*: (.*)$/.exec(text)?.[1];
    throw new YamlError(
      anchor === undefined
        ? 'yaml: document contains excessive aliasing'
        : `yaml: unknown anchor '${anchor}' referenced`,
    );
  }
}

/** The library tells of nesting that is too deep for it as of an error in the text. */
const stackOverflow = 'Maximum call stack';

function wordsOf(code: string, message: string): string {
  if (message.startsWith(stackOverflow)) return 'exceeded max depth of 10000';
  if (code === 'TAB_AS_INDENT') return 'found character that cannot start any token';
  if (code === 'BLOCK_AS_IMPLICIT_KEY' || code === 'MULTILINE_IMPLICIT_KEY')
    return 'mapping values are not allowed in this context';
  return message.split(' at line', 1)[0] ?? message;
}

/** `line 5: key "a" already set in map`, as the strict parser words it. */
function doubleKeys(document: Document, source: string): string[] {
  const found: string[] = [];
  const look = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) look(item);
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const name = String(
        (key as { value?: string | number | boolean | null } | null)?.value ?? '',
      );
      const at = (key as { range?: [number, number, number] } | null)?.range?.[0] ?? 0;
      if (seen.has(name))
        found.push(
          `yaml: unmarshal errors:\n  line ${source.slice(0, at).split('\n').length}: key ${JSON.stringify(name)} already set in map`,
        );
      seen.add(name);
      look(key);
      look(value);
    }
  };
  if (isMap(document.contents)) look(document.contents);
  return found;
}

/** JSON of what YAML may hold besides: dates become texts, bigints numbers. */
function plain(value: unknown): JsonValue {
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return (value ?? null) as JsonValue;
}
