import { keyOf, type KubeObject } from '../../../api/meta.ts';

/** Objects by key, the newest version of each that was seen: in a watch, or in the answer to a write of one's own. */
export class FreshCache<T extends KubeObject> {
  readonly #objects = new Map<string, T>();

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  /** Returns whether it is news. */
  see(object: T): boolean {
    const known = this.#objects.get(keyOf(object));
    const isOlder = known?.metadata.uid === object.metadata.uid && version(known) > version(object);
    if (isOlder) return false;
    this.#objects.set(keyOf(object), object);
    return true;
  }

  forget(object: T): void {
    this.#objects.delete(keyOf(object));
  }
}

const version = (object: KubeObject | undefined): number =>
  Number(object?.metadata.resourceVersion ?? 0);
