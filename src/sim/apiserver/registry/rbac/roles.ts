import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import type { ClusterRole, PolicyRule, Role } from '../../../../api/types/rbacV1.ts';
import { all, each, must } from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { nameRules } from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';

// Models kubernetes/pkg/registry/rbac and pkg/apis/rbac/validation.

const rules = FieldPath.of('rules');
const selectors = FieldPath.of('aggregationRule', 'clusterRoleSelectors');

export const roleStrategy: Strategy<Role> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  metaOnUpdate: ['create', 'update'],
  validateName: (name) => nameRules.pathSegment(name, false),
  validate: (role) => each(role.rules, rules, (rule, at) => validateRule(rule, true, at)),
  validateUpdate: (role) => each(role.rules, rules, (rule, at) => validateRule(rule, true, at)),
};

export const clusterRoleStrategy: Strategy<ClusterRole> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  metaOnUpdate: ['create', 'update'],
  validateName: (name) => nameRules.pathSegment(name, false),
  validate: (role) => validateClusterRole(role, false),
  validateUpdate: (role, old) =>
    validateClusterRole(
      role,
      (old.aggregationRule?.clusterRoleSelectors ?? []).some(
        (selector) => validateLabelSelector(selector, selectors).length,
      ),
    ),
};

function validateClusterRole(role: ClusterRole, allowsLabels: boolean): FieldError[] {
  const aggregated = role.aggregationRule?.clusterRoleSelectors;
  return all(
    each(role.rules, rules, (rule, at) => validateRule(rule, false, at)),
    role.aggregationRule && [
      must(
        aggregated,
        selectors,
        'at least one clusterRoleSelector required if aggregationRule is non-nil',
      ),
      each(aggregated, selectors, (selector, at) => [
        validateLabelSelector(selector, at, allowsLabels),
        validateLabelSelector(selector, at).length > 0 &&
          invalid(at, null, 'invalid label selector.'),
      ]),
    ],
  );
}

function validateRule(rule: PolicyRule, isNamespaced: boolean, at: FieldPath): FieldError[] {
  const { nonResourceURLs, apiGroups, resources, resourceNames } = rule;
  const urls = at.child('nonResourceURLs');
  return all(
    must(rule.verbs, at.child('verbs'), 'verbs must contain at least one value'),
    nonResourceURLs?.length
      ? [
          isNamespaced &&
            invalid(urls, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'),
          [apiGroups, resources, resourceNames].some((list) => list?.length) &&
            invalid(
              urls,
              nonResourceURLs,
              'rules cannot apply to both regular resources and non-resource URLs',
            ),
        ]
      : [
          !apiGroups?.length &&
            required(at.child('apiGroups'), 'resource rules must supply at least one api group'),
          !resources?.length &&
            required(at.child('resources'), 'resource rules must supply at least one resource'),
        ],
  );
}
