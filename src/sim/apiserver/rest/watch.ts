import { second } from '../../../base/time.ts';
import { DisposableStore, type IDisposable } from '../../../base/disposable.ts';
import type { JsonObject, KubeObject } from '../../../api/meta.ts';
import { groupVersion } from '../../../api/meta.ts';
import { failure } from '../../../api/status.ts';
import type { ApiResponse, FrameSink, WatchFrame } from '../../../api/wire.ts';
import type { WatchedChange } from '../../etcd/kv.ts';
import type { Exchange } from '../exchange.ts';
import { tooLargeResourceVersion } from '../storage/errors.ts';
import { toTable } from '../table/table.ts';
import type { Stored } from '../storage/objectStore.ts';
import { listOptions, matches, parseResourceVersion, type ListOptions } from './listOptions.ts';
import { negotiate, type OutputForm } from './negotiate.ts';
import { metadataOf, tableOptions } from './respond.ts';
import type { RestTarget } from './target.ts';

/** How often a client that wants them gets bookmarks. Models storage/cacher bookmarkFrequency. */
const BOOKMARK_INTERVAL = 60 * second;
/** A watch without a limit ends by itself some time after this. Models minRequestTimeout. */
const MIN_TIMEOUT_SECONDS = 1800;

/** Models apiserver/pkg/endpoints/handlers/watch.go over a watch of etcd. */
export async function watchObjects(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  const form = negotiate(exchange, true);
  const { resource, namespace } = target;
  const options = listOptions(exchange, resource);
  const { store, random } = exchange.server;
  const wanted = parseResourceVersion(options.resourceVersion);
  const begin = await exchange.stage('storage', async (note) => {
    await exchange.settle();
    const sendsAll =
      options.sendInitialEvents ??
      (options.resourceVersion === '' || options.resourceVersion === '0');
    if (wanted > store.kv.revision) {
      // A real server waits for its cache to get there and gives up after three seconds.
      if (options.sendInitialEvents !== undefined)
        throw tooLargeResourceVersion(wanted, store.kv.revision);
    }
    if (!sendsAll && wanted > 0) {
      note.summary = `Watching from revision ${wanted}.`;
      return { initial: [] as readonly Stored[], revision: wanted };
    }
    if (!sendsAll) return { initial: [] as readonly Stored[], revision: store.kv.revision };
    const list = await store.list(resource, namespace);
    note.summary = `Watching from revision ${list.revision}, after ${list.items.length} that are there.`;
    return { initial: list.items, revision: list.revision };
  });
  const timeout =
    options.timeoutSeconds === undefined || options.timeoutSeconds <= 0
      ? Math.floor(MIN_TIMEOUT_SECONDS * (1 + random.float()))
      : options.timeoutSeconds;
  return {
    code: 200,
    headers: {
      'cache-control': 'no-cache, private',
      ...exchange.headers,
      'content-type': 'application/json',
    },
    body: {
      kind: 'watch',
      start: (sink) =>
        new Watcher(exchange, target, options, form, sink, timeout).start(
          begin.initial,
          begin.revision,
        ),
    },
  };
}

class Watcher {
  readonly #exchange: Exchange;
  readonly #target: RestTarget;
  readonly #options: ListOptions;
  readonly #form: OutputForm;
  readonly #sink: FrameSink;
  readonly #timeoutSeconds: number;
  readonly #store = new DisposableStore();
  #sentColumns = false;
  #revision = 0;

  constructor(
    exchange: Exchange,
    target: RestTarget,
    options: ListOptions,
    form: OutputForm,
    sink: FrameSink,
    timeoutSeconds: number,
  ) {
    this.#exchange = exchange;
    this.#target = target;
    this.#options = options;
    this.#form = form;
    this.#sink = sink;
    this.#timeoutSeconds = timeoutSeconds;
  }

