import { Disposable, type IDisposable } from '../../base/disposable.ts';
import { millisecond, second, type Clock, type Micros } from '../../base/time.ts';
import type { Random } from '../../base/random.ts';
import { groupVersion, keyOf, type KubeObject } from '../../api/meta.ts';
import type { Resource } from '../../api/resource.ts';
import { StatusError, type Status } from '../../api/status.ts';
import type { WatchFrame } from '../../api/wire.ts';
import type { CauseId, EventId } from '../../trace/event.ts';
import type { TraceSink } from '../../trace/sink.ts';
import type { Client } from './client.ts';
import { ObjectCache, type IndexFunction, type Lister } from './objectCache.ts';

/** What happens to an object, each with the event of its delivery. Called in order of resourceVersion. */
export interface InformerHandler<T extends KubeObject> {
  added?(object: T, cause: EventId): void;
  updated?(old: T, object: T, cause: EventId): void;
  deleted?(object: T, cause: EventId): void;
}

export interface InformerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: TraceSink;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Pauses between failed attempts to list and watch. Models client-go tools/cache reflector's backoff. */
const FIRST_PAUSE: Micros = 800 * millisecond;
const LONGEST_PAUSE: Micros = 30 * second;

/**
 * Knows the objects of one resource: lists once, then watches from the list's resourceVersion, and starts over when the
 * server no longer has that version (410). Every delivery is a `watch` event, caused by the etcd write it tells of.
 * Models client-go tools/cache SharedIndexInformer and Reflector.
 */
export class Informer<T extends KubeObject> extends Disposable {
  readonly resource: Resource<T>;
  readonly #options: InformerOptions;
  readonly #cache = new ObjectCache<T>();
  readonly #handlers: InformerHandler<T>[] = [];
  readonly #synced: Promise<void>;
  #resolveSynced: () => void = () => undefined;
  #hasSynced = false;
  #resourceVersion = '';
  #started: CauseId = 0;
  #stream: IDisposable | undefined;
  #pause = FIRST_PAUSE;

  constructor(resource: Resource<T>, options: InformerOptions) {
    super();
    this.resource = resource;
    this.#options = options;
    this.#synced = new Promise((resolve) => (this.#resolveSynced = resolve));
    this._register({ dispose: () => this.#stream?.dispose() });
  }

  get lister(): Lister<T> {
    return this.#cache;
  }

  /** The newest version that was handed on. */
  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when the first list has been handed to all handlers. */
  whenSynced(): Promise<void> {
    return this.#synced;
  }

  addIndex(name: string, of: IndexFunction<T>): void {
    this.#cache.addIndex(name, of);
  }

  /** A handler that comes late is told of what is known already. */
  addHandler(handler: InformerHandler<T>): void {
    this.#handlers.push(handler);
    if (this.#hasSynced)
      for (const object of this.#cache.list()) handler.added?.(object, this.#started);
  }

  /** @param cause the start of the component: why there is a list and what its deliveries go back to */
  start(cause: CauseId): void {
    this.#started = cause;
    void this.#listAndWatch();
  }

  async #listAndWatch(): Promise<void> {
    while (!this._store.isDisposed) {
      try {
        await this.#list();
        await this.#watch();
        return;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        await this.#backOff();
      }
    }
  }

  async #list(): Promise<void> {
    const { client } = this.#options;
    const list = await client.list(
      this.resource,
      { ...this.#selection(), ...(!this.#hasSynced && { resourceVersion: '0' }) },
      { cause: this.#started },
    );
    if (this._store.isDisposed) return;
    const gone = new Set(this.#cache.keys());
    for (const object of list.items) {
      gone.delete(keyOf(object));
      this.#put(object, this.#started);
    }
    for (const key of gone) this.#remove(key, undefined, this.#started);
    this.#resourceVersion = list.resourceVersion;
    if (this.#hasSynced) return;
    this.#hasSynced = true;
    this.#resolveSynced();
  }

  async #watch(): Promise<void> {
    if (this._store.isDisposed) return;
    const { client } = this.#options;
    const state = { open: true };
    const stream = await client.watch(
      this.resource,
      {
        ...this.#selection(),
        resourceVersion: this.#resourceVersion,
        allowWatchBookmarks: true,
      },
      {
        frame: (frame) => this.#take(frame),
        closed: () => {
          state.open = false;
          this.#stream = undefined;
          void this.#watchAgain();
        },
      },
      { cause: this.#started },
    );
    if (this.#isOver()) stream.dispose();
    else if (state.open) this.#stream = stream;
    this.#pause = FIRST_PAUSE;
  }

  /** The server ended the watch: go on where it ended. */
  async #watchAgain(): Promise<void> {
    if (this._store.isDisposed) return;
    try {
      await this.#watch();
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (error.code !== 410) await this.#backOff();
      await this.#listAndWatch();
    }
  }

  #isOver(): boolean {
    return this._store.isDisposed;
  }

  #selection(): { namespace?: string; labelSelector?: string; fieldSelector?: string } {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return {
      ...(namespace && { namespace }),
      ...(labelSelector && { labelSelector }),
      ...(fieldSelector && { fieldSelector }),
    };
  }

  #take(frame: WatchFrame): void {
    if (frame.type === 'ERROR') {
      this.#stream?.dispose();
      this.#stream = undefined;
      const status = frame.object as unknown as Status;
      void (status.code === 410 ? this.#listAndWatch() : this.#watchAgain());
      return;
    }
    const object = frame.object as unknown as T;
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    if (frame.type === 'BOOKMARK') return;
    const { client, trace } = this.#options;
    const { group, version, resource } = this.resource;
    const { namespace, name } = object.metadata;
    const delivery = trace.emit(client.component, frame.cause ?? this.#started, {
      type: 'watch',
      change: frame.type,
      object: {
        group,
        version,
        resource,
        ...(namespace && { namespace }),
        ...(name && { name }),
      },
      resourceVersion: this.#resourceVersion,
    });
    if (frame.type === 'DELETED') this.#remove(keyOf(object), object, delivery);
    else this.#put(object, delivery);
  }

  #put(given: T, cause: EventId): void {
    const object = (given as Partial<T>).kind
      ? given
      : { ...given, apiVersion: groupVersion(this.resource), kind: this.resource.kind };
    const old = this.#cache.set(object);
    for (const handler of this.#handlers)
      if (!old) handler.added?.(object, cause);
      else if (
        old.metadata.resourceVersion !== object.metadata.resourceVersion ||
        old.metadata.uid !== object.metadata.uid
      )
        handler.updated?.(old, object, cause);
  }

  /** @param last the state at the deletion, when the watch told it */
  #remove(key: string, last: T | undefined, cause: EventId): void {
    const old = this.#cache.delete(key);
    const object = last ?? old;
    if (object) for (const handler of this.#handlers) handler.deleted?.(object, cause);
  }

  async #backOff(): Promise<void> {
    const pause = this.#pause;
    this.#pause = Math.min(2 * pause, LONGEST_PAUSE);
    await this.#options.clock.sleep(Math.floor(pause * (1 + this.#options.random.float())));
  }
}
