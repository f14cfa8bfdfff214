import {
  clone,
  controllerOf,
  equal,
  keyOf,
  splitKey,
  type OwnerReference,
} from '../../../api/meta.ts';
import { jobs, pods } from '../../../api/resources.ts';
import { parseLabelSelector, selectorOf } from '../../../api/selectors.ts';
import type { StatusError } from '../../../api/status.ts';
import type { Job } from '../../../api/types/batchV1.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import { minute, second } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import { ExponentialRateLimiter } from '../../client/rateLimiter.ts';
import type { WorkQueue } from '../../client/workQueue.ts';
import { claim } from '../shared/claim.ts';
import { ConsistencyStore } from '../shared/consistency.ts';
import { Expectations } from '../shared/expectations.ts';
import { timeOf } from '../shared/objects.ts';
import { PodControl } from '../shared/podControl.ts';
import { POD_CONTROLLER, podControllerIndex, podsOfOwner } from '../shared/pods.ts';
import { NO_BACKOFF, type Backoff } from './backoff.ts';
import * as util from './jobPods.ts';
import { beginTurn, condition, ensureCondition, judge, type JobTurn } from './jobSync.ts';
import { releasePod, trackPods } from './jobTracking.ts';
import { endPods, managePods, type ManagementParts } from './podManagement.ts';

/** Changes of pods are looked at together, a second later. */
const BATCH_PERIOD = 1 * second;

/** Models pkg/controller/job Controller. */
export class JobController extends Controller {
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #orphans: WorkQueue;
  readonly #recorder: EventRecorder;
  readonly #podControl: PodControl;
  readonly #expectations: Expectations;
  readonly #consistency = new ConsistencyStore();
  readonly #backoffs = new Map<string, Backoff>();
  /** For each Job, pods whose finalizer is being removed. */
  readonly #removals = new Map<string, Set<string>>();
  /** Uids of Jobs that were ended, which the informer does not show yet. */
  readonly #finished = new Set<string>();

