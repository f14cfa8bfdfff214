import { keyOf, splitKey } from '../../../api/meta.ts';
import { jobs } from '../../../api/resources.ts';
import type { Job } from '../../../api/types/batchV1.ts';
import { second, type Micros } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { timeOf, unlessNotFound } from '../shared/objects.ts';

/** Deletes finished Jobs when their time to live is over. Models pkg/controller/ttlafterfinished Controller. */
export class TtlAfterFinishedController extends Controller {
  readonly #jobs: Informer<Job>;

  constructor(options: ControllerOptions) {
    super(options, 'ttl_jobs_to_delete', { workers: 5 });
    const enqueue = (job: Job, cause: EventId): void => {
      if (expiry(job) !== undefined) this.queue.add(keyOf(job), cause);
    };
    this.#jobs = this.informer(jobs, {
      added: enqueue,
      updated: (_, job, cause) => enqueue(job, cause),
    });
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const known = this.#jobs.lister.byKey(key);
    if (!known || !this.#isExpired(known, cause)) return 'its time is not over';
    const { namespace, name } = splitKey(key);
    const fresh = await unlessNotFound(this.client.get(jobs, namespace, name, cause));
    if (!fresh || !this.#isExpired(fresh, cause)) return 'its time is not over';
    const { uid = '' } = fresh.metadata;
    await this.client.delete(
      jobs,
      namespace,
      name,
      { propagationPolicy: 'Foreground', preconditions: { uid } },
      cause,
    );
    return 'its time is over: deleted';
  }

  /** Looks again when it is not, but will be. */
  #isExpired(job: Job, cause: Cause): boolean {
    const due = expiry(job);
    if (due === undefined) return false;
    const left = due - this.clock.now();
    if (left > 0) this.queue.addAfter(keyOf(job), left, cause);
    return left <= 0;
  }
}

/** When the Job is to go; undefined for those that stay, or are not finished. */
function expiry({ metadata, spec, status }: Job): Micros | undefined {
  const { ttlSecondsAfterFinished } = spec ?? {};
  if (ttlSecondsAfterFinished === undefined || metadata.deletionTimestamp) return undefined;
  const end = (status?.conditions ?? []).find(
    ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
  );
  if (!end) return undefined;
  return timeOf(end.lastTransitionTime) + ttlSecondsAfterFinished * second;
}
