import { Disposable, type IDisposable } from '../../../base/disposable.ts';
import type { EtcdKv, KeyValue } from '../../etcd/kv.ts';
import { keyOfText, prefixEnd } from '../../etcd/key.ts';

/**
 * All pairs below a prefix, kept up to date by a watch: what the server itself looks at on every request (roles,
 * flow schemas). It lags behind the store as an informer does.
 */
export class WatchedPrefix extends Disposable {
  readonly #kv: EtcdKv;
  readonly #prefix: string;
  readonly #pairs = new Map<string, KeyValue>();
  #loading: Promise<void> | undefined;
  #loaded = false;
  #generation = 0;

  constructor(kv: EtcdKv, prefix: string) {
    super();
    this.#kv = kv;
    this.#prefix = prefix;
  }

  /** Counts the changes that were seen. */
  get generation(): number {
    return this.#generation;
  }

  get isLoaded(): boolean {
    return this.#loaded;
  }

  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** In order of key. */
  pairs(): readonly KeyValue[] {
    return [...this.#pairs.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async #load(): Promise<void> {
    const key = keyOfText(this.#prefix);
    const range = { key, rangeEnd: prefixEnd(key) };
    const { kvs, revision } = await this.#kv.range(range);
    for (const kv of kvs) this.#pairs.set(kv.key, kv);
    this.#loaded = true;
    this.#generation++;
    const watch = this.#kv.watch(
      { ...range, startRevision: revision + 1 },
      {
        changes: (changes) => {
          for (const { type, kv } of changes)
            if (type === 'put') this.#pairs.set(kv.key, kv);
            else this.#pairs.delete(kv.key);
          this.#generation++;
        },
        compacted: () => this.#reload(watch),
      },
    );
    this._register(watch);
  }

  #reload(watch: IDisposable): void {
    this._store.delete(watch);
    this.#pairs.clear();
    this.#loaded = false;
    this.#loading = undefined;
  }
}
