import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of ValidatingWebhookConfiguration', () => {
  describe('vwc', () => {
    itJudges(
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'vwc' },
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
          },
        ],
      },
      {
        created: [
          [
            '/webhooks/0/matchConditions/0/expression',
            '2001:db8::1',
            'webhooks[0].matchConditions[0].expression: Invalid value: "2001:db8::1": compilation failed: ERROR: <input>:1:5: Syntax error: mismatched input \':\' expecting <EOF>\n | 2001:db8::1\n | ....^',
          ],
          [
            '/webhooks/0/objectSelector/matchExpressions/0/operator',
            'x.y',
            'webhooks[0].objectSelector.matchExpressions[0].operator: Invalid value: "x.y": not a valid selector operator',
          ],
          [
            '/webhooks/0/timeoutSeconds',
            2147483647,
            'webhooks[0].timeoutSeconds: Invalid value: 2147483647: the timeout value must be between 1 and 30 seconds',
          ],
          [
            '/webhooks',
            [
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
              },
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
              },
            ],
            'webhooks[1].name: Duplicate value: "check.example.com"',
          ],
          [
            '/webhooks/0/matchPolicy',
            '*',
            'webhooks[0].matchPolicy: Unsupported value: "*": supported values: "Equivalent", "Exact"',
          ],
          [
            '/webhooks/0/matchConditions/0',
            {},
            'webhooks[0].matchConditions[0].expression: Required value',
            'webhooks[0].matchConditions[0].name: Required value',
          ],
          [
            '/webhooks/0/rules/0/operations/0',
            'A',
            'webhooks[0].rules[0].operations[0]: Unsupported value: "A": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
          ],
          [
            '/webhooks/0/rules/0/scope',
            'example.com/Thing',
            'webhooks[0].rules[0].scope: Unsupported value: "example.com/Thing": supported values: "*", "Cluster", "Namespaced"',
          ],
          [
            '/webhooks/0/sideEffects',
            'example.com/Thing',
            'webhooks[0].sideEffects: Unsupported value: "example.com/Thing": supported values: "None", "NoneOnDryRun"',
          ],
        ],
      },
    );
  });
  describe('vwc9', () => {
    itJudges(
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'vwc9' },
        webhooks: [
          {
            name: 'a.example.com',
            clientConfig: { url: 'https://h.example.com/x' },
            sideEffects: 'NoneOnDryRun',
            admissionReviewVersions: ['v1', 'v1beta1'],
            timeoutSeconds: 5,
            failurePolicy: 'Ignore',
            matchPolicy: 'Exact',
            rules: [
              {
                operations: ['CREATE', 'UPDATE'],
                apiGroups: ['*'],
                apiVersions: ['v1'],
                resources: ['pods', 'pods/status'],
                scope: 'Namespaced',
              },
            ],
            matchConditions: [{ name: 'c', expression: "request.name != 'x'" }],
            namespaceSelector: { matchLabels: { a: 'b' } },
            objectSelector: { matchExpressions: [{ key: 'k', operator: 'Exists' }] },
          },
        ],
      },
      {
        created: [
          ['/webhooks/0/name', '', 'webhooks[0].name: Required value'],
          [
            '/webhooks/0/rules/0/operations/1',
            'a/b',
            'webhooks[0].rules[0].operations[1]: Unsupported value: "a/b": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
          ],
          [
            '/webhooks/0/matchConditions/0',
            {},
            'webhooks[0].matchConditions[0].expression: Required value',
            'webhooks[0].matchConditions[0].name: Required value',
          ],
          [
            '/webhooks/0/matchConditions/0/name',
            '',
            'webhooks[0].matchConditions[0].name: Required value',
          ],
          [
            '/webhooks/0/clientConfig',
            undefined,
            'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
          ],
          [
            '/webhooks/0/objectSelector/matchExpressions/0/operator',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'webhooks[0].objectSelector.matchExpressions[0].operator: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": not a valid selector operator',
          ],
          [
            '/webhooks/0/admissionReviewVersions/1',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'webhooks[0].admissionReviewVersions[1]: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 characters',
          ],
          [
            '/webhooks/0/matchConditions/0/expression',
            '-1',
            'webhooks[0].matchConditions[0].expression: Invalid value: "-1": must evaluate to bool but got int',
          ],
          [
            '/webhooks/0/matchPolicy',
            'A',
            'webhooks[0].matchPolicy: Unsupported value: "A": supported values: "Equivalent", "Exact"',
          ],
        ],
      },
    );
  });
});
