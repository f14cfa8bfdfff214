import { equal, type JsonValue } from '../../../api/meta.ts';
import { additionalOf, itemsOf, type Schema } from '../registry/apiextensions/structural.ts';
import { canonical, keyOf } from './listTypes.ts';

/**
 * A value beside the one that was there before: what has not changed may stay as wrong as it was (ratcheting).
 * Models apiserver/pkg/cel/common CorrelatedObject.
 */
export class Correlation {
  readonly value: JsonValue | undefined;
  readonly old: JsonValue | undefined;
  readonly #schema: Schema | undefined;
  /** Whether the old value is the one that this was. */
  readonly isKnown: boolean;
  #isSame: boolean | undefined;

  constructor(
    value: JsonValue | undefined,
    old: JsonValue | undefined,
    schema: Schema | undefined,
    isKnown = old !== undefined,
  ) {
    this.value = value;
    this.old = old;
    this.#schema = schema;
    this.isKnown = isKnown;
  }

  get isSame(): boolean {
    this.#isSame ??= this.isKnown && equal(this.value, this.old);
    return this.#isSame;
  }

  key(name: string): Correlation {
    const schema = this.#schema?.properties?.[name] ?? (this.#schema && additionalOf(this.#schema));
    const read = (from: JsonValue | undefined): JsonValue | undefined =>
      from !== null && typeof from === 'object' && !Array.isArray(from) ? from[name] : undefined;
    const old = read(this.old);
    return new Correlation(read(this.value), old, schema, this.isKnown && old !== undefined);
  }

  /** Only elements with keys are known again. */
  index(at: number): Correlation {
    const schema = this.#schema;
    const items = schema && itemsOf(schema);
    const value = Array.isArray(this.value) ? this.value[at] : undefined;
    if (!schema || !Array.isArray(this.old) || value === undefined)
      return new Correlation(value, undefined, items, false);
    if (this.isSame) return new Correlation(value, this.old[at], items, true);
    if (schema['x-kubernetes-list-type'] !== 'map')
      return new Correlation(value, undefined, items, false);
    const key = canonical(keyOf(value, schema));
    const old = this.old.find((item) => canonical(keyOf(item, schema)) === key);
    return new Correlation(value, old, items, old !== undefined);
  }

  /** Follows the name of an error: `spec.ports[0].name`, longest property names first. */
  *along(name: string): Generator<Correlation> {
    let at: Correlation = this;
    let rest = name;
    yield at;
    while (rest) {
      const index = /^\[(\d+)\]/.exec(rest);
      if (index) {
        at = at.index(Number(index[1]));
        rest = rest.slice(index[0].length);
      } else {
        rest = rest.replace(/^\./, '');
        const key = keyIn(at.value, rest);
        if (key === undefined) return;
        at = at.key(key);
        rest = rest.slice(key.length);
      }
      yield at;
    }
  }
}

/** The key of an object that a text begins with: keys may have dots. */
function keyIn(value: JsonValue | undefined, text: string): string | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.keys(value)
    .filter((key) => text === key || (text.startsWith(key) && /^[.[]/.test(text.slice(key.length))))
    .sort((a, b) => b.length - a.length)[0];
}
