import { controllerOf, type JsonObject, type KubeObject } from '../../../api/meta.ts';
import type { Resource } from '../../../api/resource.ts';
import { isStatus, StatusError } from '../../../api/status.ts';
import type { Selector } from '../../../api/selectors.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import { RetryError } from '../../client/worker.ts';
import { asJson, controllerReference } from './objects.ts';

export interface ClaimOptions<T extends KubeObject> {
  readonly client: Client;
  readonly cause: Cause;
  readonly owner: KubeObject;
  /** For the check, before adopting, that the owner is still there and stays. */
  readonly ownerResource: Resource;
  readonly selector: Selector;
  readonly resource: Resource<T>;
  readonly matches?: (object: T) => boolean;
  readonly finalizers?: readonly string[];
  readonly wrote?: (object: T) => void;
}

/**
 * The objects that the owner controls: those that match and are its own, and orphans that match, which it adopts. What is
 * its own but no longer matches it releases. Models controller.PodControllerRefManager and its kin.
 */
export async function claim<T extends KubeObject>(
  objects: readonly T[],
  options: ClaimOptions<T>,
): Promise<T[]> {
  const { owner, selector } = options;
  const matches = (object: T): boolean =>
    selector.matches(object.metadata.labels) && (options.matches?.(object) ?? true);
  const claimed: T[] = [];
  const failures: Error[] = [];
  let canAdopt: Promise<void> | undefined;
  for (const object of objects) {
    const current = controllerOf(object);
    if (current && current.uid !== owner.metadata.uid) continue;
    try {
      if (current) {
        if (matches(object)) claimed.push(object);
        else if (!owner.metadata.deletionTimestamp) await release(object, options);
        continue;
      }
      if (owner.metadata.deletionTimestamp || !matches(object)) continue;
      if (object.metadata.deletionTimestamp) continue;
      if (owner.metadata.namespace && owner.metadata.namespace !== object.metadata.namespace)
        continue;
      canAdopt ??= recheck(options);
      await adopt(object, canAdopt, options);
      claimed.push(object);
    } catch (error) {
      if (isStatus(error, 'NotFound')) continue;
      if (!(error instanceof StatusError) && !(error instanceof RetryError)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first && failures.length === 1) throw first;
  if (first) throw new RetryError(`[${failures.map(({ message }) => message).join(', ')}]`);
  return claimed;
}

/** Models controller.RecheckDeletionTimestamp. */
async function recheck<T extends KubeObject>(options: ClaimOptions<T>): Promise<void> {
  const { client, owner, ownerResource, cause } = options;
  const { namespace = '', name = '', uid = '' } = owner.metadata;
  const fresh = await client.get(ownerResource, namespace, name, cause).catch((error: unknown) => {
    if (!(error instanceof StatusError)) throw error;
    throw new RetryError(`can't recheck DeletionTimestamp: ${error.message}`);
  });
  if (fresh.metadata.uid !== uid)
    throw new RetryError(
      `can't recheck DeletionTimestamp: original ${owner.kind} ${namespace}/${name} is gone: got uid ${fresh.metadata.uid ?? ''}, wanted ${uid}`,
    );
  const { deletionTimestamp } = fresh.metadata;
  if (deletionTimestamp)
    throw new RetryError(`${namespace}/${name} has just been deleted at ${deletionTimestamp}`);
}

async function adopt<T extends KubeObject>(
  object: T,
  canAdopt: Promise<void>,
  options: ClaimOptions<T>,
): Promise<void> {
  const { client, resource, owner, cause, finalizers, wrote } = options;
  const { namespace = '', name = '', uid = '' } = object.metadata;
  await canAdopt.catch((error: unknown) => {
    if (!(error instanceof RetryError)) throw error;
    throw new RetryError(
      `can't adopt ${object.kind} ${namespace}/${name} (${uid}): ${error.message}`,
    );
  });
  const patch: JsonObject = {
    metadata: {
      ownerReferences: [asJson(controllerReference(owner))],
      uid,
      ...(finalizers?.length && { finalizers: [...finalizers] }),
    },
  };
  const written = await client.patch(resource, namespace, name, 'strategic', patch, cause);
  wrote?.(written);
}

async function release<T extends KubeObject>(object: T, options: ClaimOptions<T>): Promise<void> {
  const { client, resource, owner, cause, finalizers, wrote } = options;
  const { namespace = '', name = '', uid = '' } = object.metadata;
  const patch: JsonObject = {
    metadata: {
      uid,
      ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid ?? '' }],
      ...(finalizers?.length && { '$deleteFromPrimitiveList/finalizers': [...finalizers] }),
    },
  };
  try {
    const written = await client.patch(resource, namespace, name, 'strategic', patch, cause);
    wrote?.(written);
  } catch (error) {
    // Gone, or no longer what it was: nothing to release.
    if (!isStatus(error, 'NotFound') && !isStatus(error, 'Invalid')) throw error;
  }
}
