import { assert } from '../../base/assert.ts';
import { encodeUtf8 } from '../../base/bytes.ts';
import { toDisposable, type IDisposable } from '../../base/disposable.ts';
import { groupVersion, type JsonObject, type JsonValue, type KubeObject } from '../../api/meta.ts';
import { resourcePath, type Resource } from '../../api/resource.ts';
import { failure, StatusError, type Status } from '../../api/status.ts';
import type { Api, ApiRequest, ApiResponse, Peer, WatchFrame } from '../../api/wire.ts';
import type { Cause, ComponentId } from '../../trace/event.ts';
import type {
  Client,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchOptions,
  PatchType,
  WatchOptions,
} from './client.ts';

/** Who a component is to the API server. */
export interface ClientIdentity {
  readonly component: ComponentId;
  readonly user: { readonly name: string; readonly groups: readonly string[] };
  readonly userAgent: string;
  /** A bearer token, for those who have one; otherwise the user stands in a client certificate. */
  readonly token?: string;
}

const PATCH_TYPES: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** The client of a component in the same process: real requests, without a wire. */
export class ApiClient implements Client {
  readonly component: ComponentId;
  readonly #api: Api;
  readonly #peer: Peer;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(api: Api, identity: ClientIdentity) {
    this.component = identity.component;
    this.#api = api;
    this.#peer =
      identity.token === undefined
        ? {
            certificate: {
              commonName: identity.user.name,
              organizations: identity.user.groups,
            },
            address: '127.0.0.1',
          }
        : { address: '127.0.0.1' };
    this.#headers = {
      accept: 'application/json',
      'user-agent': identity.userAgent,
      ...(identity.token !== undefined && { authorization: `Bearer ${identity.token}` }),
    };
  }

  async get<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    cause: Cause,
  ): Promise<T> {
    return this.#object<T>('GET', resourcePath(resource, namespace, name), undefined, cause);
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions,
    cause: Cause,
  ): Promise<ObjectList<T>> {
    const path = resourcePath(resource, options.namespace ?? '') + query(listQuery(options));
    const list = (await this.#json('GET', path, undefined, cause)) as unknown as {
      metadata?: { resourceVersion?: string };
      items?: T[] | null;
    };
    // Items of a list carry no type of their own on the wire.
    const { kind } = resource;
    const apiVersion = groupVersion(resource);
    return {
      resourceVersion: list.metadata?.resourceVersion ?? '',
      items: (list.items ?? []).map((item) =>
        (item as Partial<T>).kind ? item : { ...item, apiVersion, kind },
      ),
    };
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T, cause: Cause): Promise<T> {
    const path = resourcePath(resource, object.metadata.namespace ?? '');
    return this.#object<T>('POST', path, object as unknown as JsonObject, cause);
  }

  async createSubresource(
    resource: Resource,
    namespace: string,
    name: string,
    subresource: string,
    body: JsonObject,
    cause: Cause,
  ): Promise<JsonObject> {
    return this.#json('POST', resourcePath(resource, namespace, name, subresource), body, cause);
  }

  async update<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    cause: Cause,
    subresource?: string,
  ): Promise<T> {
    const { namespace = '', name = '' } = object.metadata;
    const path = resourcePath(resource, namespace, name, subresource);
    return this.#object<T>('PUT', path, object as unknown as JsonObject, cause);
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    type: PatchType,
    patch: JsonValue,
    cause: Cause,
    options: PatchOptions = {},
  ): Promise<T> {
    const path =
      resourcePath(resource, namespace, name, options.subresource) +
      query({
        fieldManager: options.fieldManager,
        force: options.force === undefined ? undefined : String(options.force),
      });
    const isObject = patch !== null && typeof patch === 'object' && !Array.isArray(patch);
    const body = isObject ? patch : encodeUtf8(JSON.stringify(patch));
    return this.#object<T>('PATCH', path, body, cause, PATCH_TYPES[type]);
  }

  async delete(
    resource: Resource,
    namespace: string,
    name: string,
    options: DeleteOptions,
    cause: Cause,
  ): Promise<void> {
    const path = resourcePath(resource, namespace, name);
    await this.#json('DELETE', path, deleteBody(resource, options), cause);
  }

  async deleteCollection(
    resource: Resource,
    namespace: string,
    options: DeleteOptions & ListOptions,
    cause: Cause,
  ): Promise<void> {
    const path = resourcePath(resource, namespace) + query(listQuery(options));
    await this.#json('DELETE', path, deleteBody(resource, options), cause);
  }

  async watch(
    resource: Resource,
    options: WatchOptions,
    listener: { frame(frame: WatchFrame): void; closed(): void },
    cause: Cause,
  ): Promise<IDisposable> {
    const path =
      resourcePath(resource, options.namespace ?? '') +
      query({
        ...listQuery(options),
        watch: '1',
        allowWatchBookmarks: options.allowWatchBookmarks ? 'true' : undefined,
      });
    const response = await this.#send('GET', path, undefined, cause);
    if (response.body.kind !== 'watch') throw statusOf(response);
    let live = true;
    const stream = response.body.start({
      frame: (frame) => {
        if (live) listener.frame(frame);
      },
      end: () => {
        if (!live) return;
        live = false;
        listener.closed();
      },
    });
    return toDisposable(() => {
      live = false;
      stream.dispose();
    });
  }

  raw(
    method: string,
    path: string,
    body: JsonObject | undefined,
    cause: Cause,
  ): Promise<JsonObject> {
    return this.#json(method, path, body, cause);
  }

  async #object<T>(
    method: string,
    path: string,
    body: Uint8Array | JsonObject | undefined,
    cause: Cause,
    contentType?: string,
  ): Promise<T> {
    return (await this.#json(method, path, body, cause, contentType)) as unknown as T;
  }

  async #json(
    method: string,
    path: string,
    body: Uint8Array | JsonObject | undefined,
    cause: Cause,
    contentType = 'application/json',
  ): Promise<JsonObject> {
    const response = await this.#send(method, path, body, cause, contentType);
    if (response.code >= 400) throw statusOf(response);
    assert(
      response.body.kind === 'object',
      `${method} ${path} answers with ${response.body.kind}, not an object`,
    );
    return response.body.object;
  }

  #send(
    method: string,
    url: string,
    body: Uint8Array | JsonObject | undefined,
    cause: Cause,
    contentType = 'application/json',
  ): Promise<ApiResponse> {
    const request: ApiRequest = {
      method,
      url,
      headers: body ? { ...this.#headers, 'content-type': contentType } : this.#headers,
      ...(body && { body }),
      peer: this.#peer,
      cause: cause.cause,
    };
    return this.#api.handle(request);
  }
}

