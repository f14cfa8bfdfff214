import { goQuote } from '../../../api/field.ts';
import { equal, type KubeObject } from '../../../api/meta.ts';
import { forbidden, notFound } from '../../../api/status.ts';
import type { Exchange } from '../exchange.ts';
import type { ServedResource } from '../registry/resources.ts';
import { describeRule, type PolicyRule } from './rules.ts';

const GROUP = 'rbac.authorization.k8s.io';

interface RbacObject extends KubeObject {
  readonly rules?: readonly PolicyRule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
}

/** Nobody may grant what he does not have. Models kubernetes/pkg/registry/rbac/{role,rolebinding}/policybased. */
export async function checkEscalation(
  exchange: Exchange,
  resource: ServedResource,
  object: RbacObject,
  old: RbacObject | undefined,
): Promise<void> {
  if (resource.group !== GROUP || exchange.user.groups.includes('system:masters')) return;
  const { name = '', namespace = '' } = object.metadata;
  const { roleRef } = object;
  const isBinding = roleRef !== undefined;
  const [verb, about, asked] = isBinding
    ? (['bind', roleRef.kind === 'Role' ? 'roles' : 'clusterroles', roleRef.name] as const)
    : (['escalate', resource.resource, exchange.info.name] as const);
  if (await mayDo(exchange, verb, about, namespace, asked)) return;
  if (old && sameButReferences(object, old)) return;
  const wanted = isBinding ? await rulesOfRole(exchange, roleRef, namespace) : (object.rules ?? []);
  const held = await exchange.server.rbac.rulesFor(exchange.user, namespace, []);
  const missing = uncovered(
    wanted,
    held.map(({ rule }) => rule),
  );
  if (!missing.length) return;
  const { user } = exchange;
  const groups = user.groups.map(goQuote).join(' ');
  const texts = [...new Set(compact(missing).map(describeRule))].sort();
  throw forbidden(
    resource,
    name,
    `user ${goQuote(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${texts.join('\n')}`,
  );
}

async function mayDo(
  exchange: Exchange,
  verb: string,
  resource: string,
  namespace: string,
  name: string,
): Promise<boolean> {
  const { allowed } = await exchange.server.authorizer.authorize({
    user: exchange.user,
    verb,
    isResourceRequest: true,
    group: GROUP,
    version: '*',
    resource,
    subresource: '',
    namespace,
    name,
    path: '',
  });
  return allowed;
}

async function rulesOfRole(
  exchange: Exchange,
  { kind, name }: { readonly kind: string; readonly name: string },
  namespace: string,
): Promise<readonly PolicyRule[]> {
  const rules = await exchange.server.rbac.role(kind === 'Role' ? namespace : '', name);
  if (!rules) throw notFound({ group: GROUP, resource: kind.toLowerCase() }, name);
  return rules;
}

/** The garbage collector may change owners and finalizers. */
function sameButReferences(object: KubeObject, old: KubeObject): boolean {
  const bare = (it: KubeObject): object => ({
    ...it,
    metadata: {
      ...it.metadata,
      ownerReferences: undefined,
      finalizers: undefined,
      managedFields: undefined,
      resourceVersion: undefined,
    },
  });
  return equal(bare(object), bare(old));
}

/** Rules broken into single permissions that no held rule covers. Models component-helpers/auth/rbac/validation Covers. */
function uncovered(wanted: readonly PolicyRule[], held: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((one) => !held.some((rule) => covers(rule, one)));
}

function breakDown(rule: PolicyRule): PolicyRule[] {
  const single: PolicyRule[] = [];
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of rule.verbs ?? []) {
        const base = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (!rule.resourceNames?.length) single.push(base);
        for (const name of rule.resourceNames ?? [])
          single.push({ ...base, resourceNames: [name] });
      }
  for (const url of rule.nonResourceURLs ?? [])
    for (const verb of rule.verbs ?? []) single.push({ nonResourceURLs: [url], verbs: [verb] });
  return single;
}

function covers(rule: PolicyRule, one: PolicyRule): boolean {
  const has = (
    list: readonly string[] | undefined,
    values: readonly string[] | undefined,
  ): boolean =>
    (list ?? []).includes('*') || (values ?? []).every((value) => (list ?? []).includes(value));
  if (!has(rule.verbs, one.verbs)) return false;
  if (one.nonResourceURLs)
    return one.nonResourceURLs.every((url) =>
      (rule.nonResourceURLs ?? []).some(
        (pattern) =>
          pattern === '*' ||
          pattern === url ||
          (pattern.endsWith('*') && url.startsWith(pattern.slice(0, -1))),
      ),
    );
  const resources = rule.resources ?? [];
  const isResource = (one.resources ?? []).every(
    (resource) =>
      resources.includes('*') ||
      resources.includes(resource) ||
      (resource.includes('/') && resources.includes(`*/${resource.split('/')[1] ?? ''}`)),
  );
  const isName =
    !rule.resourceNames?.length ||
    (!!one.resourceNames?.length &&
      one.resourceNames.every((name) => rule.resourceNames?.includes(name)));
  return has(rule.apiGroups, one.apiGroups) && isResource && isName;
}

/** Rules that differ in their verbs only become one. Models CompactRules. */
function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const byResource = new Map<string, PolicyRule>();
  const others: PolicyRule[] = [];
  for (const rule of rules) {
    if (rule.nonResourceURLs) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames]);
    const known = byResource.get(key);
    const verbs = [...(known?.verbs ?? []), ...(rule.verbs ?? [])];
    byResource.set(key, { ...rule, verbs });
  }
  return [...others, ...byResource.values()];
}
