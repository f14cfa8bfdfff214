import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of ClusterRoleBinding', () => {
  itJudges(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'crb' },
      subjects: [{ kind: 'Group', name: 'g', apiGroup: 'rbac.authorization.k8s.io' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    },
    {
      created: [
        [
          '/roleRef/kind',
          'a/b',
          'roleRef.kind: Unsupported value: "a/b": supported values: "ClusterRole"',
        ],
        [
          '/subjects/0/kind',
          '2001:db8::1',
          'subjects[0].kind: Unsupported value: "2001:db8::1": supported values: "ServiceAccount", "User", "Group"',
        ],
        [
          '/subjects/0/apiGroup',
          'é',
          'subjects[0].apiGroup: Unsupported value: "é": supported values: "rbac.authorization.k8s.io"',
        ],
        [
          '/roleRef/apiGroup',
          'x.y',
          'roleRef.apiGroup: Unsupported value: "x.y": supported values: "rbac.authorization.k8s.io"',
        ],
        [
          '/roleRef/name',
          '10.0.0.0/33',
          'roleRef.name: Invalid value: "10.0.0.0/33": may not contain \'/\'',
        ],
        ['/subjects/0/name', '', 'subjects[0].name: Required value'],
        [
          '/roleRef',
          { apiGroup: 'rbac.authorization.k8s.io' },
          'roleRef.kind: Unsupported value: "": supported values: "ClusterRole"',
          'roleRef.name: Required value',
        ],
      ],
      updated: [
        [
          '/roleRef/name',
          '-1',
          'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"-1"}: cannot change roleRef',
        ],
        [
          '/roleRef/kind',
          'a/b',
          'roleRef.kind: Unsupported value: "a/b": supported values: "ClusterRole"',
          'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"a/b","Name":"view"}: cannot change roleRef',
        ],
        [
          '/subjects/0/kind',
          '2001:db8::1',
          'subjects[0].kind: Unsupported value: "2001:db8::1": supported values: "ServiceAccount", "User", "Group"',
        ],
        [
          '/subjects/0/apiGroup',
          'é',
          'subjects[0].apiGroup: Unsupported value: "é": supported values: "rbac.authorization.k8s.io"',
        ],
      ],
    },
  );
});
