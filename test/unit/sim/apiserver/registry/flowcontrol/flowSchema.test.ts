import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of FlowSchema', () => {
  describe('fs', () => {
    itJudges(
      {
        apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
        kind: 'FlowSchema',
        metadata: { name: 'fs' },
        spec: {
          priorityLevelConfiguration: { name: 'global-default' },
          matchingPrecedence: 500,
          distinguisherMethod: { type: 'ByUser' },
          rules: [
            {
              subjects: [{ kind: 'User', user: { name: 'bob' } }],
              resourceRules: [
                { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] },
              ],
              nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
            },
          ],
        },
      },
      {
        created: [
          [
            '/spec/rules/0/resourceRules/0/verbs/0',
            'Bad_Name!',
            'spec.rules[0].resourceRules[0].verbs: Unsupported value: ["Bad_Name!"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
          ],
          [
            '/spec/rules/0/nonResourceRules/0/nonResourceURLs/0',
            'x.y',
            'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "x.y": must start with slash',
          ],
          [
            '/spec/rules/0/subjects/0/kind',
            'A',
            'spec.rules[0].subjects[0].kind: Unsupported value: "A": supported values: "Group", "ServiceAccount", "User"',
          ],
          [
            '/spec/distinguisherMethod/type',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.distinguisherMethod.type: Unsupported value: {"Type":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}: supported values: "ByNamespace", "ByUser"',
          ],
          [
            '/spec/rules/0/subjects',
            [],
            'spec.rules[0].subjects: Required value: subjects must contain at least one value',
          ],
          [
            '/spec/rules/0/nonResourceRules/0/verbs/0',
            '-1',
            'spec.rules[0].nonResourceRules[0].verbs: Unsupported value: ["-1"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
          ],
          [
            '/spec/rules/0/nonResourceRules/0/nonResourceURLs',
            undefined,
            'spec.rules[0].nonResourceRules[0].nonResourceURLs: Required value: nonResourceURLs must contain at least one value',
          ],
          [
            '/spec/rules/0/resourceRules/0/namespaces',
            [],
            'spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
          ],
          [
            '/spec/rules/0/nonResourceRules/0/verbs',
            [],
            'spec.rules[0].nonResourceRules[0].verbs: Required value: verbs must contain at least one value',
          ],
        ],
        updated: [
          [
            '/spec/rules/0/resourceRules/0/verbs/0',
            'Bad_Name!',
            'spec.rules[0].resourceRules[0].verbs: Unsupported value: ["Bad_Name!"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
          ],
          [
            '/spec/rules/0/nonResourceRules/0/nonResourceURLs/0',
            'x.y',
            'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "x.y": must start with slash',
          ],
          [
            '/spec/rules/0/subjects/0/kind',
            'A',
            'spec.rules[0].subjects[0].kind: Unsupported value: "A": supported values: "Group", "ServiceAccount", "User"',
          ],
          [
            '/spec/distinguisherMethod/type',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.distinguisherMethod.type: Unsupported value: {"Type":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}: supported values: "ByNamespace", "ByUser"',
          ],
        ],
      },
    );
  });
  describe('fs9', () => {
    itJudges(
      {
        apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
        kind: 'FlowSchema',
        metadata: { name: 'fs9' },
        spec: {
          priorityLevelConfiguration: { name: 'p' },
          matchingPrecedence: 500,
          distinguisherMethod: { type: 'ByNamespace' },
          rules: [
            {
              subjects: [
                { kind: 'User', user: { name: 'u' } },
                { kind: 'Group', group: { name: 'g' } },
                { kind: 'ServiceAccount', serviceAccount: { namespace: 'n', name: '*' } },
              ],
              resourceRules: [
                {
                  verbs: ['get', 'list'],
                  apiGroups: ['*'],
                  resources: ['pods'],
                  clusterScope: true,
                  namespaces: ['*'],
                },
              ],
              nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/healthz', '/api/*'] }],
            },
          ],
        },
      },
      {
        created: [
          [
            '/spec/rules/0/subjects/0/user/name',
            undefined,
            'spec.rules[0].subjects[0].user.name: Required value',
          ],
          [
            '/spec/distinguisherMethod/type',
            '',
            'spec.distinguisherMethod.type: Unsupported value: {"Type":""}: supported values: "ByNamespace", "ByUser"',
          ],
          [
            '/spec/rules/0/subjects/2/serviceAccount',
            {},
            'spec.rules[0].subjects[2].serviceAccount.name: Required value',
            'spec.rules[0].subjects[2].serviceAccount.namespace: Required value: must specify namespace for service account',
          ],
          [
            '/spec/rules/0/nonResourceRules/0/nonResourceURLs/0',
            'Bad_Name!',
            'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "Bad_Name!": must start with slash',
          ],
          [
            '/spec/rules/0/resourceRules/0/verbs/1',
            '10.0.0.0/33',
            'spec.rules[0].resourceRules[0].verbs: Unsupported value: ["get","10.0.0.0/33"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
          ],
          [
            '/spec/rules/0/subjects/2/kind',
            '-1',
            'spec.rules[0].subjects[2].kind: Unsupported value: "-1": supported values: "Group", "ServiceAccount", "User"',
          ],
          [
            '/spec/rules/0/resourceRules/0/apiGroups',
            ['*', '*'],
            'spec.rules[0].resourceRules[0].apiGroups: Invalid value: ["*","*"]: if \'*\' is present, must not specify other api groups',
          ],
          [
            '/spec',
            { matchingPrecedence: 1000 },
            'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
          ],
          [
            '/spec/rules/0/subjects/2/serviceAccount/namespace',
            undefined,
            'spec.rules[0].subjects[2].serviceAccount.namespace: Required value: must specify namespace for service account',
          ],
        ],
        updated: [
          [
            '/spec/rules/0/subjects/0/user/name',
            undefined,
            'spec.rules[0].subjects[0].user.name: Required value',
          ],
          [
            '/spec/distinguisherMethod/type',
            '',
            'spec.distinguisherMethod.type: Unsupported value: {"Type":""}: supported values: "ByNamespace", "ByUser"',
          ],
          [
            '/spec/rules/0/subjects/2/serviceAccount',
            {},
            'spec.rules[0].subjects[2].serviceAccount.name: Required value',
            'spec.rules[0].subjects[2].serviceAccount.namespace: Required value: must specify namespace for service account',
          ],
          [
            '/spec/rules/0/nonResourceRules/0/nonResourceURLs/0',
            'Bad_Name!',
            'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "Bad_Name!": must start with slash',
          ],
        ],
      },
    );
  });
});
