import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of Role', () => {
  itJudges(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'r' },
      rules: [
        {
          apiGroups: ['apps'],
          resources: ['deployments'],
          verbs: ['get', 'list'],
          resourceNames: ['web'],
        },
      ],
    },
    {
      created: [
        [
          '/rules/0/apiGroups',
          undefined,
          'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
        ],
        [
          '/rules/0/verbs',
          undefined,
          'rules[0].verbs: Required value: verbs must contain at least one value',
        ],
        [
          '/rules/0/resources',
          [],
          'rules[0].resources: Required value: resource rules must supply at least one resource',
        ],
      ],
      updated: [
        [
          '/rules/0/apiGroups',
          undefined,
          'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
        ],
        [
          '/rules/0/verbs',
          undefined,
          'rules[0].verbs: Required value: verbs must contain at least one value',
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
