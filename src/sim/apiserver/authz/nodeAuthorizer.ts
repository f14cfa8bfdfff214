import type { PersistentVolumeClaim, Pod } from '../../../api/types/coreV1.ts';
import type { KubeObject } from '../../../api/meta.ts';
import { parseFieldSelector } from '../../../api/fieldSelectors.ts';
import { SelectorError } from '../../../api/selectors.ts';
import { clusterRole } from '../bootstrap/facts.ts';
import type { ResourceRegistry } from '../registry/resources.ts';
import type { ObjectStore } from '../storage/objectStore.ts';
import type { AuthorizationAnswer, AuthorizationQuestion, Authorizer } from './authorizer.ts';
import { podReferences } from './podReferences.ts';
import { ruleAllows, type PolicyRule } from './rules.ts';

const ALLOWED: AuthorizationAnswer = { allowed: true, reason: '' };
const no = (reason = ''): AuthorizationAnswer => ({ allowed: false, reason });

/**
 * Lets kubelets (system:node:NAME in group system:nodes) do what nodes do, and read what Pods on the node refer to.
 * Models kubernetes/plugin/pkg/auth/authorizer/node; its graph is read off the stored Pods when it is asked.
 */
export class NodeAuthorizer implements Authorizer {
  readonly #store: ObjectStore;
  readonly #resources: ResourceRegistry;
  readonly #rules = (clusterRole('system:node').rules ?? []) as readonly PolicyRule[];

  constructor(store: ObjectStore, resources: ResourceRegistry) {
    this.#store = store;
    this.#resources = resources;
  }

  async authorize(question: AuthorizationQuestion): Promise<AuthorizationAnswer> {
    const { name, groups } = question.user;
    if (!groups.includes('system:nodes') || !name.startsWith('system:node:')) return no();
    const node = name.slice('system:node:'.length);
    if (!node) return no(`unknown node for user "${name}"`);
    if (question.isResourceRequest) {
      const answer = await this.#about(node, question);
      if (answer) return answer;
    }
    const rule = this.#rules.find((it) => ruleAllows(it, question));
    return rule ? { ...ALLOWED, rule } : no();
  }

