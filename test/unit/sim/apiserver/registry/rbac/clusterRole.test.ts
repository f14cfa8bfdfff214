import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of ClusterRole', () => {
  describe('cr', () => {
    itJudges(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'cr' },
        rules: [
          {
            apiGroups: ['apps'],
            resources: ['deployments'],
            verbs: ['get', 'list'],
            resourceNames: ['web'],
          },
          { nonResourceURLs: ['/metrics'], verbs: ['get'] },
        ],
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
      },
      {
        created: [
          [
            '/rules/1/verbs',
            undefined,
            'rules[1].verbs: Required value: verbs must contain at least one value',
          ],
          [
            '/rules/0/apiGroups',
            undefined,
            'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
          ],
          [
            '/rules/1/nonResourceURLs/0',
            undefined,
            'rules[1].apiGroups: Required value: resource rules must supply at least one api group',
            'rules[1].resources: Required value: resource rules must supply at least one resource',
          ],
          [
            '/rules/0/resources',
            [],
            'rules[0].resources: Required value: resource rules must supply at least one resource',
          ],
          [
            '/aggregationRule/clusterRoleSelectors/0',
            undefined,
            'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
          ],
        ],
        updated: [
          [
            '/rules/1/verbs',
            undefined,
            'rules[1].verbs: Required value: verbs must contain at least one value',
          ],
          [
            '/rules/0/apiGroups',
            undefined,
            'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
          ],
          [
            '/rules/1/nonResourceURLs/0',
            undefined,
            'rules[1].apiGroups: Required value: resource rules must supply at least one api group',
            'rules[1].resources: Required value: resource rules must supply at least one resource',
          ],
          [
            '/rules/0/resources',
            [],
            'rules[0].resources: Required value: resource rules must supply at least one resource',
          ],
        ],
      },
    );
  });
  describe('cr9', () => {
    itJudges(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'cr9' },
        aggregationRule: {
          clusterRoleSelectors: [
            { matchLabels: { a: 'b' } },
            { matchExpressions: [{ key: 'k', operator: 'In', values: ['v'] }] },
          ],
        },
        rules: [
          { verbs: ['get'], nonResourceURLs: ['/healthz'] },
          { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: ['a'] },
        ],
      },
      {
        created: [
          [
            '/aggregationRule/clusterRoleSelectors/1/matchExpressions/0/operator',
            'A',
            'aggregationRule.clusterRoleSelectors[1].matchExpressions[0].operator: Invalid value: "A": not a valid selector operator',
            'aggregationRule.clusterRoleSelectors[1]: Invalid value: null: invalid label selector.',
          ],
          [
            '/rules/1/verbs/0',
            undefined,
            'rules[1].verbs: Required value: verbs must contain at least one value',
          ],
          [
            '/aggregationRule',
            {},
            'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
          ],
          [
            '/rules/1/resources/0',
            undefined,
            'rules[1].resources: Required value: resource rules must supply at least one resource',
          ],
          [
            '/rules/0/nonResourceURLs/0',
            undefined,
            'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
            'rules[0].resources: Required value: resource rules must supply at least one resource',
          ],
          [
            '/aggregationRule/clusterRoleSelectors/1/matchExpressions/0/values/0',
            undefined,
            "aggregationRule.clusterRoleSelectors[1].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
            'aggregationRule.clusterRoleSelectors[1]: Invalid value: null: invalid label selector.',
          ],
          [
            '/rules/1/apiGroups',
            undefined,
            'rules[1].apiGroups: Required value: resource rules must supply at least one api group',
          ],
        ],
        updated: [
          [
            '/aggregationRule/clusterRoleSelectors/1/matchExpressions/0/operator',
            'A',
            'aggregationRule.clusterRoleSelectors[1].matchExpressions[0].operator: Invalid value: "A": not a valid selector operator',
            'aggregationRule.clusterRoleSelectors[1]: Invalid value: null: invalid label selector.',
          ],
          [
            '/rules/1/verbs/0',
            undefined,
            'rules[1].verbs: Required value: verbs must contain at least one value',
          ],
          [
            '/aggregationRule',
            {},
            'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
          ],
          [
            '/rules/1/resources/0',
            undefined,
            'rules[1].resources: Required value: resource rules must supply at least one resource',
          ],
        ],
      },
    );
  });
});
