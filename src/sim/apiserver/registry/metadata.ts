import { formatTime, type Micros } from '../../../base/time.ts';
import { uuid, type Random } from '../../../base/random.ts';
import { equal, type KubeObject, type ObjectMeta } from '../../../api/meta.ts';
import { badRequest } from '../../../api/status.ts';

// The rules of metadata that every kind shares, in the order in which the generic registry applies them.

/** What a client may not set. Models rest.WipeObjectMetaSystemFields. */
export function wipeSystemFields(meta: ObjectMeta): void {
  delete meta.creationTimestamp;
  delete meta.uid;
  delete meta.deletionTimestamp;
  delete meta.deletionGracePeriodSeconds;
  delete meta.selfLink;
}

/** Models rest.FillObjectMetaSystemFields. */
export function fillSystemFields(meta: ObjectMeta, now: Micros, random: Random): void {
  meta.creationTimestamp = formatTime(now);
  meta.uid = uuid(random);
}

/** Models rest.EnsureObjectNamespaceMatchesRequestNamespace. */
export function matchNamespace(meta: ObjectMeta, wanted: string): void {
  const has = meta.namespace ?? '';
  if (has === wanted) return;
  if (has && wanted)
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  if (wanted) meta.namespace = wanted;
  else delete meta.namespace;
}

/** Models handlers checkName: what a PUT or PATCH says about itself must fit its URL. */
export function checkName(meta: ObjectMeta, name: string, namespace: string): void {
  if (!meta.name)
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  if (meta.name !== name)
    throw badRequest(
      `the name of the object (${meta.name}) does not match the name on the URL (${name})`,
    );
  if (namespace && meta.namespace && meta.namespace !== namespace)
    throw badRequest(
      `the namespace of the object (${meta.namespace}) does not match the namespace on the request (${namespace})`,
    );
}

/** What an update takes over from the old object, whatever the new one says. Models rest.BeforeUpdate. */
export function keepSystemFields(meta: ObjectMeta, old: ObjectMeta): void {
  delete meta.selfLink;
  if (!meta.uid && old.uid) meta.uid = old.uid;
  if (old.creationTimestamp) meta.creationTimestamp = old.creationTimestamp;
  if (old.deletionTimestamp) meta.deletionTimestamp = old.deletionTimestamp;
  if (old.deletionGracePeriodSeconds !== undefined)
    meta.deletionGracePeriodSeconds ??= old.deletionGracePeriodSeconds;
}

/** Whether anything but metadata and status differs: what counts a generation. */
export function specChanged(object: KubeObject, old: KubeObject): boolean {
  const bare = (it: KubeObject): object => ({
    ...it,
    metadata: undefined,
    status: undefined,
    apiVersion: undefined,
    kind: undefined,
  });
  return !equal(bare(object), bare(old));
}

/** Removes owner references that say the same twice; whether there were any. */
export function dedupOwnerReferences(meta: ObjectMeta): readonly string[] {
  const references = meta.ownerReferences;
  if (!references || references.length < 2) return [];
  const unique = references.filter(
    (reference, at) => !references.slice(0, at).some((earlier) => equal(earlier, reference)),
  );
  const uids = [
    ...new Set(
      references
        .filter((reference, at) =>
          references.slice(0, at).some((earlier) => equal(earlier, reference)),
        )
        .map((reference) => reference.uid),
    ),
  ];
  if (uids.length) meta.ownerReferences = unique;
  return uids;
}

/** Whether two objects differ in nothing but the times of their managed fields. */
export function sameButTimes(object: KubeObject, old: KubeObject): boolean {
  const bare = (it: KubeObject): object => ({
    ...it,
    metadata: {
      ...it.metadata,
      resourceVersion: undefined,
      managedFields: it.metadata.managedFields?.map((entry) => ({ ...entry, time: undefined })),
    },
  });
  return equal(bare(object), bare(old));
}
