import type { Resource } from '../../../api/resource.ts';
import type { JsonObject } from '../../../api/meta.ts';
import { StatusError } from '../../../api/status.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';

/** A resource as the server tells of it. */
export interface DiscoveredResource extends Resource {
  readonly verbs: readonly string[];
}

interface ResourceList {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

/**
 * The served resources, each in its group's preferred version, or in the first that has it; without subresources.
 * Models discovery.ServerPreferredResources. Groups that do not answer are left out.
 */
export async function preferredResources(
  client: Client,
  cause: Cause,
): Promise<DiscoveredResource[]> {
  const found = new Map<string, DiscoveredResource>();
  for (const { group, version } of await groupVersions(client, cause)) {
    const path = group ? `/apis/${group}/${version}` : `/api/${version}`;
    const list = (await tryGet(client, path, cause)) as ResourceList | undefined;
    for (const { name, kind, namespaced, verbs } of list?.resources ?? []) {
      const key = `${name}.${group}`;
      if (name.includes('/') || found.has(key)) continue;
      found.set(key, { group, version, resource: name, kind, namespaced, verbs });
    }
  }
  return [...found.values()];
}

interface GroupList {
  readonly groups?: readonly {
    readonly name: string;
    readonly versions: readonly { readonly version: string }[];
    readonly preferredVersion?: { readonly version: string };
  }[];
}

/** All versions of all groups, the preferred one of each group first. */
async function groupVersions(
  client: Client,
  cause: Cause,
): Promise<{ group: string; version: string }[]> {
  const core = (await tryGet(client, '/api', cause)) as
    { readonly versions?: readonly string[] } | undefined;
  const all = (core?.versions ?? []).map((version) => ({ group: '', version }));
  const list = (await tryGet(client, '/apis', cause)) as GroupList | undefined;
  for (const { name, versions, preferredVersion } of list?.groups ?? []) {
    const preferred = preferredVersion?.version;
    const names = versions.map(({ version }) => version);
    const sorted = preferred
      ? [preferred, ...names.filter((version) => version !== preferred)]
      : names;
    all.push(...sorted.map((version) => ({ group: name, version })));
  }
  return all;
}

async function tryGet(client: Client, path: string, cause: Cause): Promise<JsonObject | undefined> {
  try {
    return await client.raw('GET', path, undefined, cause);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return undefined;
  }
}
