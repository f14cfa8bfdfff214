import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of RoleBinding', () => {
  describe('rb', () => {
    itJudges(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'rb' },
        subjects: [
          { kind: 'User', name: 'bob', apiGroup: 'rbac.authorization.k8s.io' },
          { kind: 'ServiceAccount', name: 'sa', namespace: 'plain' },
        ],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      },
      {
        created: [
          [
            '/subjects/1/kind',
            '2001:db8::1',
            'subjects[1].kind: Unsupported value: "2001:db8::1": supported values: "ServiceAccount", "User", "Group"',
          ],
          [
            '/roleRef/kind',
            '-1',
            'roleRef.kind: Unsupported value: "-1": supported values: "Role", "ClusterRole"',
          ],
          [
            '/roleRef/apiGroup',
            '-1',
            'roleRef.apiGroup: Unsupported value: "-1": supported values: "rbac.authorization.k8s.io"',
          ],
          [
            '/subjects/0/apiGroup',
            'A',
            'subjects[0].apiGroup: Unsupported value: "A": supported values: "rbac.authorization.k8s.io"',
          ],
          ['/subjects/1/name', undefined, 'subjects[1].name: Required value'],
          [
            '/roleRef/name',
            '10.0.0.0/33',
            'roleRef.name: Invalid value: "10.0.0.0/33": may not contain \'/\'',
          ],
          [
            '/roleRef',
            { apiGroup: 'rbac.authorization.k8s.io' },
            'roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole"',
            'roleRef.name: Required value',
          ],
        ],
        updated: [
          [
            '/subjects/1/kind',
            '2001:db8::1',
            'subjects[1].kind: Unsupported value: "2001:db8::1": supported values: "ServiceAccount", "User", "Group"',
          ],
          [
            '/roleRef/name',
            'A',
            'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"A"}: cannot change roleRef',
          ],
          [
            '/roleRef/kind',
            '-1',
            'roleRef.kind: Unsupported value: "-1": supported values: "Role", "ClusterRole"',
            'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"-1","Name":"r"}: cannot change roleRef',
          ],
          [
            '/roleRef/apiGroup',
            '-1',
            'roleRef.apiGroup: Unsupported value: "-1": supported values: "rbac.authorization.k8s.io"',
            'roleRef: Invalid value: {"APIGroup":"-1","Kind":"Role","Name":"r"}: cannot change roleRef',
          ],
        ],
      },
    );
  });
  describe('rb9', () => {
    itJudges(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'rb9' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
        subjects: [
          { kind: 'ServiceAccount', name: 's', namespace: 'n' },
          { kind: 'Group', name: 'g', apiGroup: 'rbac.authorization.k8s.io' },
        ],
      },
      {
        created: [
          [
            '/subjects/1/kind',
            '10.0.0.0/33',
            'subjects[1].kind: Unsupported value: "10.0.0.0/33": supported values: "ServiceAccount", "User", "Group"',
          ],
          [
            '/subjects/1/apiGroup',
            'a/b',
            'subjects[1].apiGroup: Unsupported value: "a/b": supported values: "rbac.authorization.k8s.io"',
          ],
          [
            '/roleRef/kind',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'roleRef.kind: Unsupported value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": supported values: "Role", "ClusterRole"',
          ],
          ['/roleRef/name', '', 'roleRef.name: Required value'],
          ['/subjects/1/name', '', 'subjects[1].name: Required value'],
          [
            '/roleRef/apiGroup',
            '2001:db8::1',
            'roleRef.apiGroup: Unsupported value: "2001:db8::1": supported values: "rbac.authorization.k8s.io"',
          ],
          [
            '/roleRef',
            { apiGroup: 'rbac.authorization.k8s.io' },
            'roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole"',
            'roleRef.name: Required value',
          ],
        ],
        updated: [
          [
            '/subjects/1/kind',
            '10.0.0.0/33',
            'subjects[1].kind: Unsupported value: "10.0.0.0/33": supported values: "ServiceAccount", "User", "Group"',
          ],
          [
            '/subjects/1/apiGroup',
            'a/b',
            'subjects[1].apiGroup: Unsupported value: "a/b": supported values: "rbac.authorization.k8s.io"',
          ],
          [
            '/roleRef/kind',
            'a/b',
            'roleRef.kind: Unsupported value: "a/b": supported values: "Role", "ClusterRole"',
            'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"a/b","Name":"r"}: cannot change roleRef',
          ],
          [
            '/roleRef/name',
            '',
            'roleRef.name: Required value',
            'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":""}: cannot change roleRef',
          ],
        ],
      },
    );
  });
});
