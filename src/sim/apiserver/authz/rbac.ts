import { Disposable } from '../../../base/disposable.ts';
import type { KubeObject } from '../../../api/meta.ts';
import type { UserInfo } from '../attributes.ts';
import type { ResourceRegistry, ServedResource } from '../registry/resources.ts';
import type { ObjectStore } from '../storage/objectStore.ts';
import { WatchedPrefix } from '../storage/watchedPrefix.ts';
import { defined } from '../../../base/assert.ts';
import type { AuthorizationAnswer, AuthorizationQuestion, Authorizer } from './authorizer.ts';
import { ruleAllows, type PolicyRule } from './rules.ts';

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}
interface Role extends KubeObject {
  readonly rules?: readonly PolicyRule[];
}
interface Binding extends KubeObject {
  readonly subjects?: readonly Subject[];
  readonly roleRef: { readonly kind: string; readonly name: string };
}

/** A rule that a binding grants, with the words that say so. */
export interface GrantedRule {
  readonly rule: PolicyRule;
  /** `ClusterRoleBinding "x" of ClusterRole "y" to Group "z"` */
  readonly grant: string;
}

/** A subject's share in a binding; `order` keeps bindings in order of key. */
interface Grant {
  readonly order: number;
  readonly binding: Binding;
  readonly subject: Subject;
}

/** Who is bound to what, by subject, made anew when a role or binding changes. */
interface Index {
  readonly generation: number;
  readonly clusterGrants: ReadonlyMap<string, readonly Grant[]>;
  readonly grants: ReadonlyMap<string, ReadonlyMap<string, readonly Grant[]>>;
  readonly clusterRoles: ReadonlyMap<string, Role>;
  readonly roles: ReadonlyMap<string, Role>;
}

const GROUP = 'rbac.authorization.k8s.io';

/** Models kubernetes/plugin/pkg/auth/authorizer/rbac. */
export class RbacAuthorizer extends Disposable implements Authorizer {
  readonly #store: ObjectStore;
  readonly #watched: readonly { readonly served: ServedResource; readonly list: WatchedPrefix }[];
  #index: Index | undefined;

  constructor(store: ObjectStore, resources: ResourceRegistry) {
    super();
    this.#store = store;
    this.#watched = ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'].map((name) => {
      const served = defined(resources.get(GROUP, 'v1', name), `${name} are served`);
      return {
        served,
        list: this._register(new WatchedPrefix(store.kv, store.prefix(served, ''))),
      };
    });
  }

  async authorize(question: AuthorizationQuestion): Promise<AuthorizationAnswer> {
    const problems: string[] = [];
    for (const { rule, grant } of await this.rulesFor(question.user, question.namespace, problems))
      if (ruleAllows(rule, question))
        return { allowed: true, reason: `RBAC: allowed by ${grant}`, rule };
    const reason = problems.length > 1 ? `[${problems.join(', ')}]` : (problems[0] ?? '');
    return { allowed: false, reason: reason && `RBAC: ${reason}` };
  }

  /** All rules that hold for a user in a namespace ('': cluster-wide ones only), with their bindings. */
  async rulesFor(user: UserInfo, namespace: string, problems: string[]): Promise<GrantedRule[]> {
    const index = await this.#load();
    const found: GrantedRule[] = [];
    const visit = (grants: readonly Grant[], where: string): void => {
      for (const { binding, subject } of grants) {
        const { kind, name } = binding.roleRef;
        const role =
          kind === 'ClusterRole'
            ? index.clusterRoles.get(name)
            : index.roles.get(`${where}/${name}`);
        if (!role) problems.push(`${kind.toLowerCase()}.${GROUP} "${name}" not found`);
        const grant = describe(binding, subject, where);
        for (const rule of role?.rules ?? []) found.push({ rule, grant });
      }
    };
    visit(grantsOf(user, index.clusterGrants), '');
    const local = namespace && index.grants.get(namespace);
    if (local) visit(grantsOf(user, local), namespace);
    return found;
  }

  /** A role by name, as rule escalation checks want it; `namespace` '' for a ClusterRole. */
  async role(namespace: string, name: string): Promise<readonly PolicyRule[] | undefined> {
    const index = await this.#load();
    const role = namespace ? index.roles.get(`${namespace}/${name}`) : index.clusterRoles.get(name);
    return role && (role.rules ?? []);
  }

  async #load(): Promise<Index> {
    for (const { list } of this.#watched) if (!list.isLoaded) await list.load();
    const generation = this.#watched.reduce((sum, { list }) => sum + list.generation, 0);
    if (this.#index?.generation !== generation) this.#index = this.#build(generation);
    return this.#index;
  }

  #build(generation: number): Index {
    const [clusterRoles = [], clusterBindings = [], roles = [], bindings = []] = this.#watched.map(
      ({ served, list }) => list.pairs().map((kv) => this.#store.decode(kv, served)),
    );
    const byKey = (list: readonly KubeObject[]): Map<string, Role> =>
      new Map(
        list.map((role) => {
          const { namespace, name = '' } = role.metadata;
          return [namespace ? `${namespace}/${name}` : name, role];
        }),
      );
    const grants = new Map<string, Map<string, Grant[]>>();
    (bindings as Binding[]).forEach((binding, order) => {
      const namespace = binding.metadata.namespace ?? '';
      let local = grants.get(namespace);
      if (!local) grants.set(namespace, (local = new Map<string, Grant[]>()));
      addGrants(local, binding, order, namespace);
    });
    const clusterGrants = new Map<string, Grant[]>();
    (clusterBindings as Binding[]).forEach((binding, order) =>
      addGrants(clusterGrants, binding, order, ''),
    );
    return {
      generation,
      clusterGrants,
      grants,
      clusterRoles: byKey(clusterRoles),
      roles: byKey(roles),
    };
  }
}

function addGrants(
  index: Map<string, Grant[]>,
  binding: Binding,
  order: number,
  where: string,
): void {
  for (const subject of binding.subjects ?? []) {
    const key = subjectKey(subject, where);
    const list = index.get(key);
    if (list) list.push({ order, binding, subject });
    else index.set(key, [{ order, binding, subject }]);
  }
}

function subjectKey(subject: Subject, bindingNamespace: string): string {
  if (subject.kind === 'ServiceAccount')
    return `User system:serviceaccount:${subject.namespace ?? bindingNamespace}:${subject.name}`;
  return `${subject.kind} ${subject.name}`;
}

/** The grants of a user in the order of their bindings, one per binding. */
function grantsOf(user: UserInfo, index: ReadonlyMap<string, readonly Grant[]>): readonly Grant[] {
  const found = [...(index.get(`User ${user.name}`) ?? [])];
  for (const group of user.groups) found.push(...(index.get(`Group ${group}`) ?? []));
  found.sort((a, b) => a.order - b.order);
  return found.filter((grant, at) => grant.order !== found[at - 1]?.order);
}

function describe(binding: Binding, subject: Subject, where: string): string {
  const { name = '', namespace } = binding.metadata;
  const { kind, name: role } = binding.roleRef;
  const title = namespace ? `RoleBinding "${name}/${namespace}"` : `ClusterRoleBinding "${name}"`;
  const who =
    subject.kind === 'ServiceAccount'
      ? `ServiceAccount "${subject.name}/${subject.namespace ?? where}"`
      : `${subject.kind} "${subject.name}"`;
  return `${title} of ${kind} "${role}" to ${who}`;
}
