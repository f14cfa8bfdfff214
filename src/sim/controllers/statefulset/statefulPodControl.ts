import { clone } from '../../../api/meta.ts';
import { persistentvolumeclaims, pods } from '../../../api/resources.ts';
import { isStatus, StatusError } from '../../../api/status.ts';
import type { StatefulSet } from '../../../api/types/appsV1.ts';
import type { PersistentVolumeClaim, Pod } from '../../../api/types/coreV1.ts';
import type { Clock } from '../../../base/time.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/eventRecorder.ts';
import type { Lister } from '../../client/objectCache.ts';
import { RetryError } from '../../client/worker.ts';
import { retryOnConflict } from '../shared/retry.ts';
import * as util from './statefulPods.ts';

export interface StatefulPodParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  readonly pods: Lister<Pod>;
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly wrotePod: (set: StatefulSet, pod: Pod) => void;
  readonly wroteClaim: (set: StatefulSet, claim: PersistentVolumeClaim) => void;
}

/** Makes, changes and deletes a pod with its claims, and tells so in events. Models StatefulPodControl. */
export class StatefulPodControl {
  readonly #parts: StatefulPodParts;

  constructor(parts: StatefulPodParts) {
    this.#parts = parts;
  }

  async create(set: StatefulSet, pod: Pod, cause: Cause): Promise<void> {
    await this.#told('create', set, pod, cause, () => this.#createClaims(set, pod, cause), true);
    try {
      this.#parts.wrotePod(set, await this.#parts.client.create(pods, pod, cause));
    } catch (error) {
      if (!(error instanceof StatusError) || error.reason === 'AlreadyExists') throw error;
      this.#event('create', set, pod, cause, error);
      throw error;
    }
    await this.#told('update', set, pod, cause, () => this.fixClaims(set, pod, cause), true);
    this.#event('create', set, pod, cause);
  }

