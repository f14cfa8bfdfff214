import type { KubeObject } from '../../../../api/meta.ts';
import { namespaces } from '../../../../api/resources.ts';
import { selectorOf } from '../../../../api/selectors.ts';
import type {
  MatchResources,
  NamedRuleWithOperations,
} from '../../../../api/types/admissionregistrationV1.ts';
import type { LabelSelector } from '../../../../api/types/metaV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { ServedResource } from '../../registry/resources.ts';
import type { AdmissionContext } from '../plugin.ts';
import type { Matched } from '../admissionRequest.ts';

/** Whether a request is one that the constraints name, and as which resource. Models policy/matching/matching.go. */
export async function matches(
  attributes: RequestAttributes,
  constraints: MatchResources,
  context: AdmissionContext,
): Promise<Matched | undefined> {
  if (!(await matchesNamespace(attributes, constraints.namespaceSelector, context)))
    return undefined;
  if (!matchesObject(attributes, constraints.objectSelector)) return undefined;
  const { excludeResourceRules = [], resourceRules = [], matchPolicy } = constraints;
  const isExact = matchPolicy === 'Exact';
  if (matchedRule(attributes, excludeResourceRules, isExact, context)) return undefined;
  if (!resourceRules.length) return ownResource(attributes);
  return matchedRule(attributes, resourceRules, isExact, context);
}

const ownResource = ({ group, version, resource, kind }: RequestAttributes): Matched => ({
  group,
  version,
  resource,
  kind,
});

const isEmpty = (selector: LabelSelector | undefined): boolean =>
  !selector?.matchExpressions?.length && !Object.keys(selector?.matchLabels ?? {}).length;

async function matchesNamespace(
  attributes: RequestAttributes,
  selector: LabelSelector | undefined,
  context: AdmissionContext,
): Promise<boolean> {
  const { namespace, resource, subresource, operation, object } = attributes;
  if (isEmpty(selector) || (!namespace && resource !== 'namespaces')) return true;
  const isItself =
    resource === 'namespaces' && !subresource && (operation === 'CREATE' || operation === 'UPDATE');
  const about = isItself ? object : await context.get(namespaces, '', namespace);
  return about !== undefined && hasLabels(about, selector);
}

function matchesObject(
  { object, oldObject }: RequestAttributes,
  selector: LabelSelector | undefined,
): boolean {
  if (isEmpty(selector)) return true;
  return [object, oldObject].some((it) => it !== undefined && hasLabels(it, selector));
}

const hasLabels = (object: KubeObject, selector: LabelSelector | undefined): boolean =>
  selectorOf(selector ?? {}).matches(object.metadata.labels ?? {});

/** The resource of the request if a rule names it, or an equivalent one that a rule names. */
function matchedRule(
  attributes: RequestAttributes,
  rules: readonly NamedRuleWithOperations[],
  isExact: boolean,
  context: AdmissionContext,
): Matched | undefined {
  const isNamed = ({ resourceNames }: NamedRuleWithOperations): boolean =>
    !resourceNames?.length || resourceNames.includes(attributes.name);
  const own = ownResource(attributes);
  if (rules.some((rule) => fits(rule, attributes, own) && isNamed(rule))) return own;
  if (isExact) return undefined;
  const equivalents = equivalentsOf(attributes, context.resources.all());
  for (const rule of rules)
    for (const other of equivalents)
      if (fits(rule, attributes, other) && isNamed(rule)) return other;
  return undefined;
}

/** The same objects served elsewhere: other versions of a group, or another group with the same keys. */
function equivalentsOf(
  { group, version, resource, kind }: RequestAttributes,
  all: Iterable<ServedResource>,
): readonly Matched[] {
  const served = [...all];
  const own = served.find(
    (it) => it.group === group && it.version === version && it.resource === resource,
  );
  if (!own?.storage) return [];
  return served
    .filter((it) => it !== own && it.storage?.prefix === own.storage?.prefix)
    .map((it) => ({
      group: it.group,
      version: it.version,
      resource: it.resource,
      kind: it.gvk.kind || kind,
    }));
}

/** Models webhook/predicates/rules Matcher.Matches. */
function fits(
  rule: NamedRuleWithOperations,
  { operation, namespace, subresource }: RequestAttributes,
  { group, version, resource }: Matched,
): boolean {
  const isNamespace = group === '' && version === 'v1' && resource === 'namespaces';
  const has = (items: readonly string[] | undefined, wanted: string): boolean =>
    (items ?? []).some((item) => item === '*' || item === wanted);
  if (rule.scope === 'Namespaced' && (isNamespace || !namespace)) return false;
  if (rule.scope === 'Cluster' && !isNamespace && namespace) return false;
  return (
    has(rule.operations, operation) &&
    has(rule.apiGroups, group) &&
    has(rule.apiVersions, version) &&
    (rule.resources ?? []).some((named) => {
      const [main = '', sub = ''] = named.split('/', 2);
      return (main === '*' || main === resource) && (sub === '*' || sub === subresource);
    })
  );
}

const CONFIGURATION = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);
const REVIEWS = new Set([
  'authentication.k8s.io/selfsubjectreviews',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authorization.k8s.io/subjectaccessreviews',
]);

/** Neither policies nor webhooks judge what they are made of. */
export const isConfiguration = ({ group, resource }: RequestAttributes): boolean =>
  group === 'admissionregistration.k8s.io' && CONFIGURATION.has(resource);

/** Policies judge neither each other nor questions. */
export const isExempt = (attributes: RequestAttributes): boolean =>
  isConfiguration(attributes) || REVIEWS.has(`${attributes.group}/${attributes.resource}`);
