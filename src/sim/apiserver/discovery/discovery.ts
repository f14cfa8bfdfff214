import facts from '../../../api/facts/v1.36/discovery.json' with { type: 'json' };
import { groupVersion, type JsonObject, type JsonValue } from '../../../api/meta.ts';
import type { ApiResponse } from '../../../api/wire.ts';

// What the server serves, as clients ask for it. Models k8s.io/apiserver/pkg/endpoints/discovery.

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface DiscoveredResource {
  readonly plural: string;
  readonly singular: string;
  readonly kind: Kind;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
  readonly subresources?: readonly {
    readonly name: string;
    readonly kind: Kind;
    readonly verbs: readonly string[];
  }[];
}

export interface DiscoveredGroup {
  readonly group: string;
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly DiscoveredResource[];
  }[];
}

const { groups: builtIn, paths } = facts as {
  groups: readonly DiscoveredGroup[];
  paths: readonly string[];
};

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/**
 * The answer to a discovery path; undefined when it is none. `more` are groups that custom resources add.
 * Aggregated documents are given to clients that accept them, the older ones to the others.
 */
export function discovery(
  path: string,
  accept: string,
  more: readonly DiscoveredGroup[] = [],
): ApiResponse | undefined {
  const groups = joined(builtIn, more);
  const named = groups.filter(({ group }) => group !== '');
  const parts = path.replace(/\/+$/, '').split('/').slice(1);
  if (path === '/') return document({ paths: paths as JsonValue[] });
  if (parts[0] === 'api' && parts.length === 1) {
    if (wantsAggregated(accept)) return aggregatedList(groups.filter(({ group }) => group === ''));
    return document({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:6443' }],
    });
  }
  if (parts[0] === 'api' && parts.length === 2) return resourceList(groups, '', parts[1] ?? '');
  if (parts[0] !== 'apis' || parts.length > 3) return undefined;
  if (parts.length === 1) {
    if (wantsAggregated(accept)) return aggregatedList(named);
    return document({ kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupDocument) });
  }
  const group = named.find((it) => it.group === parts[1]);
  if (!group) return undefined;
  return parts.length === 2
    ? document({ kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(group) })
    : resourceList(groups, group.group, parts[2] ?? '');
}

/** Several definitions of one group stand in one group. */
function joined(
  first: readonly DiscoveredGroup[],
  more: readonly DiscoveredGroup[],
): readonly DiscoveredGroup[] {
  if (!more.length) return first;
  const all = new Map(first.map((group) => [group.group, group]));
  for (const group of more) {
    const known = all.get(group.group);
    all.set(
      group.group,
      known ? { group: group.group, versions: [...known.versions, ...group.versions] } : group,
    );
  }
  return [...all.values()];
}

const document = (
  object: JsonObject,
  contentType = 'application/json',
  headers: Record<string, string> = {},
): ApiResponse => ({
  code: 200,
  headers: { 'content-type': contentType, ...headers },
  body: { kind: 'object', object },
});

const wantsAggregated = (accept: string): boolean =>
  accept.split(',').some((part) => {
    const text = part.replaceAll(' ', '');
    return (
      text.includes('as=APIGroupDiscoveryList') &&
      text.includes('v=v2;') &&
      text.startsWith('application/json')
    );
  });

function groupDocument({ group, versions }: DiscoveredGroup): JsonObject {
  const all = versions.map(({ version }) => ({
    groupVersion: groupVersion({ group, version }),
    version,
  }));
  return { name: group, versions: all, preferredVersion: all[0] ?? null };
}

function resourceList(
  groups: readonly DiscoveredGroup[],
  group: string,
  version: string,
): ApiResponse | undefined {
  const found = groups
    .find((it) => it.group === group)
    ?.versions.find((it) => it.version === version);
  if (!found) return undefined;
  const resources = found.resources.flatMap((resource): JsonObject[] => [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      ...differing(resource.kind, group, version),
      kind: resource.kind.kind,
      verbs: [...resource.verbs],
      ...(resource.shortNames && { shortNames: [...resource.shortNames] }),
      ...(resource.categories && { categories: [...resource.categories] }),
      ...(resource.storageVersionHash && { storageVersionHash: resource.storageVersionHash }),
    },
    ...(resource.subresources ?? []).map((subresource): JsonObject => ({
      name: `${resource.plural}/${subresource.name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...differing(subresource.kind, group, version),
      kind: subresource.kind.kind,
      verbs: [...subresource.verbs],
    })),
  ]);
  return document({
    kind: 'APIResourceList',
    ...(group && { apiVersion: 'v1' }),
    groupVersion: groupVersion({ group, version }),
    resources,
  });
}

/** A kind of another group than the list's says so. */
function differing(kind: Kind, group: string, version: string): JsonObject {
  if (!kind.version || (kind.group === group && kind.version === version)) return {};
  return { group: kind.group, version: kind.version };
}

function aggregatedList(groups: readonly DiscoveredGroup[]): ApiResponse {
  const items = groups.map(({ group, versions }): JsonObject => ({
    metadata: group ? { name: group } : {},
    versions: versions.map(({ version, resources }): JsonObject => ({
      version,
      resources: resources.map(aggregatedResource),
      freshness: 'Current',
    })),
  }));
  return document(
    { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items },
    aggregated,
    { 'cache-control': 'public', vary: 'Accept' },
  );
}

function aggregatedResource(resource: DiscoveredResource): JsonObject {
  return {
    resource: resource.plural,
    responseKind: { ...resource.kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: [...resource.verbs],
    ...(resource.shortNames && { shortNames: [...resource.shortNames] }),
    ...(resource.categories && { categories: [...resource.categories] }),
    ...(resource.subresources && {
      subresources: resource.subresources.map(({ name, kind, verbs }): JsonObject => ({
        subresource: name,
        responseKind: { ...kind },
        verbs: [...verbs],
      })),
    }),
  };
}
