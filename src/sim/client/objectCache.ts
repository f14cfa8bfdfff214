import { keyOf, type KubeObject } from '../../api/meta.ts';

/** What a component may read of what its informer knows. Objects are shared: `clone` before changing. */
export interface Lister<T extends KubeObject> {
  get(namespace: string, name: string): T | undefined;
  byKey(key: string): T | undefined;
  /** All objects, or those of a namespace, in order of their keys' first appearance. */
  list(namespace?: string): T[];
  /** The objects for which the index function gave `value`. */
  byIndex(index: string, value: string): T[];
  readonly size: number;
}

export type IndexFunction<T> = (object: T) => readonly string[];

const NAMESPACE = 'namespace';

/** The objects an informer knows, with indexes. Models client-go tools/cache thread_safe_store. */
export class ObjectCache<T extends KubeObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<
    string,
    { readonly of: IndexFunction<T>; readonly keys: Map<string, Set<string>> }
  >();

  constructor() {
    this.addIndex(NAMESPACE, (object) => [object.metadata.namespace ?? '']);
  }

  get size(): number {
    return this.#objects.size;
  }

  addIndex(name: string, of: IndexFunction<T>): void {
    const index = { of, keys: new Map<string, Set<string>>() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) insert(index, key, object);
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(namespace ? `${namespace}/${name}` : name);
  }

  byKey(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): T[] {
    return namespace ? this.byIndex(NAMESPACE, namespace) : [...this.#objects.values()];
  }

  byIndex(name: string, value: string): T[] {
    const found: T[] = [];
    for (const key of this.#indexes.get(name)?.keys.get(value) ?? []) {
      const object = this.#objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  keys(): string[] {
    return [...this.#objects.keys()];
  }

  /** Puts the object in; returns what was there before. */
  set(object: T): T | undefined {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      if (old) remove(index, key, old);
      insert(index, key, object);
    }
    return old;
  }

  delete(key: string): T | undefined {
    const old = this.#objects.get(key);
    if (!old) return undefined;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) remove(index, key, old);
    return old;
  }
}

interface Index<T> {
  readonly of: IndexFunction<T>;
  readonly keys: Map<string, Set<string>>;
}

function insert<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.of(object)) {
    const keys = index.keys.get(value);
    if (keys) keys.add(key);
    else index.keys.set(value, new Set([key]));
  }
}

function remove<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.of(object)) {
    const keys = index.keys.get(value);
    keys?.delete(key);
    if (keys?.size === 0) index.keys.delete(value);
  }
}
