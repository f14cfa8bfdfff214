import { goQuote } from '../../../api/field.ts';
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

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}` */
export function describeRule(rule: PolicyRule): string {
  const parts = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const;
  const texts = parts
    .filter(([, values]) => values?.length)
    .map(([title, values]) => `${title}:[${(values ?? []).map(goQuote).join(' ')}]`);
  return `{${texts.join(', ')}}`;
}

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(value));

const pathMatches = (pattern: string, path: string): boolean =>
  pattern === '*' ||
  pattern === path ||
  (pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, '')));
