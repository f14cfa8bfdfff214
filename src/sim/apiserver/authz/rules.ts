import type { AuthorizationQuestion } from './authorizer.ts';

/** A rule of a Role or ClusterRole. Models rbacv1.PolicyRule. */
export interface PolicyRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** Models kubernetes/plugin/pkg/auth/authorizer/rbac RuleAllows. */
export function ruleAllows(rule: PolicyRule, question: AuthorizationQuestion): boolean {
  if (!has(rule.verbs, question.verb)) return false;
  if (!question.isResourceRequest)
    return (rule.nonResourceURLs ?? []).some((url) => pathMatches(url, question.path));
  if (!has(rule.apiGroups, question.group)) return false;
  const { resource, subresource, name } = question;
  const combined = subresource ? `${resource}/${subresource}` : resource;
  const isResource = (rule.resources ?? []).some(
    (wanted) =>
      wanted === '*' || wanted === combined || (subresource && wanted === `*/${subresource}`),
  );
  return isResource && (!rule.resourceNames?.length || rule.resourceNames.includes(name));
}

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(value));

const pathMatches = (pattern: string, path: string): boolean =>
  pattern === '*' ||
  pattern === path ||
  (pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, '')));