  /** Resources with a rule of their own; undefined: the role's rules decide. */
  async #about(
    node: string,
    question: AuthorizationQuestion,
  ): Promise<AuthorizationAnswer | undefined> {
    const { group, resource, subresource, verb } = question;
    switch (`${resource}.${group}`) {
      case 'secrets.':
      case 'configmaps.':
        if (!['get', 'list', 'watch'].includes(verb))
          return no('can only read resources of this type');
        if (subresource) return no('cannot read subresource');
        if (!question.namespace) return no('can only read namespaced object of this type');
        return this.#related(node, question);
      case 'persistentvolumeclaims.':
        if (subresource === 'status') {
          if (verb !== 'update' && verb !== 'patch')
            return no('can only get/update/patch this type');
          return this.#related(node, question);
        }
        return this.#getOne(node, question);
      case 'persistentvolumes.':
      case 'volumeattachments.storage.k8s.io':
      case 'resourceclaims.resource.k8s.io':
        return this.#getOne(node, question);
      case 'serviceaccounts.':
        return this.#account(node, question);
      case 'leases.coordination.k8s.io':
        return lease(node, question);
      case 'csinodes.storage.k8s.io':
        return csiNode(node, question);
      case 'nodes.':
        return ownNode(node, question);
      case 'pods.':
        return this.#pod(node, question);
      default:
        return undefined;
    }
  }

  async #getOne(node: string, question: AuthorizationQuestion): Promise<AuthorizationAnswer> {
    if (question.verb !== 'get') return no('can only get individual resources of this type');
    if (question.subresource) return no('cannot get subresource');
    return this.#related(node, question);
  }

  async #account(node: string, question: AuthorizationQuestion): Promise<AuthorizationAnswer> {
    const { verb, subresource, name } = question;
    if (verb === 'get' && !subresource) return this.#related(node, question);
    if (verb !== 'create' || !name)
      return no('can only create tokens for individual service accounts');
    if (subresource !== 'token') return no('can only create token subresource of serviceaccount');
    return this.#related(node, question);
  }

  async #pod(node: string, question: AuthorizationQuestion): Promise<AuthorizationAnswer> {
    const { subresource, verb, name } = question;
    if (subresource === 'status') return verb === 'update' || verb === 'patch' ? ALLOWED : no();
    if (subresource === 'eviction') return verb === 'create' ? ALLOWED : no();
    if (subresource) return no();
    if (verb === 'create' || verb === 'delete') return ALLOWED;
    if (verb === 'get') return this.#related(node, question);
    if (verb !== 'list' && verb !== 'watch') return no();
    if (selectedNode(question) === node) return ALLOWED;
    if (name) return this.#related(node, question);
    return no('can only list/watch pods with spec.nodeName field selector');
  }

  async #related(node: string, question: AuthorizationQuestion): Promise<AuthorizationAnswer> {
    if (!question.name) return no('No Object name found');
    return (await this.#isRelated(node, question))
      ? ALLOWED
      : no(`no relationship found between node '${node}' and this object`);
  }

  async #isRelated(node: string, question: AuthorizationQuestion): Promise<boolean> {
    const { resource, namespace, name } = question;
    if (resource === 'pods')
      return (await this.#get<Pod>('pods', namespace, name))?.spec?.nodeName === node;
    const pods = (await this.#list<Pod>('pods', namespace)).filter(
      (pod) => pod.spec?.nodeName === node,
    );
    if (resource !== 'persistentvolumes')
      return pods.some((pod) => podReferences(pod, resource).includes(name));
    for (const pod of pods)
      for (const claimName of podReferences(pod, 'persistentvolumeclaims')) {
        const claim = await this.#get<PersistentVolumeClaim>(
          'persistentvolumeclaims',
          pod.metadata.namespace ?? '',
          claimName,
        );
        if (claim?.spec?.volumeName === name) return true;
      }
    return false;
  }

  async #get<T extends KubeObject>(
    plural: string,
    namespace: string,
    name: string,
  ): Promise<T | undefined> {
    const served = this.#resources.get('', 'v1', plural);
    return served && ((await this.#store.get(served, namespace, name))?.object as T | undefined);
  }

  async #list<T extends KubeObject>(plural: string, namespace: string): Promise<readonly T[]> {
    const served = this.#resources.get('', 'v1', plural);
    return served
      ? (await this.#store.list(served, namespace)).items.map(({ object }) => object as T)
      : [];
  }
}

function selectedNode({ fieldSelector = '' }: AuthorizationQuestion): string | undefined {
  try {
    return parseFieldSelector(fieldSelector).exactly('spec.nodeName');
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

const OWN_VERBS = ['get', 'create', 'update', 'patch', 'delete'];

function lease(
  node: string,
  { verb, namespace, name }: AuthorizationQuestion,
): AuthorizationAnswer {
  if (!OWN_VERBS.includes(verb))
    return no('can only get, create, update, patch, or delete a node lease');
  if (namespace !== 'kube-node-lease')
    return no('can only access leases in the "kube-node-lease" system namespace');
  if (verb !== 'create' && name !== node)
    return no('can only access node lease with the same name as the requesting node');
  return ALLOWED;
}

function csiNode(
  node: string,
  { verb, subresource, name }: AuthorizationQuestion,
): AuthorizationAnswer {
  if (!OWN_VERBS.includes(verb))
    return no('can only get, create, update, patch, or delete a CSINode');
  if (subresource) return no('cannot authorize CSINode subresources');
  if (verb !== 'create' && name !== node)
    return no('can only access CSINode with the same name as the requesting node');
  return ALLOWED;
}

function ownNode(
  node: string,
  { verb, subresource, name }: AuthorizationQuestion,
): AuthorizationAnswer {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? ALLOWED : no();
  if (subresource) return no();
  if (['create', 'update', 'patch'].includes(verb)) return ALLOWED;
  if (!['get', 'list', 'watch'].includes(verb)) return no();
  if (name === node) return ALLOWED;
  return name
    ? no(`node '${node}' cannot read '${name}', only its own Node object`)
    : no(`node '${node}' cannot read all nodes, only its own Node object`);
}
