import { controllerOf, type KubeObject, type OwnerReference } from '../../../api/meta.ts';
import { resourcePath } from '../../../api/resource.ts';
import { StatusError } from '../../../api/status.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import type { Lister } from '../../client/objectCache.ts';

/** What controls pods and says how many there are to be. */
export type Scaled = KubeObject & { readonly spec?: { readonly replicas?: number } };

/** By the kind of the reference: the group it belongs to, and the known objects. */
export type ScaledKinds = Readonly<
  Record<string, { readonly group: string; readonly lister: Lister<Scaled> }>
>;

/** A failure to find out how many pods there are to be: it becomes the budget's condition. */
export class ScaleError extends Error {
  override readonly name = 'ScaleError';
}

export interface ExpectedScale {
  readonly count: number;
  /** Pods that nothing controls. */
  readonly unmanaged: readonly string[];
}

/** How many pods there are to be, by the controllers of those there are. Models getExpectedScale. */
export async function expectedScale(
  pods: readonly Pod[],
  kinds: ScaledKinds,
  client: Client,
  cause: Cause,
): Promise<ExpectedScale> {
  const scales = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const reference = controllerOf(pod);
    if (!reference) {
      unmanaged.push(pod.metadata.name ?? '');
      continue;
    }
    if (scales.has(reference.uid)) continue;
    const { namespace = '', name = '' } = pod.metadata;
    const found =
      knownScale(reference, namespace, kinds) ??
      (await servedScale(reference, namespace, client, cause));
    if (!found) throw new ScaleError(`found no controllers for pod "${name}"`);
    scales.set(found.uid, found.replicas);
  }
  return { count: [...scales.values()].reduce((sum, one) => sum + one, 0), unmanaged };
}

interface FoundScale {
  readonly uid: string;
  readonly replicas: number;
}

/** Of a ReplicaSet that a Deployment controls, the Deployment's counts. */
function knownScale(
  reference: OwnerReference,
  namespace: string,
  kinds: ScaledKinds,
): FoundScale | undefined {
  const kind = kinds[reference.kind];
  if (!kind || groupOf(reference) !== kind.group) return undefined;
  const owner = kind.lister.get(namespace, reference.name);
  if (!owner || owner.metadata.uid !== reference.uid) return undefined;
  const above = controllerOf(owner);
  if (reference.kind === 'ReplicaSet' && above?.kind === 'Deployment')
    return knownScale(above, namespace, kinds);
  return { uid: reference.uid, replicas: owner.spec?.replicas ?? 1 };
}

const groupOf = ({ apiVersion }: OwnerReference): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';

/** Of any other kind, what its scale subresource says. Models getScaleController. */
async function servedScale(
  reference: OwnerReference,
  namespace: string,
  client: Client,
  cause: Cause,
): Promise<FoundScale | undefined> {
  const group = groupOf(reference);
  const version = reference.apiVersion.split('/').at(-1) ?? '';
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const { resources } = (await client.raw('GET', root, undefined, cause)) as unknown as {
    resources: { name: string; kind: string }[];
  };
  const { kind } = reference;
  const resource = resources.find((one) => one.kind === kind && !one.name.includes('/'))?.name;
  if (resource === undefined)
    throw new ScaleError(`no matches for kind "${kind}" in version "${reference.apiVersion}"`);
  const served = { group, version, resource, kind, namespaced: true };
  try {
    const path = resourcePath(served, namespace, reference.name, 'scale');
    const scale = (await client.raw('GET', path, undefined, cause)) as unknown as Scaled;
    return scale.metadata.uid === reference.uid
      ? { uid: reference.uid, replicas: scale.spec?.replicas ?? 0 }
      : undefined;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (error.reason !== 'NotFound') throw new ScaleError(error.message);
    if (resources.some(({ name }) => name === `${resource}/scale`)) return undefined;
    const about = group ? `${resource}.${group}` : resource;
    throw new ScaleError(`${about} does not implement the scale subresource`);
  }
}
