import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { fieldParts } from '../api/fieldEdit.ts';

/** Character offsets in the text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export const moved = ({ start, end }: Range, offset: number): Range => ({
  start: start + offset,
  end: end + offset,
});

/** Asked of a scalar: of its text, its value, and whether it is the key of a map. */
export type ScalarTest = (text: string, value: unknown, isKey: boolean) => boolean;

/** Where the fields of a document stand. */
export class FieldMap {
  readonly #root: YAMLMap;
  readonly #document: Document.Parsed;
  readonly #offset: number;

  /** @param offset where the text that was parsed begins in the file */
  constructor(root: YAMLMap, document: Document.Parsed, offset = 0) {
    this.#root = root;
    this.#document = document;
    this.#offset = offset;
  }

  /** The same fields in a text that has so many characters before it. */
  movedTo(offset: number): FieldMap {
    return new FieldMap(this.#root, this.#document, offset);
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
      if (!next) break;
      node = next.node;
      range =
        isScalar(node) && node.value !== null && node.value !== ''
          ? (rangeOf(node) ?? next.range)
          : (next.range ?? range);
    }
    return this.#moved(range);
  }

  /** The key of a field, for what is wrong with the field's name. */
  keyRangeOf(path: string): Range | undefined {
    const parts = fieldParts(path);
    const last = parts.pop();
    let node: unknown = this.#root;
    for (const part of parts) node = this.#step(node, part)?.node;
    const map = this.#resolve(node);
    return last !== undefined && isMap(map) ? this.#moved(keyRange(map, last)) : undefined;
  }

  /** The value of a field, when it is a scalar that stands in the text. */
  scalarRangeOf(path: string): Range | undefined {
    let node: unknown = this.#root;
    for (const part of fieldParts(path)) node = this.#step(node, part)?.node;
    return isScalar(node) ? this.#moved(rangeOf(node)) : undefined;
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
      if (isScalar(value) && is(String(value.value), value.value, false))
        return this.#moved(rangeOf(value));
      if (isScalar(key) && is(String(key.value), key.value, true)) return this.#moved(rangeOf(key));
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
          found.push(new FieldMap(value, this.#document, this.#offset));
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
    return isMap(node) && !node.flow ? this.#moved(rangeOf(node.items[0]?.key)) : undefined;
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

  #moved(range: Range | undefined): Range | undefined {
    return range && moved(range, this.#offset);
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

const rangeOf = (node: unknown): Range | undefined => {
  const range = (node as Node | null | undefined)?.range;
  return range ? { start: range[0], end: range[1] } : undefined;
};

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

export const keyRange = (map: YAMLMap, key: string): Range | undefined =>
  rangeOf(pairOf(map, key)?.key);