  async delete(set: StatefulSet, pod: Pod, cause: Cause): Promise<void> {
    const { namespace = '', name = '' } = pod.metadata;
    await this.#told('delete', set, pod, cause, async () => {
      try {
        await this.#parts.client.delete(pods, namespace, name, {}, cause);
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    });
  }

  /** Brings name, labels, volumes and claims of a pod in line. */
  async update(set: StatefulSet, given: Pod, cause: Cause): Promise<void> {
    let pod = clone(given);
    const state = { attempted: false };
    const attempt = async (): Promise<void> => {
      let consistent = true;
      if (!util.identityMatches(set, pod)) {
        util.updateIdentity(set, pod);
        consistent = false;
      }
      if (!util.storageMatches(set, pod)) {
        util.updateStorage(set, pod);
        consistent = false;
        await this.#createClaims(set, pod, cause);
      }
      if (!this.claimsMatch(set, pod)) {
        await this.fixClaims(set, pod, cause);
        consistent = false;
      }
      if (consistent) return;
      state.attempted = true;
      try {
        this.#parts.wrotePod(set, await this.#parts.client.update(pods, pod, cause));
      } catch (error) {
        const { namespace = '', name = '' } = pod.metadata;
        pod = clone(this.#parts.pods.get(namespace, name) ?? pod);
        throw error;
      }
    };
    try {
      await retryOnConflict(this.#parts.clock, attempt, { tries: 4, factor: 5 });
    } catch (error) {
      if (error instanceof Error) this.#event('update', set, pod, cause, error);
      throw error;
    }
    if (state.attempted) this.#event('update', set, pod, cause);
  }

  /** For a pod that waits: a claim may have been lost since. */
  async createMissingClaims(set: StatefulSet, pod: Pod, cause: Cause): Promise<void> {
    await this.#createClaims(set, pod, cause);
    await this.#told('update', set, pod, cause, () => this.fixClaims(set, pod, cause), true);
  }

  claimsMatch(set: StatefulSet, pod: Pod): boolean {
    return util.claimsOf(set, pod).every(({ claim }) => {
      const found = this.#claim(claim);
      return !found || util.ownersUpToDate(found, set, pod);
    });
  }

  /** Whether a claim of the pod before is still on its way out. */
  claimIsStale(set: StatefulSet, pod: Pod): boolean {
    if (!util.retention(set).onScale) return false;
    return util.claimsOf(set, pod).some(({ claim }) => {
      const found = this.#claim(claim);
      return found !== undefined && util.hasStaleOwner(found, pod, 'Pod');
    });
  }

  /** Models UpdatePodClaimForRetentionPolicy. */
  async fixClaims(set: StatefulSet, pod: Pod, cause: Cause): Promise<void> {
    const { client, recorder, wroteClaim } = this.#parts;
    for (const { claim } of util.claimsOf(set, pod)) {
      const found = this.#claim(claim);
      if (!found) continue;
      const { name = '' } = found.metadata;
      if (util.hasUnexpectedController(found, set, pod))
        recorder.record(
          set,
          'Warning',
          'ConflictingController',
          `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`,
          cause,
        );
      if (util.ownersUpToDate(found, set, pod)) continue;
      const changed = clone(found);
      changed.metadata.ownerReferences = util.claimOwners(found, set, pod);
      wroteClaim(set, await client.update(persistentvolumeclaims, changed, cause));
    }
  }

  async #createClaims(set: StatefulSet, pod: Pod, cause: Cause): Promise<void> {
    const errors: string[] = [];
    for (const { claim } of util.claimsOf(set, pod)) {
      const { name = '' } = claim.metadata;
      const found = this.#claim(claim);
      if (found?.metadata.deletionTimestamp) errors.push(`pvc ${name} is being deleted`);
      if (found) continue;
      try {
        const { client, wroteClaim } = this.#parts;
        wroteClaim(set, await client.create(persistentvolumeclaims, claim, cause));
        this.#claimEvent(set, pod, name, cause);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        errors.push(`failed to create PVC ${name}: ${error.message}`);
        if (error.reason !== 'AlreadyExists') this.#claimEvent(set, pod, name, cause, error);
      }
    }
    const [first] = errors;
    if (first === undefined) return;
    throw new RetryError(errors.length === 1 ? first : `[${errors.join(', ')}]`);
  }

  #claim(claim: PersistentVolumeClaim): PersistentVolumeClaim | undefined {
    return this.#parts.claims.get(claim.metadata.namespace ?? '', claim.metadata.name ?? '');
  }

  async #told(
    verb: string,
    set: StatefulSet,
    pod: Pod,
    cause: Cause,
    task: () => Promise<void>,
    failureOnly = false,
  ): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (error instanceof StatusError || error instanceof RetryError)
        this.#event(verb, set, pod, cause, error);
      throw error;
    }
    if (!failureOnly) this.#event(verb, set, pod, cause);
  }

  #event(verb: string, set: StatefulSet, pod: Pod, cause: Cause, error?: Error): void {
    const what = `${capital(verb)} Pod ${pod.metadata.name ?? ''} in StatefulSet ${set.metadata.name ?? ''}`;
    this.#record(verb, set, `${what} successful`, `${what} failed error: `, cause, error);
  }

  #claimEvent(set: StatefulSet, pod: Pod, claim: string, cause: Cause, error?: Error): void {
    const where = `Pod ${pod.metadata.name ?? ''} in StatefulSet ${set.metadata.name ?? ''}`;
    const [good, bad] = [
      `Create Claim ${claim} ${where} success`,
      `Create Claim ${claim} for ${where} failed error: `,
    ];
    this.#record('create', set, good, bad, cause, error);
  }

  #record(
    verb: string,
    set: StatefulSet,
    good: string,
    bad: string,
    cause: Cause,
    error?: Error,
  ): void {
    const { recorder } = this.#parts;
    const title = capital(verb);
    if (error) recorder.record(set, 'Warning', `Failed${title}`, bad + error.message, cause);
    else recorder.record(set, 'Normal', `Successful${title}`, good, cause);
  }
}

const capital = (verb: string): string => verb.charAt(0).toUpperCase() + verb.slice(1);
