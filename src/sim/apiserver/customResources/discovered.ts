import { encodeBase64 } from '../../../base/base64.ts';
import { sha256 } from '../../../base/sha256.ts';
import type { DiscoveredGroup, DiscoveredResource } from '../discovery/discovery.ts';
import type { ServedResource } from '../registry/resources.ts';

/** What custom resources add to discovery. Models apiextensions-apiserver pkg/apiserver/customresource_discovery_controller.go. */
export function discoveredGroups(resources: readonly ServedResource[]): DiscoveredGroup[] {
  const groups = new Map<string, Map<string, DiscoveredResource[]>>();
  for (const resource of resources) {
    const versions = groups.get(resource.group) ?? new Map<string, DiscoveredResource[]>();
    groups.set(resource.group, versions);
    versions.set(resource.version, [
      ...(versions.get(resource.version) ?? []),
      discovered(resource),
    ]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, versions]) => ({
      group,
      versions: [...versions]
        .sort(([a], [b]) => compareVersions(b, a))
        .map(([version, found]) => ({ version, resources: found })),
    }));
}

/** What can be done with the objects of a definition that goes. */
const LEAVING = ['delete', 'deletecollection', 'get', 'list', 'watch'];

function discovered(resource: ServedResource): DiscoveredResource {
  const { group, gvk, custom, shortNames, storage, subresources } = resource;
  const stored = `${group}/${storage?.gvk.version ?? ''}/${gvk.kind}`;
  const categories = custom?.categories ?? [];
  return {
    plural: resource.resource,
    singular: resource.singular,
    kind: gvk,
    namespaced: resource.namespaced,
    verbs: custom?.isTerminating ? LEAVING : [...resource.verbs],
    ...(shortNames.length && { shortNames }),
    ...(categories.length && { categories }),
    storageVersionHash: encodeBase64(sha256(stored).slice(0, 8)),
    ...(subresources.size && {
      subresources: [...subresources.values()].map(({ name, gvk: kind, verbs }) => ({
        name,
        kind,
        verbs: [...verbs],
      })),
    }),
  };
}

/** v2 before v1 before v1beta2 before v1alpha1 before other names. Models version.CompareKubeAwareVersionStrings. */
export function compareVersions(a: string, b: string): number {
  const ranks = (version: string): readonly number[] | undefined => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (!match) return undefined;
    const [, major = '0', level, minor = '0'] = match;
    return [level === undefined ? 2 : level === 'beta' ? 1 : 0, Number(major), Number(minor)];
  };
  const [left, right] = [ranks(a), ranks(b)];
  if (!left || !right) {
    if (left) return 1;
    if (right) return -1;
    return a < b ? 1 : a > b ? -1 : 0;
  }
  for (const [at, rank] of left.entries()) {
    const difference = rank - (right[at] ?? 0);
    if (difference) return difference;
  }
  return 0;
}
