import { groupResource, type KubeObject } from '../../../api/meta.ts';
import type { Informer } from '../../client/informer.ts';
import { RetryError } from '../../client/worker.ts';

interface Written {
  readonly uid: string;
  readonly versions: Map<Watched, number>;
}

/** As much of an informer as is asked here. */
type Watched = Pick<Informer<KubeObject>, 'resource' | 'resourceVersion'>;

/**
 * What a controller last wrote for an object: it is not reconciled again before the informers have seen that.
 * Models pkg/controller/util/consistency ConsistencyStore.
 */
export class ConsistencyStore {
  readonly #writes = new Map<string, Written>();

  wroteAt(owner: string, uid: string, informer: Watched, resourceVersion = ''): void {
    let record = this.#writes.get(owner);
    if (record?.uid !== uid) {
      record = { uid, versions: new Map() };
      this.#writes.set(owner, record);
    }
    const version = Number(resourceVersion);
    if (version > (record.versions.get(informer) ?? 0)) record.versions.set(informer, version);
  }

  forget(owner: string, uid?: string): void {
    const record = this.#writes.get(owner);
    if (record && (uid === undefined || record.uid === uid)) this.#writes.delete(owner);
  }

  /** Throws RetryError while an informer is behind. */
  ensureReady(owner: string): void {
    const record = this.#writes.get(owner);
    if (!record) return;
    for (const [informer, wrote] of record.versions) {
      const { resourceVersion, resource } = informer;
      if (resourceVersion !== '' && wrote > Number(resourceVersion))
        throw new RetryError(
          `read version: ${resourceVersion} is not as new as written version: ${wrote} for group resource ${groupResource(resource)}`,
        );
    }
    this.#writes.delete(owner);
  }
}