/** The refusal that a response tells of. Models client-go rest.Result's errors: what is no Status becomes one. */
function statusOf(response: ApiResponse): StatusError {
  const { body, code } = response;
  if (body.kind === 'object' && body.object['kind'] === 'Status')
    return new StatusError(body.object as unknown as Status);
  const text = body.kind === 'text' ? body.text.trim() : 'unknown';
  if (code === 429) return failure(429, 'TooManyRequests', text, { retryAfterSeconds: 1 });
  return failure(
    code,
    code === 401 ? 'Unauthorized' : code === 503 ? 'ServiceUnavailable' : 'InternalError',
    `an error on the server ("${text}") has prevented the request from succeeding`,
  );
}

function listQuery(options: ListOptions): Record<string, string | undefined> {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    resourceVersion: options.resourceVersion,
    limit: options.limit === undefined ? undefined : String(options.limit),
  };
}

function query(parameters: Record<string, string | undefined>): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined && value !== '') parts.push(`${name}=${encodeURIComponent(value)}`);
  return parts.length ? `?${parts.join('&')}` : '';
}

function deleteBody(resource: Resource, options: DeleteOptions): JsonObject {
  const { gracePeriodSeconds, propagationPolicy, preconditions } = options;
  return {
    kind: 'DeleteOptions',
    apiVersion: groupVersion(resource),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(preconditions && { preconditions: { ...preconditions } }),
    ...(propagationPolicy && { propagationPolicy }),
  };
}