  constructor(options: ControllerOptions) {
    super(options, 'job', {
      workers: 5,
      rateLimiter: new ExponentialRateLimiter(1 * second, 1 * minute),
    });
    this.#expectations = new Expectations(this.clock);
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'job-controller',
      }),
    );
    this.#podControl = new PodControl(this.client, this.#recorder);
    this.#orphans = this.addQueue(
      'job_orphan_pod',
      (key, cause) => this.#releaseOrphans(key, cause),
      { rateLimiter: new ExponentialRateLimiter(1 * second, 1 * minute) },
    );
    this.#jobs = this.informer(jobs, {
      added: (job, cause) => this.queue.add(keyOf(job), cause),
      updated: (old, job, cause) => this.#jobUpdated(old, job, cause),
      deleted: (job, cause) => this.#jobDeleted(job, cause),
    });
    this.#pods = this.informer(pods, {
      added: (pod, cause) => this.#podAdded(pod, cause),
      updated: (old, pod, cause) => this.#podUpdated(old, pod, cause),
      deleted: (pod, cause) => this.#podDeleted(pod, cause, true),
    });
    this.#pods.addIndex(POD_CONTROLLER, podControllerIndex);
  }

  /** Models syncJob. */
  protected async reconcile(key: string, cause: Cause): Promise<string> {
    this.#consistency.ensureReady(key);
    const found = this.#jobs.lister.byKey(key);
    if (!found) {
      this.#forget(key);
      return 'is gone: nothing to do';
    }
    const { managedBy } = util.specOf(found);
    if (managedBy !== undefined && managedBy !== 'kubernetes.io/job-controller')
      return `is managed by ${managedBy}`;
    const { uid = '' } = found.metadata;
    if (util.isFinished(found)) {
      this.#backoffs.delete(key);
      this.#consistency.forget(key, uid);
      this.#finished.delete(uid);
      return 'is finished';
    }
    if (this.#finished.has(uid)) return 'was finished just now';
    return this.#sync(key, clone(found), cause);
  }

  async #sync(key: string, job: Job, cause: Cause): Promise<string> {
    const notes: string[] = [];
    const satisfied = this.#expectations.satisfied(key);
    const own = await this.#podsOf(job, cause);
    const parts = this.#parts(key, job, cause, notes);
    const turn = beginTurn(job, own, parts);
    judge(turn, parts);
    let failure: StatusError | undefined;
    let suspendChanged = false;
    if (turn.finished) {
      const active = turn.active;
      const ended = await endPods(turn, parts);
      failure = ended.failure;
      // It ends only when all its pods are known and told to end.
      if (ended.deleted !== active || !satisfied) turn.finished = undefined;
    } else {
      const manages = satisfied && !job.metadata.deletionTimestamp;
      if (manages) failure = await managePods(turn, parts);
      if (isComplete(turn))
        turn.finished = condition(
          parts.now,
          'SuccessCriteriaMet',
          'CompletionsReached',
          'Reached expected number of succeeded pods',
        );
      else if (manages) suspendChanged = this.#syncSuspension(turn, parts);
    }
    const { status } = turn;
    const changed =
      suspendChanged ||
      turn.active !== (status.active ?? 0) ||
      turn.ready !== status.ready ||
      turn.terminating !== status.terminating;
    if (turn.active) status.active = turn.active;
    else delete status.active;
    status.ready = turn.ready;
    status.terminating = turn.terminating;
    await trackPods(turn, parts, changed);
    if (failure) throw failure;
    return notes.join('; ') || 'its pods are as they should be';
  }

  #parts(key: string, job: Job, cause: Cause, notes: string[]): ManagementParts {
    const { uid = '' } = job.metadata;
    const removals = this.#removals.get(key) ?? new Set<string>();
    this.#removals.set(key, removals);
    return {
      key,
      client: this.client,
      recorder: this.#recorder,
      podControl: this.#podControl,
      expectations: this.#expectations,
      cause,
      now: this.clock.now(),
      expectedRemovals: new Set(removals),
      backoff: this.#backoffs.get(key) ?? NO_BACKOFF,
      saveBackoff: (backoff) => this.#backoffs.set(key, backoff),
      wroteJob: (written) =>
        this.#consistency.wroteAt(key, uid, this.#jobs, written.metadata.resourceVersion),
      expectRemoval: (pod) => removals.add(pod),
      removalObserved: (pod) => removals.delete(pod),
      jobFinished: () => this.#finished.add(uid),
      again: (delay) => this.queue.addAfter(key, delay, cause),
      note: (text) => notes.push(text),
    };
  }

  async #podsOf(job: Job, cause: Cause): Promise<Pod[]> {
    const found = podsOfOwner(this.#pods.lister, job, true);
    const own = await claim(found, {
      client: this.client,
      cause,
      owner: job,
      ownerResource: jobs,
      selector: selectorOf(util.specOf(job).selector),
      resource: pods,
      finalizers: [util.FINALIZER],
    });
    // Those just adopted have the finalizer, if not yet in the cache.
    return own.map((pod) => {
      if (controllerOf(pod) || util.isTracked(pod)) return pod;
      const finalizers = [...(pod.metadata.finalizers ?? []), util.FINALIZER];
      return { ...pod, metadata: { ...pod.metadata, finalizers } };
    });
  }

  #syncSuspension(turn: JobTurn, { now, cause }: ManagementParts): boolean {
    const { job, status } = turn;
    if (util.isSuspended(job)) {
      if (!ensureCondition(status, condition(now, 'Suspended', 'JobSuspended', 'Job suspended')))
        return false;
      this.#recorder.record(job, 'Normal', 'Suspended', 'Job suspended', cause);
      delete status.startTime;
      return true;
    }
    const resumed = condition(now, 'Suspended', 'JobResumed', 'Job resumed', 'False');
    if (!ensureCondition(status, resumed)) return false;
    this.#recorder.record(job, 'Normal', 'Resumed', 'Job resumed', cause);
    if (resumed.lastTransitionTime) status.startTime = resumed.lastTransitionTime;
    return true;
  }

  /** Keys: `ns/name` of a pod, or `ns?selector` for all pods of a Job that is over. */
  async #releaseOrphans(key: string, cause: Cause): Promise<string> {
    const question = key.indexOf('?');
    if (question < 0) {
      const { namespace, name } = splitKey(key);
      const pod = this.#pods.lister.get(namespace, name);
      return pod && (await this.#releaseOrphan(pod, cause)) ? 'lets it go' : 'nothing to do';
    }
    const selector = parseLabelSelector(key.slice(question + 1));
    let count = 0;
    for (const pod of this.#pods.lister.list(key.slice(0, question)))
      if (selector.matches(pod.metadata.labels) && (await this.#releaseOrphan(pod, cause))) count++;
    return count ? `lets ${count} pods go` : 'nothing to do';
  }

  async #releaseOrphan(pod: Pod, cause: Cause): Promise<boolean> {
    const reference = controllerOf(pod);
    if (reference && (reference.kind !== 'Job' || reference.apiVersion !== 'batch/v1'))
      return false;
    const job = reference && this.#resolve(pod, reference);
    if ((job && !util.isFinished(job)) || !util.isTracked(pod)) return false;
    await releasePod(this.client, pod, cause);
    return true;
  }

  #jobUpdated(old: Job, job: Job, cause: EventId): void {
    const key = keyOf(job);
    if (util.isFinished(job)) {
      this.#enqueueSelector(job, cause);
      return;
    }
    if (old.metadata.generation === job.metadata.generation)
      this.queue.addAfter(key, BATCH_PERIOD, cause);
    else this.queue.add(key, cause);
    const { activeDeadlineSeconds } = util.specOf(job);
    const { startTime } = job.status ?? {};
    if (!startTime || activeDeadlineSeconds === undefined) return;
    if (activeDeadlineSeconds === util.specOf(old).activeDeadlineSeconds) return;
    const left = timeOf(startTime) + activeDeadlineSeconds * second - this.clock.now();
    this.queue.addAfter(key, left, cause);
  }

  #jobDeleted(job: Job, cause: EventId): void {
    const key = keyOf(job);
    this.queue.add(key, cause);
    this.#consistency.forget(key, job.metadata.uid);
    this.#finished.delete(job.metadata.uid ?? '');
    this.#backoffs.delete(key);
    this.#enqueueSelector(job, cause);
  }

  #forget(key: string): void {
    this.#expectations.forget(key);
    this.#removals.delete(key);
    this.#consistency.forget(key);
    this.#backoffs.delete(key);
  }

  #enqueueSelector(job: Job, cause: EventId): void {
    const selector = selectorOf(util.specOf(job).selector).toString();
    this.#orphans.add(`${job.metadata.namespace ?? ''}?${selector}`, cause);
  }

  #podAdded(pod: Pod, cause: EventId): void {
    if (pod.metadata.deletionTimestamp) {
      this.#podDeleted(pod, cause, false);
      return;
    }
    const reference = controllerOf(pod);
    if (reference) {
      const job = this.#resolve(pod, reference);
      if (!job) return;
      this.#expectations.creationObserved(keyOf(job));
      this.#enqueueBatched(job, cause);
      return;
    }
    if (util.isTracked(pod)) this.#orphans.add(keyOf(pod), cause);
    this.#enqueueSelecting(pod, cause);
  }

  #podUpdated(old: Pod, pod: Pod, cause: EventId): void {
    if (pod.metadata.deletionTimestamp) {
      this.#podDeleted(pod, cause, false);
      return;
    }
    const [before, now] = [controllerOf(old), controllerOf(pod)];
    const ownerChanged = !equal(before, now);
    if (ownerChanged && before) this.#ownerSees(old, before, pod, cause);
    if (now) {
      this.#ownerSees(pod, now, pod, cause);
      return;
    }
    if (util.isTracked(pod)) this.#orphans.add(keyOf(pod), cause);
    if (ownerChanged || !equal(old.metadata.labels, pod.metadata.labels))
      this.#enqueueSelecting(pod, cause);
  }

  #ownerSees(owned: Pod, reference: OwnerReference, pod: Pod, cause: EventId): void {
    const job = this.#resolve(owned, reference);
    if (!job) return;
    if (!util.isTracked(pod)) this.#removals.get(keyOf(job))?.delete(util.uidOf(pod));
    this.#enqueueBatched(job, cause);
  }

  #podDeleted(pod: Pod, cause: EventId, isFinal: boolean): void {
    const reference = controllerOf(pod);
    const job = reference && this.#resolve(pod, reference);
    if (!job || util.isFinished(job)) {
      if (util.isTracked(pod)) this.#orphans.add(keyOf(pod), cause);
      return;
    }
    const key = keyOf(job);
    this.#expectations.someDeletionObserved(key);
    if (isFinal || !util.isTracked(pod)) this.#removals.get(key)?.delete(util.uidOf(pod));
    this.#enqueueBatched(job, cause);
  }

  #enqueueBatched(job: Job, cause: EventId): void {
    this.queue.addAfter(keyOf(job), BATCH_PERIOD, cause);
  }

  #enqueueSelecting(pod: Pod, cause: EventId): void {
    if (!pod.metadata.labels) return;
    for (const job of this.#jobs.lister.list(pod.metadata.namespace))
      if (selectorOf(util.specOf(job).selector).matches(pod.metadata.labels))
        this.#enqueueBatched(job, cause);
  }

  #resolve(pod: Pod, reference: OwnerReference): Job | undefined {
    if (reference.kind !== 'Job') return undefined;
    const job = this.#jobs.lister.get(pod.metadata.namespace ?? '', reference.name);
    return job?.metadata.uid === reference.uid ? job : undefined;
  }
}

function isComplete({ job, succeeded, active }: JobTurn): boolean {
  const { completions } = util.specOf(job);
  if (active > 0) return false;
  return completions === undefined ? succeeded > 0 : succeeded >= completions;
}
