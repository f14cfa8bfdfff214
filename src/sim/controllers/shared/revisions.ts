import { controllerRevisionHash, sortedJson } from '../../../api/hash.ts';
import { clone, controllerOf, equal, type JsonObject, type KubeObject } from '../../../api/meta.ts';
import { controllerrevisions } from '../../../api/resources.ts';
import type { Selector } from '../../../api/selectors.ts';
import { isStatus } from '../../../api/status.ts';
import type { ControllerRevision } from '../../../api/types/appsV1.ts';
import type { PodTemplateSpec } from '../../../api/types/coreV1.ts';
import type { Clock } from '../../../base/time.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import type { Lister } from '../../client/objectCache.ts';
import { asJson, byCreation, controllerReference } from './objects.ts';
import { retryOnConflict } from './retry.ts';

const REVISION_HASH = 'controller.kubernetes.io/hash';

/** By revision, then by age. */
export const byRevision = (a: ControllerRevision, b: ControllerRevision): number =>
  a.revision - b.revision || byCreation(a, b);

/** The revisions that are the owner's or nobody's. Models realHistory.ListControllerRevisions. */
export const revisionsOf = (
  revisions: Lister<ControllerRevision>,
  owner: KubeObject,
  selector: Selector,
): ControllerRevision[] =>
  revisions.list(owner.metadata.namespace).filter((revision) => {
    const uid = controllerOf(revision)?.uid;
    return (
      selector.matches(revision.metadata.labels) &&
      (uid === undefined || uid === owner.metadata.uid)
    );
  });

/** What a revision remembers: the template, as a patch that replaces it. */
export const templateData = (template: PodTemplateSpec): JsonObject => ({
  spec: { template: { ...asJson(clone(template)), $patch: 'replace' } },
});

/** The template that a revision remembers. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const spec = revision.data?.['spec'] as { readonly template?: JsonObject } | undefined;
  const template = { ...clone(spec?.template ?? {}) };
  delete template['$patch'];
  return template;
}

export const sameData = (a: ControllerRevision, b: ControllerRevision): boolean =>
  equal(a.data, b.data);

/** Models history.NewControllerRevision. */
export function newRevision(
  owner: KubeObject,
  template: PodTemplateSpec,
  revision: number,
  collisionCount: number,
): ControllerRevision {
  const data = templateData(template);
  const hash = controllerRevisionHash(sortedJson(data), collisionCount);
  const { namespace, name = '', annotations } = owner.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionName(name, hash),
      ...(namespace && { namespace }),
      labels: { ...template.metadata?.labels, [REVISION_HASH]: hash },
      ...(annotations && { annotations: { ...annotations } }),
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision,
  };
}

/** Models ControllerRevisionName. */
export const revisionName = (prefix: string, hash: string): string =>
  `${prefix.slice(0, 223)}-${hash}`;

export interface RevisionWriter {
  readonly client: Client;
  readonly clock: Clock;
  readonly cause: Cause;
}

/** Another revision may have the same hash: then the count of collisions goes into it. Models CreateControllerRevision. */
export async function createRevision(
  { client, cause }: RevisionWriter,
  owner: KubeObject,
  revision: ControllerRevision,
  collisionCount: number,
): Promise<{ revision: ControllerRevision; collisionCount: number }> {
  for (let collisions = collisionCount; ; collisions++) {
    const hash = controllerRevisionHash(sortedJson(revision.data), collisions);
    const object = clone(revision);
    object.metadata.name = revisionName(owner.metadata.name ?? '', hash);
    try {
      const created = await client.create(controllerrevisions, object, cause);
      return { revision: created, collisionCount: collisions };
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
      const { namespace = '' } = owner.metadata;
      const exists = await client.get(controllerrevisions, namespace, object.metadata.name, cause);
      if (sameData(exists, object)) return { revision: exists, collisionCount: collisions };
    }
  }
}

/** An old revision is the newest again. Models UpdateControllerRevision. */
export async function renumberRevision(
  { client, clock, cause }: RevisionWriter,
  revisions: Lister<ControllerRevision>,
  revision: ControllerRevision,
  number: number,
): Promise<ControllerRevision> {
  let current = revision;
  return retryOnConflict(
    clock,
    async () => {
      if (current.revision === number) return current;
      try {
        return await client.update(controllerrevisions, { ...current, revision: number }, cause);
      } catch (error) {
        const { namespace = '', name = '' } = current.metadata;
        current = revisions.get(namespace, name) ?? current;
        throw error;
      }
    },
    { tries: 4, factor: 5 },
  );
}