  start(initial: readonly Stored[], revision: number): IDisposable {
    const { store, clock } = this.#exchange.server;
    const { resource, namespace } = this.#target;
    this.#revision = revision;
    for (const { object, kv } of initial)
      if (this.#wants(object)) this.#send('ADDED', object, kv.writtenBy);
    if (this.#options.sendInitialEvents && this.#options.allowWatchBookmarks) this.#bookmark(true);
    this.#store.add(
      store.watch(resource, namespace, undefined, revision + 1, {
        changes: (changes) => this.#changes(changes),
        compacted: (compacted) => this.#expired(revision, compacted),
      }),
    );
    if (this.#options.allowWatchBookmarks) {
      this.#everyMinute();
      const last = this.#timeoutSeconds - 2;
      if (last > 0) this.#store.add(clock.setTimer(last * second, () => this.#bookmark(false)));
    }
    this.#store.add(clock.setTimer(this.#timeoutSeconds * second, () => this.#end()));
    return this.#store;
  }

  #everyMinute(): void {
    const timer = this.#exchange.server.clock.setTimer(BOOKMARK_INTERVAL, () => {
      this.#store.delete(timer);
      this.#bookmark(false);
      this.#everyMinute();
    });
    this.#store.add(timer);
  }

  #end(): void {
    if (this.#store.isDisposed) return;
    this.#store.dispose();
    this.#sink.end();
  }

  /** What a change of the store is to this watch: an object may enter or leave the selection. Models cacher's watchCacheEvent. */
  #changes(changes: readonly WatchedChange[]): void {
    const { store } = this.#exchange.server;
    const { resource } = this.#target;
    for (const { type, kv, prevKv } of changes) {
      this.#revision = Math.max(this.#revision, kv.modRevision);
      const before = prevKv && store.decode(prevKv, resource);
      const wanted = before !== undefined && this.#wants(before);
      if (type === 'put') {
        const object = store.decode(kv, resource);
        const wants = this.#wants(object);
        if (wants) this.#send(wanted ? 'MODIFIED' : 'ADDED', object, kv.writtenBy);
        else if (wanted) this.#send('DELETED', atRevision(before, kv.modRevision), kv.writtenBy);
      } else if (wanted) this.#send('DELETED', atRevision(before, kv.modRevision), kv.writtenBy);
    }
  }

  #wants(object: KubeObject): boolean {
    const { resource, name } = this.#target;
    if (name && object.metadata.name !== name) return false;
    return matches(resource, this.#options, object);
  }

  #send(type: WatchFrame['type'], object: KubeObject, cause: number): void {
    if (this.#store.isDisposed) return;
    this.#sink.frame({ type, object: this.#shape(object), ...(cause > 0 && { cause }) });
  }

  #shape(object: KubeObject): JsonObject {
    if (this.#form.form === 'object') return object as unknown as JsonObject;
    if (this.#form.form !== 'table') return metadataOf(object, this.#form.version);
    const { resourceVersion } = object.metadata;
    const table = toTable(
      this.#target.resource,
      [object],
      resourceVersion ? { resourceVersion } : {},
      tableOptions(this.#exchange),
    );
    if (this.#sentColumns) return { ...table, columnDefinitions: null };
    this.#sentColumns = true;
    return table;
  }

  #bookmark(ends: boolean): void {
    const { resource } = this.#target;
    const object: KubeObject = {
      kind: resource.gvk.kind,
      apiVersion: groupVersion(resource),
      metadata: {
        resourceVersion: String(
          ends ? this.#revision : Math.max(this.#revision, this.#exchange.server.kv.revision),
        ),
        ...(ends && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
      },
    };
    if (this.#store.isDisposed) return;
    this.#sink.frame({ type: 'BOOKMARK', object: object as unknown as JsonObject });
  }

  #expired(from: number, compacted: number): void {
    const { status } = failure(410, 'Expired', `too old resource version: ${from} (${compacted})`);
    this.#sink.frame({ type: 'ERROR', object: status as unknown as JsonObject });
    this.#end();
  }
}

/** A deleted object carries the revision of its deletion. */
const atRevision = (object: KubeObject, revision: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(revision) },
});
