import { clone } from '../../../api/meta.ts';
import { controllerrevisions, statefulsets } from '../../../api/resources.ts';
import { StatusError } from '../../../api/status.ts';
import type {
  ControllerRevision,
  StatefulSet,
  StatefulSetStatus,
} from '../../../api/types/appsV1.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import { defined } from '../../../base/assert.ts';
import type { Clock, Micros } from '../../../base/time.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import type { Lister } from '../../client/objectCache.ts';
import { RetryError } from '../../client/worker.ts';
import { omitEmpty } from '../shared/objects.ts';
import { isPodAvailable } from '../shared/pods.ts';
import { retryOnConflict } from '../shared/retry.ts';
import * as revisions from '../shared/revisions.ts';
import { slowStart } from '../shared/slowStart.ts';
import type { StatefulPodControl } from './statefulPodControl.ts';
import * as util from './statefulPods.ts';

export interface SetWork {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly revisions: readonly ControllerRevision[];
  readonly now: Micros;
  readonly cause: Cause;
  readonly client: Client;
  readonly clock: Clock;
  readonly podControl: StatefulPodControl;
  readonly revisionLister: Lister<ControllerRevision>;
  readonly setLister: Lister<StatefulSet>;
  wroteSet(set: StatefulSet): void;
  note(text: string): void;
}

interface Revisions {
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly collisionCount: number;
}

/** The whole of one reconciliation. Models defaultStatefulSetControl.UpdateStatefulSet. */
export async function updateStatefulSet(work: SetWork): Promise<StatefulSetStatus> {
  const sorted = [...work.revisions].sort(revisions.byRevision);
  const used = await syncRevisions(work, sorted);
  const { status, failure } = await new SetUpdate(work, used).run();
  completeRollingUpdate(work.set, status);
  let statusFailure: unknown;
  try {
    if (isInconsistent(work.set, status)) await writeStatus(work, status);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    statusFailure = error;
  }
  await truncateHistory(work, sorted, used);
  if (failure) throw failure;
  if (statusFailure instanceof StatusError) throw statusFailure;
  return status;
}

/** The revision that pods had, and the one they are to have. Models getStatefulSetRevisions. */
async function syncRevisions(
  work: SetWork,
  sorted: readonly ControllerRevision[],
): Promise<Revisions> {
  const { set, client, clock, cause, revisionLister } = work;
  const writer = { client, clock, cause };
  const newest = sorted.at(-1);
  let collisionCount = set.status?.collisionCount ?? 0;
  const next = (newest?.revision ?? 0) + 1;
  const wanted = revisions.newRevision(set, util.specOf(set).template, next, collisionCount);
  const same = sorted.filter((revision) => revisions.sameData(revision, wanted)).at(-1);
  let update: ControllerRevision;
  if (same && newest && revisions.sameData(newest, same)) update = newest;
  else if (same) {
    update = await revisions.renumberRevision(writer, revisionLister, same, next);
    work.note(`revision ${update.metadata.name ?? ''} is the newest again`);
  } else {
    const made = await revisions.createRevision(writer, set, wanted, collisionCount);
    update = made.revision;
    collisionCount = made.collisionCount;
    work.note(`creates revision ${update.metadata.name ?? ''}`);
  }
  const current = sorted.find(({ metadata }) => metadata.name === set.status?.currentRevision);
  return { current: current ?? update, update, collisionCount };
}

/** Brings the pods in line, one after another unless the set allows all at once. */
class SetUpdate {
  readonly #work: SetWork;
  readonly #revisions: Revisions;
  readonly #monotonic: boolean;
  readonly #minReady: number;
  /** One a number, those that are missing as they are to be. */
  readonly #replicas: Pod[];
  /** Those beyond the number, the highest first. */
  readonly #condemned: Pod[];
  readonly #status: StatefulSetStatus;

