import { clone, equal, keyOf, type JsonObject } from '../../../api/meta.ts';
import { clusterroles } from '../../../api/resources.ts';
import { labelSelectorMatches } from '../../../api/selectors.ts';
import type { ClusterRole, PolicyRule } from '../../../api/types/rbacV1.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { asJson, byName } from '../shared/objects.ts';

/** Fills ClusterRoles that gather the rules of others. Models pkg/controller/clusterroleaggregation. */
export class ClusterRoleAggregationController extends Controller {
  readonly #roles: Informer<ClusterRole>;

  constructor(options: ControllerOptions) {
    super(options, 'ClusterRoleAggregator', { workers: 5 });
    const enqueueAll = (cause: EventId): void => {
      for (const role of this.#roles.lister.list())
        if (role.aggregationRule) this.queue.add(keyOf(role), cause);
    };
    this.#roles = this.informer(clusterroles, {
      added: (_, cause) => enqueueAll(cause),
      updated: (_old, _role, cause) => enqueueAll(cause),
      deleted: (_, cause) => enqueueAll(cause),
    });
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const role = this.#roles.lister.byKey(key);
    if (!role?.aggregationRule) return 'gathers no rules';
    const rules: PolicyRule[] = [];
    for (const selector of role.aggregationRule.clusterRoleSelectors ?? [])
      for (const other of this.#roles.lister.list().sort(byName)) {
        if (other === role || !labelSelectorMatches(selector, other.metadata.labels)) continue;
        for (const rule of other.rules ?? [])
          if (!rules.some((known) => equal(known, rule))) rules.push(rule);
      }
    if (equal(rules, role.rules ?? [])) return 'has its rules';
    const patch: JsonObject = {
      kind: 'ClusterRole',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name: key },
      ...(rules.length && { rules: clone(rules).map(asJson) }),
    };
    await this.client.patch(clusterroles, '', key, 'apply', patch, cause, {
      fieldManager: 'clusterrole-aggregation-controller',
      force: true,
    });
    return `gets ${rules.length} rules`;
  }
}
