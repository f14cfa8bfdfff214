import facts from '../../../api/facts/v1.36/discovery.json' with { type: 'json' };
import schemas from '../../../api/facts/v1.36/schemas.json' with { type: 'json' };
import type { JsonObject, JsonValue } from '../../../api/meta.ts';
import { schemaNameOf } from '../../../api/schema/goTypes.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { DiscoveredGroup, DiscoveredResource } from '../discovery/discovery.ts';
import type { ServedResource } from '../registry/resources.ts';
import { customSchemaName, customSchemas, type CustomSchemas } from './customSchemas.ts';
import { PROTOBUF_V2, protobufDocument } from './protobufV2.ts';
import { describe, type Descriptions } from './descriptions.ts';

// OpenAPI documents, made from discovery and schemas when they are first asked for. Clients read in them whether a
// kind can be validated by the server (the fieldValidation parameter of its PATCH) and how its lists merge.

const { groups } = facts as { groups: readonly DiscoveredGroup[] };
const all = schemas as Readonly<Record<string, JsonObject>>;
const documents = new Map<string, JsonObject>();
const version = '1.36';

/** Documents with descriptions or without, which differ between servers; `inventory` names the difference. */
interface BuiltInWords {
  readonly descriptions: Descriptions;
  readonly inventory: string;
}
interface Words extends BuiltInWords {
  readonly custom: CustomSchemas;
}
const words = new WeakMap<Descriptions, BuiltInWords>();
const sizeOfSchemas = JSON.stringify(schemas).length;

function wordsOf(descriptions: Descriptions): BuiltInWords {
  let found = words.get(descriptions);
  if (!found) {
    const inventory = `${sizeOfSchemas}/${JSON.stringify(descriptions).length}`;
    words.set(descriptions, (found = { descriptions, inventory }));
  }
  return found;
}

/** The answer to a path below /openapi; undefined when it is none. `descriptions` is asked when it is needed. */
export function openapi(
  path: string,
  query: string,
  descriptions: () => Descriptions,
  resources: readonly ServedResource[] = [],
  accept = '',
): ApiResponse | undefined {
  if (!path.startsWith('/openapi/')) return undefined;
  const words = { ...wordsOf(descriptions()), custom: customSchemas(resources) };
  if (path === '/openapi/v3') return root(words);
  if (path === '/openapi/v2' && accept.includes('proto-openapi.spec.v2')) return protobuf();
  if (path === '/openapi/v2') return respond(swagger(words), 'v2', '', words);
  if (!path.startsWith('/openapi/v3/')) return undefined;
  const place = path.slice('/openapi/v3/'.length);
  const document = documentOf(place, words);
  return document && respond(document, place, query, words);
}

/** Who names the hash may keep the document for good. Models k8s.io/kube-openapi/pkg/handler3 HandleGroupVersion. */
function respond(object: JsonObject, place: string, query: string, words: Words): ApiResponse {
  const hash = hashOf(place, words);
  const asked = new URLSearchParams(query).get('hash');
  if (asked !== null && asked !== hash)
    return {
      code: 301,
      headers: { location: `/openapi/v3/${place}?hash=${hash}` },
      body: { kind: 'none' },
    };
  return {
    code: 200,
    headers: {
      'content-type': 'application/json',
      etag: `"${hash}"`,
      ...(asked !== null && { 'cache-control': 'public, immutable' }),
      vary: 'Accept-Encoding, Accept',
    },
    body: { kind: 'object', object },
  };
}

/** A document changes with the version of the server, its schemas and its descriptions. */
function hashOf(place: string, { inventory, custom }: Words): string {
  let hash = 0x811c9dc5;
  const added = isBuiltIn(place) ? '' : custom.inventory(place);
  for (const char of `${version}/${place}/${inventory}${added}`)
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).toUpperCase().padStart(8, '0').repeat(4);
}

