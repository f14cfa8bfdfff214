/** A request line taken apart. The query keeps every value of a parameter, in order. */
export interface Target {
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: Query;
}

export class Query {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The first value; undefined when the parameter is absent. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

export function parseTarget(url: string): Target {
  const mark = url.indexOf('?');
  const raw = mark < 0 ? url : url.slice(0, mark);
  return { path: decode(raw), query: parseQuery(mark < 0 ? '' : url.slice(mark + 1)) };
}

const NO_QUERY = new Query(new Map());

function parseQuery(text: string): Query {
  if (!text) return NO_QUERY;
  const values = new Map<string, string[]>();
  for (const pair of text.split('&')) {
    if (!pair) continue;
    const equals = pair.indexOf('=');
    const name = decode((equals < 0 ? pair : pair.slice(0, equals)).replaceAll('+', ' '));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1).replaceAll('+', ' '));
    const list = values.get(name);
    if (list) list.push(value);
    else values.set(name, [value]);
  }
  return new Query(values);
}

/** Percent escapes; a text with broken ones stays as it is. */
function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
