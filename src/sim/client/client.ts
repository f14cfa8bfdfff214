import type { IDisposable } from '../../base/disposable.ts';
import type { KubeObject, JsonObject, JsonValue } from '../../api/meta.ts';
import type { Resource } from '../../api/resource.ts';
import type { Cause, ComponentId } from '../../trace/event.ts';
import type { WatchFrame } from '../../api/wire.ts';

export interface ListOptions {
  /** Absent or '': all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly limit?: number;
}

export interface ObjectList<T extends KubeObject> {
  readonly resourceVersion: string;
  readonly items: readonly T[];
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface PatchOptions {
  readonly subresource?: string;
  readonly fieldManager?: string;
  readonly force?: boolean;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface WatchOptions extends ListOptions {
  readonly allowWatchBookmarks?: boolean;
}

/**
 * The API server as one component sees it, with that component's credentials and user agent. Every call says why it is
 * made: that is the cause of the request. A refusal rejects with StatusError. Models client-go's typed clients.
 */
export interface Client {
  readonly component: ComponentId;
  get<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    cause: Cause,
  ): Promise<T>;
  list<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions,
    cause: Cause,
  ): Promise<ObjectList<T>>;
  create<T extends KubeObject>(resource: Resource<T>, object: T, cause: Cause): Promise<T>;
  /** Creates a subresource object: binding, eviction, token. */
  createSubresource(
    resource: Resource,
    namespace: string,
    name: string,
    subresource: string,
    body: JsonObject,
    cause: Cause,
  ): Promise<JsonObject>;
  update<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    cause: Cause,
    subresource?: string,
  ): Promise<T>;
  patch<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    type: PatchType,
    patch: JsonValue,
    cause: Cause,
    options?: PatchOptions,
  ): Promise<T>;
  delete(
    resource: Resource,
    namespace: string,
    name: string,
    options: DeleteOptions,
    cause: Cause,
  ): Promise<void>;
  deleteCollection(
    resource: Resource,
    namespace: string,
    options: DeleteOptions & ListOptions,
    cause: Cause,
  ): Promise<void>;
  /** Starts a watch at `resourceVersion`; `closed` is called when the server ends it. Rejects like a request. */
  watch(
    resource: Resource,
    options: WatchOptions,
    listener: { frame(frame: WatchFrame): void; closed(): void },
    cause: Cause,
  ): Promise<IDisposable>;
  /** Discovery and other plain paths. */
  raw(
    method: string,
    path: string,
    body: JsonObject | undefined,
    cause: Cause,
  ): Promise<JsonObject>;
}
