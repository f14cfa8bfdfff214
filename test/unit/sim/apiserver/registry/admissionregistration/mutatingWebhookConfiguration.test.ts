import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of MutatingWebhookConfiguration', () => {
  describe('mwc', () => {
    itJudges(
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'mwc' },
        webhooks: [
          {
            name: 'check.example.com',
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            timeoutSeconds: 5,
            failurePolicy: 'Fail',
            matchPolicy: 'Equivalent',
            clientConfig: { url: 'https://hooks.example.com/check' },
            rules: [
              {
                apiGroups: ['apps'],
                apiVersions: ['v1'],
                operations: ['CREATE'],
                resources: ['deployments'],
                scope: 'Namespaced',
              },
            ],
            namespaceSelector: { matchLabels: { a: 'b' } },
            objectSelector: { matchExpressions: [{ key: 'x', operator: 'Exists' }] },
            matchConditions: [{ name: 'c', expression: 'true' }],
            reinvocationPolicy: 'Never',
          },
        ],
      },
      {
        created: [
          [
            '/webhooks/0/sideEffects',
            'A',
            'webhooks[0].sideEffects: Unsupported value: "A": supported values: "None", "NoneOnDryRun"',
          ],
          [
            '/webhooks/0/reinvocationPolicy',
            '-1',
            'webhooks[0].reinvocationPolicy: Unsupported value: "-1": supported values: "IfNeeded", "Never"',
          ],
          [
            '/webhooks/0/failurePolicy',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'webhooks[0].failurePolicy: Unsupported value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": supported values: "Fail", "Ignore"',
          ],
          [
            '/webhooks/0/timeoutSeconds',
            0,
            'webhooks[0].timeoutSeconds: Invalid value: 0: the timeout value must be between 1 and 30 seconds',
          ],
          [
            '/webhooks/0/rules/0/scope',
            'example.com/Thing',
            'webhooks[0].rules[0].scope: Unsupported value: "example.com/Thing": supported values: "*", "Cluster", "Namespaced"',
          ],
          [
            '/webhooks/0/objectSelector/matchExpressions/0/operator',
            'Bad_Name!',
            'webhooks[0].objectSelector.matchExpressions[0].operator: Invalid value: "Bad_Name!": not a valid selector operator',
          ],
          [
            '/webhooks/0/matchConditions/0/expression',
            'A',
            "webhooks[0].matchConditions[0].expression: Invalid value: \"A\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'A' (in container '')\n | A\n | ^",
          ],
          ['/webhooks/0/rules/0/resources', [], 'webhooks[0].rules[0].resources: Required value'],
          [
            '/webhooks/0/clientConfig',
            {},
            'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
          ],
        ],
      },
    );
  });
  describe('mwc9', () => {
    itJudges(
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'mwc9' },
        webhooks: [
          {
            name: 'a.example.com',
            clientConfig: {
              service: { namespace: 'n', name: 's', path: '/p/q', port: 8443 },
              caBundle: 'YQ==',
            },
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
            reinvocationPolicy: 'IfNeeded',
            rules: [
              {
                operations: ['*'],
                apiGroups: [''],
                apiVersions: ['*'],
                resources: ['*/*'],
                scope: '*',
              },
            ],
            failurePolicy: 'Fail',
            matchPolicy: 'Equivalent',
            namespaceSelector: {},
            objectSelector: {},
            timeoutSeconds: 10,
          },
        ],
      },
      {
        created: [
          [
            '/webhooks/0/rules/0/operations/0',
            'x.y',
            'webhooks[0].rules[0].operations[0]: Unsupported value: "x.y": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
          ],
          ['/webhooks/0/name', '', 'webhooks[0].name: Required value'],
          ['/webhooks/0/rules/0/resources', [], 'webhooks[0].rules[0].resources: Required value'],
          ['/webhooks/0/rules/0/operations', [], 'webhooks[0].rules[0].operations: Required value'],
          [
            '/webhooks/0/rules/0/apiVersions',
            [],
            'webhooks[0].rules[0].apiVersions: Required value',
          ],
          [
            '/webhooks/0/sideEffects',
            '*',
            'webhooks[0].sideEffects: Unsupported value: "*": supported values: "None", "NoneOnDryRun"',
          ],
          [
            '/webhooks/0/clientConfig/service/path',
            '10.0.0.0/33',
            'webhooks[0].clientConfig.service.path: Invalid value: "10.0.0.0/33": must start with a \'/\'',
          ],
          [
            '/webhooks/0/reinvocationPolicy',
            '-1',
            'webhooks[0].reinvocationPolicy: Unsupported value: "-1": supported values: "IfNeeded", "Never"',
          ],
          [
            '/webhooks',
            [
              {
                name: 'a.example.com',
                clientConfig: {
                  service: { namespace: 'n', name: 's', path: '/p/q', port: 8443 },
                  caBundle: 'YQ==',
                },
                sideEffects: 'None',
                admissionReviewVersions: ['v1'],
                reinvocationPolicy: 'IfNeeded',
                rules: [
                  {
                    operations: ['*'],
                    apiGroups: [''],
                    apiVersions: ['*'],
                    resources: ['*/*'],
                    scope: '*',
                  },
                ],
                failurePolicy: 'Fail',
                matchPolicy: 'Equivalent',
                namespaceSelector: {},
                objectSelector: {},
                timeoutSeconds: 10,
              },
              {
                name: 'a.example.com',
                clientConfig: {
                  service: { namespace: 'n', name: 's', path: '/p/q', port: 8443 },
                  caBundle: 'YQ==',
                },
                sideEffects: 'None',
                admissionReviewVersions: ['v1'],
                reinvocationPolicy: 'IfNeeded',
                rules: [
                  {
                    operations: ['*'],
                    apiGroups: [''],
                    apiVersions: ['*'],
                    resources: ['*/*'],
                    scope: '*',
                  },
                ],
                failurePolicy: 'Fail',
                matchPolicy: 'Equivalent',
                namespaceSelector: {},
                objectSelector: {},
                timeoutSeconds: 10,
              },
            ],
            'webhooks[1].name: Duplicate value: "a.example.com"',
          ],
        ],
      },
    );
  });
});