  constructor(work: SetWork, used: Revisions) {
    this.#work = work;
    this.#revisions = used;
    const { set, pods } = work;
    const spec = util.specOf(set);
    this.#monotonic = spec.podManagementPolicy !== 'Parallel';
    this.#minReady = spec.minReadySeconds ?? 0;
    const start = util.startOrdinal(set);
    const byOrdinal = new Map(pods.map((pod) => [util.ordinalOf(pod), pod]));
    this.#replicas = Array.from({ length: spec.replicas ?? 0 }, (_, index) => {
      return byOrdinal.get(start + index) ?? this.#newPod(start + index);
    });
    this.#condemned = pods
      .filter((pod) => util.ordinalOf(pod) >= 0 && !util.inRange(pod, set))
      .sort((a, b) => util.ordinalOf(b) - util.ordinalOf(a));
    this.#status = {
      ...omitEmpty({
        observedGeneration: set.metadata.generation,
        currentRevision: used.current.metadata.name,
        updateRevision: used.update.metadata.name,
      }),
      collisionCount: used.collisionCount,
      replicas: 0,
    };
    this.#count(pods);
  }

  /** Models updateStatefulSet. */
  async run(): Promise<{ status: StatefulSetStatus; failure?: Error }> {
    try {
      if (!this.#work.set.metadata.deletionTimestamp) await this.#update();
    } catch (error) {
      if (!(error instanceof StatusError) && !(error instanceof RetryError)) throw error;
      this.#count([...this.#replicas, ...this.#condemned]);
      return { status: this.#status, failure: error };
    }
    return { status: this.#status };
  }

  async #update(): Promise<void> {
    const { set, podControl, cause } = this.#work;
    const updated = this.#withTemplate(this.#revisions.update);
    const firstUnavailable = [...this.#replicas, ...[...this.#condemned].reverse()].find((pod) =>
      this.#isUnavailable(pod),
    );
    const all = [...this.#replicas, ...this.#condemned];
    const goesOn =
      (await this.#forAll(this.#replicas, (pod) => this.#processReplica(pod, updated))) &&
      (await this.#forAll(this.#condemned, async (pod) => {
        if (!podControl.claimsMatch(updated, pod)) await podControl.fixClaims(updated, pod, cause);
        return false;
      })) &&
      (await this.#forAll(this.#condemned, (pod) => this.#processCondemned(pod, firstUnavailable)));
    this.#count(all);
    if (goesOn && util.specOf(set).updateStrategy?.type !== 'OnDelete') await this.#rollOut();
  }

  /** Whether all were done, none asking to wait. */
  async #forAll(list: readonly Pod[], task: (pod: Pod) => Promise<boolean>): Promise<boolean> {
    if (this.#monotonic) {
      for (const pod of list) if (await task(pod)) return false;
      return true;
    }
    const { failure } = await slowStart(list.length, async (index) => {
      await task(defined(list[index], 'slowStart counts to the length of the list'));
    });
    if (failure) throw failure;
    return true;
  }

  /** Whether the others have to wait for this one. Models processReplica. */
  async #processReplica(pod: Pod, updated: StatefulSet): Promise<boolean> {
    const { set, podControl, cause, now } = this.#work;
    const name = pod.metadata.name ?? '';
    const { phase } = pod.status ?? {};
    if (phase === 'Failed' || phase === 'Succeeded') {
      if (!util.isTerminating(pod)) {
        this.#work.note(`${name} is over: deletes it to make it again`);
        await podControl.delete(set, pod, cause);
      }
      return true;
    }
    if (!util.isCreated(pod)) {
      if (podControl.claimIsStale(set, pod)) return true;
      this.#work.note(`creates ${name}`);
      await podControl.create(set, pod, cause);
      if (this.#monotonic) return true;
    }
    if (phase === 'Pending') await podControl.createMissingClaims(set, pod, cause);
    if (this.#monotonic) {
      const waits =
        util.isTerminating(pod) ||
        !util.isRunningAndReady(pod) ||
        !isPodAvailable(pod, this.#minReady, now);
      if (waits) {
        this.#work.note(`waits for ${name}`);
        return true;
      }
    }
    const isRight =
      util.identityMatches(set, pod) &&
      util.storageMatches(set, pod) &&
      podControl.claimsMatch(updated, pod);
    if (!isRight) await podControl.update(updated, pod, cause);
    return false;
  }

  /** Models processCondemned. */
  async #processCondemned(pod: Pod, firstUnavailable: Pod | undefined): Promise<boolean> {
    const { set, podControl, cause } = this.#work;
    const name = pod.metadata.name ?? '';
    if (util.isTerminating(pod)) {
      if (this.#monotonic) this.#work.note(`waits until ${name} is gone`);
      return this.#monotonic;
    }
    const isReady =
      util.isRunningAndReady(pod) && isPodAvailable(pod, this.#minReady, this.#work.now);
    if (!isReady && this.#monotonic && pod !== firstUnavailable) {
      this.#work.note(
        `does not delete ${name} while ${firstUnavailable?.metadata.name ?? ''} is not available`,
      );
      return true;
    }
    this.#work.note(`deletes ${name}, which is beyond the number wanted`);
    await podControl.delete(set, pod, cause);
    return true;
  }

  /** Deletes the highest pod of an old revision, when those above it are well. */
  async #rollOut(): Promise<void> {
    const { set, podControl, cause } = this.#work;
    const updateName = this.#revisions.update.metadata.name;
    const from = util.specOf(set).updateStrategy?.rollingUpdate?.partition ?? 0;
    for (let index = this.#replicas.length - 1; index >= from; index--) {
      const pod = defined(this.#replicas[index], 'every number has a pod');
      if (pod.metadata.labels?.[util.REVISION] !== updateName && !util.isTerminating(pod)) {
        this.#work.note(`deletes ${pod.metadata.name ?? ''}, which has an old revision`);
        await podControl.delete(set, pod, cause);
        const { currentReplicas = 0 } = this.#status;
        if (currentReplicas > 1) this.#status.currentReplicas = currentReplicas - 1;
        else delete this.#status.currentReplicas;
        return;
      }
      if (this.#isUnavailable(pod)) {
        this.#work.note(`waits for ${pod.metadata.name ?? ''} before it goes on`);
        return;
      }
    }
  }

  /** In place. Models updateStatus. */
  #count(list: readonly Pod[]): void {
    const created = list.filter(util.isCreated);
    const staying = created.filter((pod) => !util.isTerminating(pod));
    const ready = list.filter(util.isRunningAndReady);
    const ofRevision = (revision: ControllerRevision): number =>
      staying.filter((pod) => pod.metadata.labels?.[util.REVISION] === revision.metadata.name)
        .length;
    const counts = {
      readyReplicas: ready.length,
      currentReplicas: ofRevision(this.#revisions.current),
      updatedReplicas: ofRevision(this.#revisions.update),
    };
    delete this.#status.readyReplicas;
    delete this.#status.currentReplicas;
    delete this.#status.updatedReplicas;
    Object.assign(this.#status, omitEmpty(counts), {
      replicas: created.length,
      availableReplicas: ready.filter((pod) => isPodAvailable(pod, this.#minReady, this.#work.now))
        .length,
    });
  }

  /** Below the partition, and as long as others have it, the old revision. Models newVersionedStatefulSetPod. */
  #newPod(ordinal: number): Pod {
    const { set } = this.#work;
    const { type, rollingUpdate } = util.specOf(set).updateStrategy ?? {};
    const start = util.startOrdinal(set);
    const isOld = rollingUpdate
      ? ordinal < start + (rollingUpdate.partition ?? 0)
      : type === 'RollingUpdate' && ordinal < start + (set.status?.currentReplicas ?? 0);
    const revision = isOld ? this.#revisions.current : this.#revisions.update;
    const template = revisions.templateOf(revision);
    return util.newPod(set, template, revision.metadata.name ?? '', ordinal);
  }

  #withTemplate(revision: ControllerRevision): StatefulSet {
    const { set } = this.#work;
    return { ...set, spec: { ...util.specOf(set), template: revisions.templateOf(revision) } };
  }

  #isUnavailable(pod: Pod): boolean {
    return util.isUnavailable(pod, this.#minReady, this.#work.now);
  }
}

/** In place: all pods have the update revision, so it is the current one. */
function completeRollingUpdate(set: StatefulSet, status: StatefulSetStatus): void {
  const { replicas = 0, updateStrategy } = util.specOf(set);
  const isComplete =
    updateStrategy?.type === 'RollingUpdate' &&
    (status.updatedReplicas ?? 0) === replicas &&
    (status.readyReplicas ?? 0) === replicas &&
    status.replicas === replicas;
  if (!isComplete) return;
  if (status.updatedReplicas) status.currentReplicas = status.updatedReplicas;
  else delete status.currentReplicas;
  if (status.updateRevision) status.currentRevision = status.updateRevision;
}

function isInconsistent(set: StatefulSet, status: StatefulSetStatus): boolean {
  const old = set.status ?? { replicas: 0 };
  const keys = [
    'replicas',
    'readyReplicas',
    'availableReplicas',
    'currentReplicas',
    'updatedReplicas',
  ] as const;
  return (
    (status.observedGeneration ?? 0) > (old.observedGeneration ?? 0) ||
    keys.some((key) => (status[key] ?? 0) !== (old[key] ?? 0)) ||
    status.currentRevision !== old.currentRevision ||
    status.updateRevision !== old.updateRevision
  );
}

async function writeStatus(work: SetWork, status: StatefulSetStatus): Promise<void> {
  const { client, clock, cause, setLister } = work;
  let set = work.set;
  await retryOnConflict(clock, async () => {
    try {
      const changed: StatefulSet = { ...clone(set), status };
      work.wroteSet(await client.update(statefulsets, changed, cause, 'status'));
    } catch (error) {
      const { namespace = '', name = '' } = set.metadata;
      set = setLister.get(namespace, name) ?? set;
      throw error;
    }
  });
}

/** Deletes the oldest revisions that nothing uses, beyond the limit. */
async function truncateHistory(
  { set, pods, client, cause }: SetWork,
  sorted: readonly ControllerRevision[],
  { current, update }: Revisions,
): Promise<void> {
  const live = new Set([
    current.metadata.name,
    update.metadata.name,
    ...pods.map((pod) => pod.metadata.labels?.[util.REVISION]),
  ]);
  const history = sorted.filter(({ metadata }) => !live.has(metadata.name));
  const limit = util.specOf(set).revisionHistoryLimit ?? 10;
  for (const { metadata } of history.slice(0, Math.max(0, history.length - limit)))
    await client.delete(
      controllerrevisions,
      metadata.namespace ?? '',
      metadata.name ?? '',
      {},
      cause,
    );
}
