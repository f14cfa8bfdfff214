import { podTemplateHash } from '../../../api/hash.ts';
import { clone, equal } from '../../../api/meta.ts';
import { controllerrevisions, daemonsets, pods } from '../../../api/resources.ts';
import { isStatus } from '../../../api/status.ts';
import type { ControllerRevision, DaemonSet } from '../../../api/types/appsV1.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import { controllerReference } from '../shared/objects.ts';
import { byRevision, templateData } from '../shared/revisions.ts';
import { REVISION_HASH, specOf } from './daemonPods.ts';

export interface History {
  readonly current: ControllerRevision;
  readonly old: readonly ControllerRevision[];
}

/** The revision of the present template, made or renumbered if need be, and the older ones. Models constructHistory. */
export async function constructHistory(
  set: DaemonSet,
  revisions: readonly ControllerRevision[],
  own: readonly Pod[],
  client: Client,
  cause: Cause,
): Promise<History> {
  const data = templateData(specOf(set).template);
  const same = revisions.filter((one) => equal(one.data, data));
  const old = revisions.filter((one) => !same.includes(one));
  const number = Math.max(0, ...old.map(({ revision }) => revision)) + 1;
  if (!same.length) return { current: await snapshot(set, number, client, cause), old };
  const current = await onlyOne(same, own, client, cause);
  if (current.revision >= number) return { current, old };
  const renumbered = { ...clone(current), revision: number };
  return { current: await client.update(controllerrevisions, renumbered, cause), old };
}

/** Models cleanupHistory: old revisions that no pod has, beyond the limit. */
export async function cleanUpHistory(
  set: DaemonSet,
  old: readonly ControllerRevision[],
  own: readonly Pod[],
  client: Client,
  cause: Cause,
): Promise<void> {
  const live = new Set(own.map(({ metadata }) => metadata.labels?.[REVISION_HASH]));
  let surplus = old.length - (specOf(set).revisionHistoryLimit ?? 10);
  for (const { metadata } of [...old].sort(byRevision)) {
    if (surplus <= 0) return;
    if (live.has(metadata.labels?.[REVISION_HASH])) continue;
    const { namespace = '', name = '' } = metadata;
    await client.delete(controllerrevisions, namespace, name, {}, cause);
    surplus--;
  }
}

/** Models snapshot: another template may have the same hash, then the collisions are counted in the status. */
async function snapshot(
  set: DaemonSet,
  revision: number,
  client: Client,
  cause: Cause,
): Promise<ControllerRevision> {
  const { namespace = '', name: owner = '', annotations } = set.metadata;
  const { template } = specOf(set);
  const hash = podTemplateHash(template, set.status?.collisionCount);
  const name = `${owner}-${hash}`;
  const wanted: ControllerRevision = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace,
      labels: { ...template.metadata?.labels, [REVISION_HASH]: hash },
      ...(annotations && { annotations: { ...annotations } }),
      ownerReferences: [controllerReference(set)],
    },
    data: templateData(template),
    revision,
  };
  try {
    return await client.create(controllerrevisions, wanted, cause);
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error;
    const exists = await client.get(controllerrevisions, namespace, name, cause);
    if (equal(exists.data, wanted.data)) return exists;
    const live = clone(await client.get(daemonsets, namespace, owner, cause));
    const status = (live.status ??= {
      currentNumberScheduled: 0,
      desiredNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
    });
    status.collisionCount = (status.collisionCount ?? 0) + 1;
    await client.update(daemonsets, live, cause, 'status');
    throw error;
  }
}

/** Of several revisions with the same template the newest stays. Models dedupCurHistories. */
async function onlyOne(
  same: readonly ControllerRevision[],
  own: readonly Pod[],
  client: Client,
  cause: Cause,
): Promise<ControllerRevision> {
  const [kept, ...others] = [...same].sort(byRevision).reverse();
  if (!kept) throw new Error('there is one at least');
  if (!others.length) return kept;
  const hash = kept.metadata.labels?.[REVISION_HASH] ?? '';
  for (const { metadata } of own) {
    if (metadata.labels?.[REVISION_HASH] === hash) continue;
    const { namespace = '', name = '' } = metadata;
    const patch = { metadata: { labels: { [REVISION_HASH]: hash } } };
    await client.patch(pods, namespace, name, 'merge', patch, cause);
  }
  for (const { metadata } of others) {
    const { namespace = '', name = '' } = metadata;
    await client.delete(controllerrevisions, namespace, name, {}, cause);
  }
  return kept;
}
