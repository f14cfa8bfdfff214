import { defined } from '../../base/assert.ts';
import { formatTime } from '../../base/time.ts';
import { uuid } from '../../base/random.ts';
import { parseGroupVersion, type JsonObject, type KubeObject } from '../../api/meta.ts';
import { badRequest, StatusError } from '../../api/status.ts';
import { Exchange } from './exchange.ts';
import { decodeObject } from './decode/decode.ts';
import { rulesOf } from './registry/rules.ts';
import type { ServedResource } from './registry/resources.ts';
import type { ServerParts } from './serverParts.ts';

export interface Restored {
  /** How many objects were written. */
  readonly count: number;
  /** Kinds that are not served, each once: their objects were left out. `Widget of example.com/v1` */
  readonly unknownKinds: readonly string[];
  /** Objects that could not be read, in a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Writes objects as they were in another cluster (`kubectl get … -o yaml`): with their uid, status and owners, without
 * asking the rules whether they may be there, for they were. Their resourceVersion becomes this store's. A namespace
 * that objects are in is there as well.
 */
export async function restore(
  parts: ServerParts,
  objects: readonly JsonObject[],
  namespace = 'default',
): Promise<Restored> {
  // What a write brings with it (addresses of Services) is asked of an exchange.
  const exchange = new Exchange(parts, { method: 'PUT', url: '/restore', headers: {}, peer: {} });
  const unknownKinds = new Set<string>();
  const problems: string[] = [];
  let count = 0;
  const missing = await missingNamespaces(parts, objects, namespace);
  for (const given of inOrderOfNeed([...missing, ...objects])) {
    const resource = resourceOf(parts, given);
    if (!resource?.storage) {
      unknownKinds.add(`${text(given['kind'])} of ${text(given['apiVersion'])}`);
      continue;
    }
    try {
      const object = complete(parts, resource, given, namespace);
      await write(exchange, resource, object);
      if (object.kind === 'CustomResourceDefinition') await parts.refreshResources();
      count++;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      problems.push(
        `${text(given['kind'])} ${nameOf(given) || '(without a name)'}: ${error.message}`,
      );
    }
  }
  return { count: count - missing.length, unknownKinds: [...unknownKinds], problems };
}

/** Namespaces first, then kinds that make others known. */
const inOrderOfNeed = (objects: readonly JsonObject[]): JsonObject[] => {
  const rank = ({ kind }: JsonObject): number =>
    kind === 'Namespace' ? 0 : kind === 'CustomResourceDefinition' ? 1 : 2;
  return objects.toSorted((a, b) => rank(a) - rank(b));
};

/** The namespaces that objects are in, where they are not among them and the cluster has none of the name. */
async function missingNamespaces(
  parts: ServerParts,
  objects: readonly JsonObject[],
  namespace: string,
): Promise<JsonObject[]> {
  const names = new Set<string>();
  for (const object of objects)
    if (resourceOf(parts, object)?.namespaced)
      names.add(text(metadataOf(object)['namespace']) || namespace);
  for (const object of objects) if (object['kind'] === 'Namespace') names.delete(nameOf(object));
  const served = defined(parts.resources.get('', 'v1', 'namespaces'), 'namespaces are served');
  const missing: JsonObject[] = [];
  for (const name of names)
    if (!(await parts.store.get(served, '', name)))
      missing.push({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      });
  return missing;
}

/** Decoded, with defaults, and with what every stored object has. */
function complete(
  parts: ServerParts,
  resource: ServedResource,
  given: JsonObject,
  namespace: string,
): KubeObject {
  const { object } = decodeObject(given, 'application/json', resource.gvk, 'Ignore');
  const meta = object.metadata;
  if (!meta.name) throw badRequest('it has no metadata.name');
  if (resource.namespaced) meta.namespace ||= namespace;
  else delete meta.namespace;
  meta.uid ||= uuid(parts.random);
  meta.creationTimestamp ??= formatTime(parts.clock.now());
  rulesOf(resource).default_(object);
  return object;
}

async function write(
  exchange: Exchange,
  resource: ServedResource,
  object: KubeObject,
): Promise<void> {
  const { store } = exchange.server;
  const { name = '', namespace = '' } = object.metadata;
  const old = await store.get(resource, namespace, name);
  const ops = (await rulesOf(resource).sideEffects?.(exchange, object, old?.object)) ?? [];
  if (old) await store.replace(resource, old, object, exchange.event, ops);
  else await store.create(resource, object, exchange.event, ops);
}

function resourceOf({ resources }: ServerParts, object: JsonObject): ServedResource | undefined {
  const { group, version } = parseGroupVersion(text(object['apiVersion']));
  for (const resource of resources.all())
    if (
      resource.group === group &&
      resource.version === version &&
      resource.gvk.kind === object['kind']
    )
      return resource;
  return undefined;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const metadataOf = (object: JsonObject): JsonObject => {
  const { metadata } = object;
  return metadata !== null && typeof metadata === 'object' && !Array.isArray(metadata)
    ? metadata
    : {};
};

const nameOf = (object: JsonObject): string => text(metadataOf(object)['name']);
