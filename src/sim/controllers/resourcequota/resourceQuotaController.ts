import { clone, equal, keyOf, type KubeObject } from '../../../api/meta.ts';
import { canonicalQuantity, compareQuantities, parseQuantity } from '../../../api/quantity.ts';
import { evaluatorFor } from '../../../api/quota/evaluators.ts';
import { matchesScopes } from '../../../api/quota/scopes.ts';
import { add } from '../../../api/quota/usage.ts';
import type { ResourceList } from '../../../api/podResources.ts';
import type { Resource } from '../../../api/resource.ts';
import { resourcequotas } from '../../../api/resources.ts';
import type { ResourceQuota } from '../../../api/types/coreV1.ts';
import { minute } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { preferredResources, type DiscoveredResource } from '../shared/discovery.ts';
import { freesQuota } from './quotaChanges.ts';

const RESYNC = 5 * minute;

/** Counts what is used in a namespace, when quotas or what they count change. Models pkg/controller/resourcequota Controller. */
export class ResourceQuotaController extends Controller {
  readonly #quotas: Informer<ResourceQuota>;
  /** One a resource that some quota counts, by `resource.group`. */
  readonly #monitors = new Map<string, Informer<KubeObject>>();
  #resources: readonly DiscoveredResource[] = [];

  constructor(options: ControllerOptions) {
    super(options, 'resourcequota_primary', { workers: 5 });
    this.#quotas = this.informer(resourcequotas, {
      added: (quota, cause) => this.queue.add(keyOf(quota), cause),
      updated: (old, quota, cause) => {
        // Changes of the status come from here and from admission; only the wish is news.
        if (!equal(old.spec, quota.spec)) this.queue.add(keyOf(quota), cause);
      },
      deleted: (quota, cause) => this.queue.add(keyOf(quota), cause),
    });
  }

  protected override synced(): void {
    this.after(RESYNC, () =>
      this.every(RESYNC, 'counts all quotas again', (cause) => {
        for (const quota of this.#quotas.lister.list()) this.queue.add(keyOf(quota), cause());
        return Promise.resolve();
      }),
    );
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const quota = this.#quotas.lister.byKey(key);
    if (!quota) return 'is gone: nothing to do';
    const hard = canonical(quota.spec?.hard ?? {});
    const counted = await this.#count(quota, Object.keys(hard), cause);
    const used: ResourceList = {};
    for (const name of Object.keys(hard)) {
      const value = counted[name] ?? quota.status?.used?.[name];
      if (value !== undefined) used[name] = value;
    }
    const { hard: oldHard, used: oldUsed } = quota.status ?? {};
    const isRight =
      oldHard && oldUsed && equal(quota.spec?.hard ?? {}, oldHard) && sameList(used, oldUsed);
    if (isRight) return 'its counts are right';
    const changed = clone(quota);
    changed.status = { hard, used };
    await this.client.update(resourcequotas, changed, cause, 'status');
    return `uses ${Object.entries(used)
      .map(([name, value]) => `${name} ${value} of ${hard[name] ?? ''}`)
      .join(', ')}`;
  }

  /** Models quota.CalculateUsage. */
  async #count(
    quota: ResourceQuota,
    names: readonly string[],
    cause: Cause,
  ): Promise<ResourceList> {
    const total: ResourceList = {};
    for (const resource of await this.#counted(names, cause)) {
      const evaluator = evaluatorFor(resource);
      const matching = evaluator.matching(names);
      const informer = this.#monitor(resource);
      await informer.whenSynced();
      let sum: ResourceList = Object.fromEntries(matching.map((name) => [name, '0']));
      for (const object of informer.lister.list(quota.metadata.namespace)) {
        if (!matchesScopes(quota, object)) continue;
        const usage = evaluator.usage(object, this.clock.now());
        sum = add(
          sum,
          Object.fromEntries(Object.entries(usage).filter(([name]) => matching.includes(name))),
        );
      }
      Object.assign(total, sum);
    }
    return total;
  }

  /** The resources that quotas with these names count. */
  async #counted(names: readonly string[], cause: Cause): Promise<Resource[]> {
    const find = (): DiscoveredResource[] =>
      this.#resources.filter(
        (resource) =>
          resource.namespaced &&
          ['create', 'list', 'watch', 'delete'].every((verb) => resource.verbs.includes(verb)) &&
          evaluatorFor(resource).matching(names).length > 0,
      );
    const known = find();
    const isKnown = (name: string): boolean =>
      known.some((resource) => evaluatorFor(resource).matching([name]).length > 0);
    // A kind that is served only since.
    if (names.every(isKnown)) return known;
    this.#resources = await preferredResources(this.client, cause);
    return find();
  }

  /** Watches a resource from the first quota on that counts it. */
  #monitor(resource: Resource): Informer<KubeObject> {
    const name = `${resource.resource}.${resource.group}`;
    const known = this.#monitors.get(name);
    if (known) return known;
    const replenish = (object: KubeObject, cause: EventId): void =>
      this.#replenish(resource, object, cause);
    const informer = this.informer<KubeObject>(resource, {
      updated: (old, object, cause) => {
        if (freesQuota(resource, old, object, this.clock.now())) replenish(object, cause);
      },
      deleted: replenish,
    });
    this.#monitors.set(name, informer);
    return informer;
  }

  /** Models replenishQuota. */
  #replenish(resource: Resource, object: KubeObject, cause: EventId): void {
    const evaluator = evaluatorFor(resource);
    for (const quota of this.#quotas.lister.list(object.metadata.namespace))
      if (evaluator.matching(Object.keys(quota.status?.hard ?? {})).length)
        this.queue.add(keyOf(quota), cause);
  }
}

const canonical = (list: Readonly<Record<string, string>>): ResourceList =>
  Object.fromEntries(Object.entries(list).map(([name, value]) => [name, canonicalQuantity(value)]));

/** Equal amounts, however they are written. */
function sameList(a: ResourceList, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const other = b[name];
      return (
        other !== undefined &&
        compareQuantities(parseQuantity(a[name] ?? '0'), parseQuantity(other)) === 0
      );
    })
  );
}