const placesOf = (of: readonly DiscoveredGroup[]): string[] =>
  of.flatMap(({ group, versions }) =>
    versions.map((it) => (group ? `apis/${group}/${it.version}` : `api/${it.version}`)),
  );

const builtInPlaces = new Set(placesOf(groups));
const isBuiltIn = (place: string): boolean => builtInPlaces.has(place);
const places = ({ custom }: Words): string[] => [
  ...new Set([...builtInPlaces, ...placesOf(custom.groups)]),
];

function root(words: Words): ApiResponse {
  const paths: JsonObject = {};
  for (const place of places(words))
    paths[place] = { serverRelativeURL: `/openapi/v3/${place}?hash=${hashOf(place, words)}` };
  return {
    code: 200,
    headers: { 'content-type': 'application/json' },
    body: { kind: 'object', object: { paths } },
  };
}

function documentOf(place: string, words: Words): JsonObject | undefined {
  const key = `${place}/${words.inventory}`;
  const { custom } = words;
  const known = documents.get(key);
  if (known) return known;
  const parts = place.split('/');
  const [group = '', name = ''] = parts[0] === 'api' ? ['', parts[1]] : [parts[1], parts[2]];
  const resources = [...groups, ...custom.groups]
    .filter((it) => it.group === group)
    .flatMap(({ versions }) => versions.filter((it) => it.version === name))
    .flatMap((it) => it.resources);
  if (!resources.length) return undefined;
  const paths: JsonObject = {};
  for (const resource of resources)
    Object.assign(paths, pathsOf(`/${place}`, group, name, resource));
  const document: JsonObject = {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths,
    components: { schemas: componentsFor(paths, group, name, words) },
  };
  if (isBuiltIn(place)) documents.set(key, document);
  return document;
}

interface Operation {
  readonly method: string;
  readonly action: string;
  readonly verb: string;
}

const onCollection: readonly Operation[] = [
  { method: 'get', action: 'list', verb: 'list' },
  { method: 'post', action: 'post', verb: 'create' },
  { method: 'delete', action: 'deletecollection', verb: 'deletecollection' },
];
const onObject: readonly Operation[] = [
  { method: 'get', action: 'get', verb: 'get' },
  { method: 'put', action: 'put', verb: 'update' },
  { method: 'patch', action: 'patch', verb: 'patch' },
  { method: 'delete', action: 'delete', verb: 'delete' },
  { method: 'post', action: 'post', verb: 'create' },
];

function pathsOf(
  base: string,
  group: string,
  name: string,
  resource: DiscoveredResource,
): JsonObject {
  const collection = resource.namespaced
    ? `${base}/namespaces/{namespace}/${resource.plural}`
    : `${base}/${resource.plural}`;
  const gvk = { group, version: name, kind: resource.kind.kind };
  const paths: JsonObject = {
    [collection]: operations(onCollection, resource.verbs, gvk, resource.namespaced, false),
    [`${collection}/{name}`]: operations(
      onObject.filter(({ verb }) => verb !== 'create'),
      resource.verbs,
      gvk,
      resource.namespaced,
      true,
    ),
  };
  if (resource.namespaced)
    paths[`${base}/${resource.plural}`] = operations(
      onCollection.slice(0, 1),
      resource.verbs,
      gvk,
      false,
      false,
    );
  for (const { name: subresource, kind, verbs } of resource.subresources ?? []) {
    const own = kind.version ? { ...kind } : { group, version: name, kind: kind.kind };
    paths[`${collection}/{name}/${subresource}`] = operations(
      onObject,
      verbs,
      own,
      resource.namespaced,
      true,
    );
  }
  return paths;
}

interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

function operations(
  list: readonly Operation[],
  verbs: readonly string[],
  gvk: Gvk,
  namespaced: boolean,
  named: boolean,
): JsonObject {
  const item: JsonObject = {};
  for (const operation of list)
    if (verbs.includes(operation.verb)) item[operation.method] = operationOf(operation, gvk);
  item['parameters'] = [
    ...(named ? [parameter('path', 'name')] : []),
    ...(namespaced ? [parameter('path', 'namespace')] : []),
    parameter('query', 'pretty'),
  ];
  return item;
}

