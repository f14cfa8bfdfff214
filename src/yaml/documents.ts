import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { fieldParts } from '../api/fieldEdit.ts';
import type { JsonObject, JsonValue } from '../api/meta.ts';

/** Character offsets in the text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

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
  const steps = parsing(text);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same in slices: whenever `isDue` says so, `pause` is waited for. For threads that others share. */
export async function parseDocumentsInSlices(
  text: string,
  isDue: () => boolean,
  pause: () => Promise<void>,
): Promise<YamlDocument[]> {
  const steps = parsing(text);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (isDue()) await pause();
  }
}

/** Of flow collections: no manifest nests deeper; with aliases, the library takes seconds for what does. */
const deepest = 250;

/** Parses in small steps, a token or a document each. */
function* parsing(text: string): Generator<undefined, YamlDocument[]> {
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
    keepSourceTokens: true,
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

const rangeOf = (node: unknown): Range | undefined => {
  const range = (node as Node | null | undefined)?.range;
  return range ? { start: range[0], end: range[1] } : undefined;
};

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

const keyRange = (map: YAMLMap, key: string): Range | undefined => rangeOf(pairOf(map, key)?.key);

/** Asked of a scalar: of its text, its value, and whether it is the key of a map. */
export type ScalarTest = (text: string, value: unknown, isKey: boolean) => boolean;

/** Where the fields of a document stand. */
export class FieldMap {
  readonly #root: YAMLMap;
  readonly #document: Document.Parsed;

  constructor(root: YAMLMap, document: Document.Parsed) {
    this.#root = root;
    this.#document = document;
  }

  /**
   * The place of a field path as the API server writes it (`spec.containers[0].image`, `metadata.labels[app]`): its
   * value; the key when the value is a whole map or list; the nearest parent's key when the field is missing.
   */
  rangeOf(path: string): Range | undefined {
    let node: unknown = this.#root;
    let range = isMap(node) ? (keyRange(node, 'kind') ?? rangeOf(node)) : rangeOf(node);
    for (const part of fieldParts(path)) {
      const next = this.#step(node, part);
      if (!next) return range;
      node = next.node;
      range =
        isScalar(node) && node.value !== null && node.value !== ''
          ? (rangeOf(node) ?? next.range)
          : (next.range ?? range);
    }
    return range;
  }

  /** The key of a field, for what is wrong with the field's name. */
  keyRangeOf(path: string): Range | undefined {
    const parts = fieldParts(path);
    const last = parts.pop();
    let node: unknown = this.#root;
    for (const part of parts) node = this.#step(node, part)?.node;
    const map = this.#resolve(node);
    return last !== undefined && isMap(map) ? keyRange(map, last) : undefined;
  }

  /** The value of a field, when it is a scalar that stands in the text. */
  scalarRangeOf(path: string): Range | undefined {
    let node: unknown = this.#root;
    for (const part of fieldParts(path)) node = this.#step(node, part)?.node;
    return isScalar(node) ? rangeOf(node) : undefined;
  }

  /**
   * The first scalar in a field's map or list (or in the nearest one that is there) for which `is` holds: of its text, or of
   * the name of its key.
   */
  rangeWithin(path: string, is: ScalarTest): Range | undefined {
    let node: unknown = this.#root;
    for (const part of fieldParts(path)) {
      const next = this.#step(node, part);
      if (!next || isScalar(this.#resolve(next.node))) break;
      node = next.node;
    }
    const found = this.#resolve(node);
    if (!isMap(found) && !isSeq(found)) return undefined;
    for (const item of found.items) {
      const { key, value } = isMap(found) ? (item as Pair) : { key: undefined, value: item };
      if (isScalar(value) && is(String(value.value), value.value, false)) return rangeOf(value);
      if (isScalar(key) && is(String(key.value), key.value, true)) return rangeOf(key);
    }
    return undefined;
  }

  /** All maps, anywhere in the document, that are values of keys with one of these names. */
  mapsNamed(names: readonly string[]): FieldMap[] {
    const found: FieldMap[] = [];
    const walk = (from: unknown): void => {
      if (isSeq(from)) from.items.forEach(walk);
      if (!isMap(from)) return;
      for (const { key, value } of from.items) {
        if (isMap(value) && isScalar(key) && names.includes(String(key.value)))
          found.push(new FieldMap(value, this.#document));
        walk(value);
      }
    };
    walk(this.#root);
    return found;
  }

  /** The first key of a map in block style. */
  firstKeyOf(parts: readonly string[]): Range | undefined {
    let node: unknown = this.#root;
    for (const part of parts) node = this.#step(node, part)?.node;
    return isMap(node) && !node.flow ? rangeOf(node.items[0]?.key) : undefined;
  }

  #step(
    from: unknown,
    part: string,
  ): { readonly node: unknown; readonly range: Range | undefined } | undefined {
    const node = this.#resolve(from);
    if (isMap(node)) {
      const pair = pairOf(node, part);
      return pair && { node: pair.value, range: rangeOf(pair.key) };
    }
    if (isSeq(node) && /^\d+$/.test(part)) {
      const item = node.items[Number(part)];
      return item === undefined
        ? undefined
        : { node: item, range: firstKey(item) ?? rangeOf(item) };
    }
    return undefined;
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }
}

/** An item that is a map is shown by its first line. */
function firstKey(node: unknown): Range | undefined {
  if (!isMap(node)) return undefined;
  const [first] = node.items;
  const key = rangeOf(first?.key);
  const value = isScalar(first?.value) ? rangeOf(first.value) : undefined;
  return key && { start: key.start, end: value?.end ?? key.end };
}
