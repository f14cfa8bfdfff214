import type { JsonObject, JsonValue, KubeObject, ListMeta } from '../../../api/meta.ts';
import { inOrder } from '../../../api/schema/order.ts';
import { groupVersion } from '../../../api/meta.ts';
import { failure, type Status, type StatusError } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import type { ServedResource } from '../registry/resources.ts';
import { toTable } from '../table/table.ts';
import type { OutputForm } from './negotiate.ts';

/** An object as the answer to a get or a write. */
export function respondObject(
  exchange: Exchange,
  form: OutputForm,
  code: number,
  resource: ServedResource,
  object: KubeObject,
): ApiResponse {
  exchange.responseObject = object as unknown as JsonObject;
  if (object.kind === 'Status' || form.form === 'object') {
    const shown = resource.custom ? inOrder(object, resource.gvk) : object;
    return respond(exchange, code, shown as unknown as JsonObject);
  }
  if (form.form === 'metadata') return respond(exchange, code, metadataOf(object, form.version));
  if (form.form === 'metadataList')
    throw failure(
      406,
      'NotAcceptable',
      `you requested PartialObjectMetadataList, but the requested object is not a list (*${internalName(resource)})`,
    );
  const { resourceVersion } = object.metadata;
  return respond(
    exchange,
    code,
    inVersion(
      toTable(
        resource,
        [object],
        resourceVersion ? { resourceVersion } : {},
        tableOptions(exchange),
      ),
      form,
    ),
  );
}

export function respondList(
  exchange: Exchange,
  form: OutputForm,
  resource: ServedResource,
  metadata: ListMeta,
  items: readonly KubeObject[],
): ApiResponse {
  if (form.form === 'table')
    return respond(
      exchange,
      200,
      inVersion(toTable(resource, items, metadata, tableOptions(exchange)), form),
    );
  if (form.form === 'metadata')
    throw failure(
      406,
      'NotAcceptable',
      `you requested PartialObjectMetadata, but the requested object is a list (*${internalName(resource)}List)`,
    );
  const partial = form.form === 'metadataList';
  const list = {
    kind: partial
      ? 'PartialObjectMetadataList'
      : (resource.custom?.listKind ?? `${resource.gvk.kind}List`),
    apiVersion: partial ? `meta.k8s.io/${form.version}` : groupVersion(resource),
    metadata: resource.custom && !partial ? { continue: '', ...metadata } : metadata,
    items: partial
      ? items.map((item) => metadataOf(item, form.version))
      : resource.custom
        ? (items as unknown as JsonObject[])
        : items.map(listItem),
  };
  exchange.responseObject = list as unknown as JsonObject;
  return respond(exchange, 200, list as unknown as JsonObject);
}

/** Items of a typed list do not repeat kind and apiVersion. */
export function listItem(object: KubeObject): JsonObject {
  const known = bare.get(object);
  if (known) return known;
  const item = { ...object } as unknown as JsonObject;
  delete item['kind'];
  delete item['apiVersion'];
  bare.set(object, item);
  return item;
}

const bare = new WeakMap<KubeObject, JsonObject>();

/** A table says in which version of meta.k8s.io it is. */
const inVersion = (table: JsonObject, { version }: OutputForm): JsonObject =>
  version === 'v1' ? table : (inVersionAll(table, `meta.k8s.io/${version}`) as JsonObject);

/** The table and the metadata in its rows. */
function inVersionAll(value: JsonValue | undefined, apiVersion: string): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => inVersionAll(item, apiVersion) ?? null);
  if (value === null || typeof value !== 'object') return value;
  if (value['apiVersion'] !== 'meta.k8s.io/v1') {
    if (value['object'] === undefined) return value;
    return { ...value, object: inVersionAll(value['object'], apiVersion) };
  }
  return {
    ...value,
    apiVersion,
    ...(value['rows'] && { rows: inVersionAll(value['rows'], apiVersion) }),
  };
}

/** How Go names the type inside the server: `core.ConfigMap`. */
function internalName(resource: ServedResource): string {
  const group = resource.storage?.gvk.group ?? resource.group;
  return `${group.split('.')[0] || 'core'}.${resource.gvk.kind}`;
}

export const metadataOf = (object: KubeObject, version: OutputForm['version']): JsonObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata: object.metadata as unknown as JsonObject,
});

export const tableOptions = (
  exchange: Exchange,
): { now: number; includeObject: 'Metadata' | 'Object' | 'None' } => {
  const wanted = exchange.query.get('includeObject');
  return {
    now: exchange.server.clock.now(),
    includeObject: wanted === 'Object' || wanted === 'None' ? wanted : 'Metadata',
  };
};

export function respond(exchange: Exchange, code: number, object: JsonObject): ApiResponse {
  if (code >= 400) exchange.failed = object;
  if (isPretty(exchange))
    return respondText(exchange, code, JSON.stringify(object, null, 2), 'application/json');
  return { code, headers: headersOf(exchange), body: { kind: 'object', object } };
}

/** Models negotiation isPrettyPrint: people with a browser or curl read indented JSON. */
function isPretty(exchange: Exchange): boolean {
  const wanted = exchange.query.get('pretty');
  if (wanted) return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(wanted);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(exchange.userAgent);
}

export function respondText(
  exchange: Exchange,
  code: number,
  text: string,
  contentType = 'text/plain; charset=utf-8',
): ApiResponse {
  return { code, headers: headersOf(exchange), body: { kind: 'text', text, contentType } };
}

export function respondFailure(exchange: Exchange, error: StatusError): ApiResponse {
  const { status } = error;
  if (status.details?.retryAfterSeconds)
    exchange.headers['retry-after'] = String(status.details.retryAfterSeconds);
  return respond(exchange, status.code, status as unknown as JsonObject);
}

/** metav1.Status for what succeeded and has no object to show. */
export const success = (details: Status['details'], code = 200): KubeObject =>
  ({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details,
    ...(code !== 200 && { code }),
  }) as unknown as KubeObject;

function headersOf(exchange: Exchange): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {
    'cache-control': 'no-cache, private',
    ...exchange.headers,
  };
  if (exchange.warnings.length) headers['warning'] = exchange.warnings.map(warningHeader);
  return headers;
}

/** Models apimachinery/pkg/util/net NewWarningHeader: `299 - "text"`. */
const warningHeader = (text: string): string =>
  `299 - "${text
    .replace(/[\n\r\t]/g, ' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')}"`;