function parameter(place: string, name: string, type = 'string'): JsonObject {
  return {
    in: place,
    name,
    ...(place === 'path' && { required: true }),
    schema: { type, uniqueItems: true },
  };
}

const writes = [
  parameter('query', 'dryRun'),
  parameter('query', 'fieldManager'),
  parameter('query', 'fieldValidation'),
];
const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** Custom resources have no strategies for merging. */
const patchTypesOf = ({ group }: Gvk): string[] =>
  patchTypes.filter((type) => builtInGroups.has(group) || !type.includes('strategic'));

function operationOf({ method, action }: Operation, gvk: Gvk): JsonObject {
  const schema = ref(schemaNameOf(gvk) ?? customNameOf(gvk));
  const parameters =
    method === 'patch'
      ? [...writes, parameter('query', 'force', 'boolean')]
      : method === 'post' || method === 'put'
        ? writes
        : [];
  const content = (types: readonly string[], of: JsonObject): JsonObject =>
    Object.fromEntries(types.map((type) => [type, { schema: of }]));
  const body =
    method === 'patch'
      ? content(patchTypesOf(gvk), ref('io.k8s.apimachinery.pkg.apis.meta.v1.Patch'))
      : content(['*/*'], schema);
  return {
    ...(parameters.length && { parameters }),
    ...((method === 'patch' || method === 'post' || method === 'put') && {
      requestBody: { content: body, required: true },
    }),
    responses: {
      '200': { content: content(['application/json', 'application/yaml'], schema) },
      '401': {},
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: gvk.group, kind: gvk.kind, version: gvk.version },
  };
}

const builtInGroups = new Set(groups.map(({ group }) => group));

/** A built-in kind without a schema is answered with a Status. */
const customNameOf = (gvk: Gvk): string =>
  builtInGroups.has(gvk.group)
    ? 'io.k8s.apimachinery.pkg.apis.meta.v1.Status'
    : customSchemaName(gvk);

const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

/** The schemas that the paths name, those that they name in turn, and all kinds of the group version. */
function componentsFor(
  paths: JsonObject,
  group: string,
  name: string,
  { descriptions, custom }: Words,
): JsonObject {
  const found: JsonObject = {};
  const visit = (schema: string): void => {
    const own = custom.schemas[schema];
    const value = own ?? all[schema];
    if (found[schema] || !value) return;
    found[schema] = own ?? describe(value, schema, descriptions);
    refsIn(value).forEach(visit);
  };
  refsIn(paths).forEach(visit);
  for (const [schema, value] of [...Object.entries(all), ...Object.entries(custom.schemas)]) {
    const kinds = value['x-kubernetes-group-version-kind'] as unknown as Gvk[] | undefined;
    if (kinds?.some((kind) => kind.group === group && kind.version === name)) visit(schema);
  }
  return found;
}

function refsIn(value: JsonValue | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner.replace(/^.*\//, '')] : refsIn(inner),
  );
}

const protobuf = (): ApiResponse => ({
  code: 200,
  headers: {},
  body: { kind: 'bytes', bytes: protobufDocument(version), contentType: PROTOBUF_V2 },
});

/** Version 2, as people and curl may read it; kubectl asks for it in protobuf only, and only where v3 is missing. */
function swagger(words: Words): JsonObject {
  const key = `v2/${words.inventory}${words.custom.inventory('')}`;
  let document = documents.get(key);
  if (!document) {
    const paths: JsonObject = {};
    for (const place of places(words)) Object.assign(paths, documentOf(place, words)?.['paths']);
    document = {
      swagger: '2.0',
      info: { title: 'Kubernetes', version },
      paths,
      definitions: { ...all, ...words.custom.schemas } as JsonObject,
    };
    documents.set(key, document);
  }
  return document;
}
