import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
  type Pair,
  type ParsedNode,
  type YAMLMap,
} from 'yaml';
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

/** Takes a YAML text apart into its documents. */
export function parseDocuments(text: string): YamlDocument[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1',
    merge: true,
    uniqueKeys: true,
    lineCounter,
    keepSourceTokens: true,
  });
  if (!Array.isArray(documents)) return [];
  return (documents as Document.Parsed[]).map((document, index, all) =>
    classify(document, text, nextStart(all, index, text)),
  );
}

function nextStart(all: readonly Document.Parsed[], index: number, text: string): number {
  return all[index + 1]?.range[0] ?? text.length;
}

function classify(document: Document.Parsed, text: string, end: number): YamlDocument {
  const [from] = document.range;
  const contents = document.contents;
  const start = contents?.range[0] ?? from;
  const range = { start, end: Math.max(start, Math.min(end, document.range[1])) };
  if (template.test(text.slice(from, end))) return { type: 'template', range };
  const [problem] = document.errors;
  if (problem)
    return {
      type: 'broken',
      range,
      // The place is told beside the message.
      message: (problem.message.split('\n', 1)[0] ?? '').replace(/ at line \d+, column \d+:?$/, ''),
      at: { start: problem.pos[0], end: problem.pos[1] },
    };
  if (!isMap(contents)) return { type: 'other', range };
  const object = plain(document.toJS() as unknown) as JsonObject;
  if (typeof object['apiVersion'] !== 'string' || typeof object['kind'] !== 'string')
    return { type: 'other', range };
  return {
    type: 'object',
    object,
    range,
    head: keyRange(contents, 'apiVersion') ?? range,
    fields: new FieldMap(contents, document),
  };
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

/** Where the fields of a document stand. */
export class FieldMap {
  readonly #root: ParsedNode;
  readonly #document: Document.Parsed;

  constructor(root: ParsedNode, document: Document.Parsed) {
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

/** `spec.containers[0].image` → spec, containers, 0, image; brackets may hold keys with dots: `labels[app.io/x]`. */
export function fieldParts(path: string): string[] {
  const parts: string[] = [];
  const pattern = /\[([^\]]*)\]|([^.[\]]+)/g;
  for (const match of path.matchAll(pattern)) parts.push(match[1] ?? match[2] ?? '');
  return parts;
}
