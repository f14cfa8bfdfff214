import { Composer, isMap, isSeq, Lexer, Parser, type Document, type YAMLMap } from 'yaml';
import type { JsonObject, JsonValue } from '../api/meta.ts';
import { FieldMap, keyRange, moved, type Range } from './fieldMap.ts';

/** What a document is. Only Kubernetes objects are judged; templates are recognised and left alone. */
export type YamlDocument =
  | {
      readonly type: 'object';
      readonly object: JsonObject;
      readonly range: Range;
      readonly head: Range;
      readonly fields: FieldMap;
    }
  | { readonly type: 'template'; readonly range: Range }
  | { readonly type: 'broken'; readonly range: Range; readonly message: string; readonly at: Range }
  | { readonly type: 'other'; readonly range: Range };

/** The `{{ … }}` of Helm and Go templates. */
const template = /\{\{.*?\}\}/s;

/** Takes a YAML text apart into its documents. The items of a List are documents of their own, as kubectl takes them. */
export function parseDocuments(text: string): YamlDocument[] {
  const steps = parsing(text, new Map());
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * The same for a text that changes: only what is new is parsed again. And in slices, for threads that others share: whenever
 * `isDue` says so, `pause` is waited for.
 */
export class DocumentParser {
  #known: Known = new Map();

  async parse(
    text: string,
    isDue: () => boolean,
    pause: () => Promise<void>,
  ): Promise<YamlDocument[]> {
    const known: Known = new Map();
    const steps = parsing(text, this.#known, known);
    for (;;) {
      const step = steps.next();
      if (step.done) {
        this.#known = known;
        return step.value;
      }
      if (isDue()) await pause();
    }
  }
}

/** What came of pieces of text: ranges count from the beginning of the piece. */
type Known = Map<string, readonly YamlDocument[]>;

/** Of flow collections: no manifest nests deeper; with aliases, the library takes seconds for what does. */
const deepest = 250;

/** Parses in small steps, a token or a document each. */
function* parsing(
  text: string,
  known: Known,
  kept: Known = known,
): Generator<undefined, YamlDocument[]> {
  const result: YamlDocument[] = [];
  for (const { piece, offset } of piecesOf(text)) {
    const documents = known.get(piece) ?? (yield* parsingPiece(piece));
    kept.set(piece, documents);
    for (const document of documents) result.push(documentAt(document, offset));
    yield;
  }
  return result;
}

const separator = /^---(?=\s|$)/gm;
/** What reaches over separators: directives, and the mark before them. */
const directive = /^(?:%|\.\.\.(?=\s|$))/m;

/** Cuts a stream before every `---`, which ends what was before whatever it was. */
function* piecesOf(text: string): Generator<{ readonly piece: string; readonly offset: number }> {
  let offset = 0;
  if (!directive.test(text))
    for (const { index } of text.matchAll(separator)) {
      if (index > offset) yield { piece: text.slice(offset, index), offset };
      offset = index;
    }
  yield { piece: text.slice(offset), offset };
}

function documentAt(document: YamlDocument, offset: number): YamlDocument {
  const range = moved(document.range, offset);
  switch (document.type) {
    case 'object':
      return {
        ...document,
        range,
        head: moved(document.head, offset),
        fields: document.fields.movedTo(offset),
      };
    case 'broken':
      return { ...document, range, at: moved(document.at, offset) };
    case 'template':
    case 'other':
      return { ...document, range };
  }
}

function* parsingPiece(text: string): Generator<undefined, YamlDocument[]> {
  try {
    return yield* composing(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const range = { start: 0, end: text.length };
    return [{ type: 'broken', range, message: tooDeep, at: range }];
  }
}

function* composing(text: string): Generator<undefined, YamlDocument[]> {
  const parser = new Parser();
  const composer = new Composer({
    version: '1.1',
    merge: true,
    uniqueKeys: true,
    logLevel: 'error',
  });
  const documents: Document.Parsed[] = [];
  let depth = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') depth++;
    else if (lexeme === ']' || lexeme === '}') depth--;
    if (depth > deepest) throw new RangeError(tooDeep);
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    yield;
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end());
  const found: YamlDocument[] = [];
  for (const [index, document] of documents.entries()) {
    yield;
    const end = documents[index + 1]?.range[0] ?? text.length;
    found.push(...classify(document, text, end));
  }
  return found;
}

/** So many nodes may come of aliases: a few lines can stand for billions. */
const maxAliasCount = 10_000;

function classify(document: Document.Parsed, text: string, end: number): YamlDocument[] {
  const [from] = document.range;
  const contents = document.contents;
  const start = contents?.range[0] ?? from;
  const range = { start, end: Math.max(start, Math.min(end, document.range[1])) };
  if (template.test(text.slice(from, end))) return [{ type: 'template', range }];
  const [problem] = document.errors;
  if (problem)
    return [
      {
        type: 'broken',
        range,
        message: wordsOf(problem),
        at: { start: problem.pos[0], end: problem.pos[1] },
      },
    ];
  if (!isMap(contents)) return [{ type: 'other', range }];
  let object: JsonObject;
  try {
    object = plain(document.toJS({ maxAliasCount })) as JsonObject;
  } catch (error) {
    // Aliases of nothing, too many of them, and merges of what is no map are found only now.
    if (!(error instanceof Error) || error instanceof RangeError) throw error;
    return [{ type: 'broken', range, message: error.message, at: range }];
  }
  if (typeof object['apiVersion'] !== 'string' || typeof object['kind'] !== 'string')
    return [{ type: 'other', range }];
  const items = itemsOf(object, contents);
  if (items) return items.map((item) => manifest(item.object, item.node, document));
  return [manifest(object, contents, document)];
}

const tooDeep = 'Nested too deeply';

/** Without the line, which is told beside it. */
const wordsOf = ({ message }: Error): string =>
  message.startsWith('Maximum call stack')
    ? tooDeep
    : (message.split('\n', 1)[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');

function manifest(object: JsonObject, node: YAMLMap, document: Document.Parsed): YamlDocument {
  const [start, end] = node.range ?? document.range;
  const range = { start, end };
  return {
    type: 'object',
    object,
    range,
    head: keyRange(node, 'apiVersion') ?? range,
    fields: new FieldMap(node, document),
  };
}

/**
 * What a list holds, as kubectl sends it one by one: anything with items is a list; items that don't say what they are go by
 * the list. Undefined for other objects.
 */
function itemsOf(
  object: JsonObject,
  contents: YAMLMap,
): { object: JsonObject; node: YAMLMap }[] | undefined {
  const list = contents.get('items', true);
  const values = object['items'];
  if (!isSeq(list) || !Array.isArray(values)) return undefined;
  const own = {
    apiVersion: object['apiVersion'],
    kind: (object['kind'] as string).replace(/List$/, ''),
  };
  return list.items.flatMap((node, index) => {
    const value = values[index];
    return isMap(node) && value !== null && typeof value === 'object' && !Array.isArray(value)
      ? { object: { ...own, ...value }, node }
      : [];
  });
}

/** JSON of what YAML may hold besides: dates become texts, big numbers numbers. */
function plain(value: unknown): JsonValue {
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return (value ?? null) as JsonValue;
}
