import { clone, keyOf, type KubeObject } from '../../../api/meta.ts';
import type { Resource } from '../../../api/resource.ts';
import { namespaces, pods } from '../../../api/resources.ts';
import { isStatus, StatusError } from '../../../api/status.ts';
import type { Namespace } from '../../../api/types/coreV1.ts';
import { millisecond, second } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import {
  BucketRateLimiter,
  ExponentialRateLimiter,
  MaxRateLimiter,
} from '../../client/rateLimiter.ts';
import { RetryError } from '../../client/worker.ts';
import type { Informer } from '../../client/informer.ts';
import { preferredResources, type DiscoveredResource } from '../shared/discovery.ts';
import { timeOf, unlessNotFound } from '../shared/objects.ts';
import { ContentReport } from './contentReport.ts';

const GRACE = 5 * second;
const FINALIZER = 'kubernetes';
/** What it takes, by guess, until the owner of a finalizer has done its work. */
const FINALIZER_SECONDS = 15;

/** Empties namespaces that are being deleted, and lets them go. Models pkg/controller/namespace NamespaceController. */
export class NamespaceController extends Controller {
  readonly #namespaces: Informer<Namespace>;

  constructor(options: ControllerOptions) {
    super(options, 'namespace', {
      workers: 10,
      rateLimiter: new MaxRateLimiter([
        new ExponentialRateLimiter(5 * millisecond, 60 * second),
        new BucketRateLimiter(options.clock),
      ]),
    });
    const enqueue = (namespace: Namespace, cause: EventId): void => {
      // A grace period, so that what was admitted just before the deletion is there to be found.
      if (namespace.metadata.deletionTimestamp) this.queue.addAfter(keyOf(namespace), GRACE, cause);
    };
    this.#namespaces = this.informer(namespaces, {
      added: enqueue,
      updated: (_, namespace, cause) => enqueue(namespace, cause),
    });
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    if (!this.#namespaces.lister.byKey(key)) return 'is gone: nothing to do';
    const found = await unlessNotFound(this.client.get(namespaces, '', key, cause));
    if (!found?.metadata.deletionTimestamp) return 'is not being deleted';
    const namespace = await unlessNotFound(
      this.#onConflict(found, cause, (current) => this.#markTerminating(current, cause)),
    );
    if (!namespace?.metadata.deletionTimestamp) return 'is gone';
    if (!namespace.spec?.finalizers?.length) return 'is finalized: its storage removes it';
    const seconds = await this.#deleteContent(namespace, cause);
    if (seconds > 0) {
      const delay = Math.floor(seconds / 2) + 1;
      this.queue.addAfter(key, delay * second, cause);
      return `some content remains: looks again in ${delay} s`;
    }
    await unlessNotFound(
      this.#onConflict(namespace, cause, (current) => this.#finalize(current, cause)),
    );
    return 'is empty: finalized';
  }

  async #markTerminating(namespace: Namespace, cause: Cause): Promise<Namespace> {
    if (namespace.status?.phase === 'Terminating') return namespace;
    const changed = clone(namespace);
    changed.status = { ...changed.status, phase: 'Terminating' };
    return this.client.update(namespaces, changed, cause, 'status');
  }

  async #finalize(namespace: Namespace, cause: Cause): Promise<Namespace> {
    const { apiVersion, kind, metadata, spec } = clone(namespace);
    const finalizers = (spec?.finalizers ?? []).filter((one) => one !== FINALIZER).sort();
    return this.client.update(
      namespaces,
      { apiVersion, kind, metadata, spec: { ...spec, finalizers } },
      cause,
      'finalize',
    );
  }

  /** Models retryOnConflictError: as long as others write it too, on the newest version. */
  async #onConflict(
    namespace: Namespace,
    cause: Cause,
    change: (current: Namespace) => Promise<Namespace>,
  ): Promise<Namespace> {
    for (let current = namespace; ;)
      try {
        return await change(current);
      } catch (error) {
        if (!isStatus(error, 'Conflict')) throw error;
        const latest = await this.client.get(namespaces, '', keyOf(current), cause);
        if (latest.metadata.uid !== current.metadata.uid)
          throw new RetryError('namespace uid has changed across retries');
        current = latest;
      }
  }

  /** Pods first, then everything else. The answer is how many seconds to give it. Models deleteAllContent. */
  async #deleteContent(namespace: Namespace, cause: Cause): Promise<number> {
    const report = new ContentReport(this.clock);
    const served = (await preferredResources(this.client, cause)).filter(
      ({ namespaced, verbs }) => namespaced && verbs.includes('delete'),
    );
    const isPods = ({ group, resource }: Resource): boolean => group === '' && resource === 'pods';
    for (const resource of served.filter(isPods))
      await this.#deleteResource(resource, namespace, report, cause);
    if (report.remaining === 0) {
      for (const resource of served.filter((one) => !isPods(one)))
        await this.#deleteResource(resource, namespace, report, cause);
      report.contentListed();
    }
    await this.#writeConditions(namespace, report, cause);
    report.throwErrors();
    return report.seconds;
  }

  async #deleteResource(
    resource: DiscoveredResource,
    namespace: Namespace,
    report: ContentReport,
    cause: Cause,
  ): Promise<void> {
    const name = keyOf(namespace);
    let seconds = 0;
    try {
      seconds = await this.#graceOf(resource, namespace, cause);
      await this.#deleteAll(resource, name, cause);
      if (!resource.verbs.includes('list')) return;
      const { items } = await this.client.list(resource, { namespace: name }, cause);
      if (items.length === 0) return;
      const held = items.some(({ metadata }) => metadata.finalizers?.length);
      report.remains(resource, items, seconds || (held ? FINALIZER_SECONDS : 0));
      if (seconds === 0 && !held)
        report.failed(
          `unexpected items still remain in namespace: ${name} for gvr: ${resource.group}/${resource.version}, Resource=${resource.resource}`,
        );
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (error.reason === 'MethodNotAllowed' || error.reason === 'NotFound') return;
      report.failed(error.message, seconds);
    }
  }

  async #deleteAll(resource: DiscoveredResource, namespace: string, cause: Cause): Promise<void> {
    const options = { propagationPolicy: 'Background' } as const;
    if (resource.verbs.includes('deletecollection')) {
      await this.client.deleteCollection(resource, namespace, options, cause);
      return;
    }
    if (!resource.verbs.includes('list')) return;
    const { items } = await this.client.list<KubeObject>(resource, { namespace }, cause);
    for (const { metadata } of items)
      await unlessNotFound(
        this.client.delete(resource, namespace, metadata.name ?? '', options, cause),
      );
  }

  /** How long the pods may take to end, unless the namespace has waited that long already. */
  async #graceOf(
    { group, resource }: Resource,
    namespace: Namespace,
    cause: Cause,
  ): Promise<number> {
    if (group !== '' || resource !== 'pods') return 0;
    const { items } = await this.client.list(pods, { namespace: keyOf(namespace) }, cause);
    const grace = Math.max(
      0,
      ...items
        .filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
        .map(({ spec }) => spec?.terminationGracePeriodSeconds ?? 0),
    );
    const waited = this.clock.now() - timeOf(namespace.metadata.deletionTimestamp);
    return waited >= grace * second ? 0 : grace;
  }

  async #writeConditions(namespace: Namespace, report: ContentReport, cause: Cause): Promise<void> {
    const conditions = report.conditions(namespace.status?.conditions ?? []);
    if (!conditions) return;
    const changed = clone(namespace);
    changed.status = { ...changed.status, conditions };
    try {
      await this.client.update(namespaces, changed, cause, 'status');
    } catch (error) {
      // As upstream: the next round writes them.
      if (!(error instanceof StatusError)) throw error;
    }
  }
}
