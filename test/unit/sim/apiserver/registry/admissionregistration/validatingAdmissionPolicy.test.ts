import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of ValidatingAdmissionPolicy', () => {
  describe('vap', () => {
    itJudges(
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: 'vap' },
        spec: {
          failurePolicy: 'Fail',
          paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
          matchConstraints: {
            resourceRules: [
              {
                apiGroups: ['apps'],
                apiVersions: ['v1'],
                operations: ['CREATE'],
                resources: ['deployments'],
                scope: '*',
              },
            ],
          },
          matchConditions: [{ name: 'c', expression: 'true' }],
          variables: [{ name: 'v', expression: 'object.spec.replicas' }],
          validations: [
            {
              expression: 'variables.v < 5',
              message: 'm',
              messageExpression: "'x'",
              reason: 'Invalid',
            },
          ],
          auditAnnotations: [{ key: 'k', valueExpression: "'v'" }],
        },
      },
      {
        created: [
          [
            '/spec/validations/0/reason',
            'x.y',
            'spec.validations[0].reason: Unsupported value: "x.y": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
          ],
          [
            '/spec/validations/0/messageExpression',
            'x.y',
            "spec.validations[0].messageExpression: Invalid value: \"x.y\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x.y\n | ^",
          ],
          [
            '/spec/variables/0/name',
            undefined,
            'spec.variables[0].name: Required value: name is not specified',
            'spec.validations[0].expression: Invalid value: "variables.v < 5": compilation failed: ERROR: <input>:1:10: undefined field \'v\'\n | variables.v < 5\n | .........^',
          ],
          [
            '/spec/failurePolicy',
            'é',
            'spec.failurePolicy: Unsupported value: "é": supported values: "Fail", "Ignore"',
          ],
          [
            '/spec/matchConstraints/resourceRules/0/operations/0',
            '10.0.0.0/33',
            'spec.matchConstraints.resourceRules[0].operations[0]: Unsupported value: "10.0.0.0/33": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
          ],
          [
            '/spec/matchConditions/0/expression',
            '10.0.0.0/33',
            'spec.matchConditions[0].expression: Invalid value: "10.0.0.0/33": compilation failed: ERROR: <input>:1:5: Syntax error: mismatched input \'.0\' expecting <EOF>\n | 10.0.0.0/33\n | ....^',
          ],
          [
            '/spec/variables/0/expression',
            'a/b',
            "spec.variables[0].expression: Invalid value: \"a/b\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a/b\n | ^\nERROR: <input>:1:3: undeclared reference to 'b' (in container '')\n | a/b\n | ..^",
          ],
          [
            '/spec/matchConstraints/resourceRules/0/apiGroups',
            [],
            'spec.matchConstraints.resourceRules[0].apiGroups: Required value',
          ],
          [
            '/spec/variables',
            [
              { name: 'v', expression: 'object.spec.replicas' },
              { name: 'v', expression: 'object.spec.replicas' },
              {},
            ],
            'spec.variables[2].name: Required value: name is not specified',
            'spec.variables[2].expression: Required value: expression is not specified',
          ],
        ],
      },
    );
  });
  describe('vap9', () => {
    itJudges(
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: 'vap9' },
        spec: {
          failurePolicy: 'Ignore',
          paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
          matchConstraints: {
            matchPolicy: 'Exact',
            namespaceSelector: { matchLabels: { a: 'b' } },
            objectSelector: {},
            resourceRules: [
              {
                operations: ['CREATE'],
                apiGroups: ['apps'],
                apiVersions: ['v1'],
                resources: ['deployments'],
                resourceNames: ['a'],
                scope: '*',
              },
            ],
            excludeResourceRules: [
              { operations: ['DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] },
            ],
          },
          matchConditions: [
            {
              name: 'mc',
              expression:
                "params.data.a == 'b' || authorizer.group('').resource('pods').check('get').allowed()",
            },
          ],
          variables: [
            { name: 'v', expression: 'object.spec.replicas' },
            { name: 'w', expression: 'variables.v + 1' },
          ],
          validations: [
            {
              expression: 'variables.w < 5',
              message: 'm',
              messageExpression: "'too ' + string(variables.w)",
              reason: 'Forbidden',
            },
          ],
          auditAnnotations: [{ key: 'k', valueExpression: 'string(object.metadata.name)' }],
        },
      },
      {
        created: [
          [
            '/spec/failurePolicy',
            '10.0.0.0/33',
            'spec.failurePolicy: Unsupported value: "10.0.0.0/33": supported values: "Fail", "Ignore"',
          ],
          [
            '/spec/matchConstraints/excludeResourceRules/0/operations/0',
            '-1',
            'spec.matchConstraints.excludeResourceRules[0].operations[0]: Unsupported value: "-1": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
          ],
          [
            '/spec/variables/0',
            undefined,
            'spec.variables[0].expression: Invalid value: "variables.v + 1": compilation failed: ERROR: <input>:1:10: undefined field \'v\'\n | variables.v + 1\n | .........^',
          ],
          [
            '/spec/matchConstraints/resourceRules/0/scope',
            '2001:db8::1',
            'spec.matchConstraints.resourceRules[0].scope: Unsupported value: "2001:db8::1": supported values: "*", "Cluster", "Namespaced"',
          ],
          [
            '/spec/validations/0',
            {},
            'spec.validations[0].expression: Required value: expression is not specified',
          ],
          [
            '/spec/validations/0/reason',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.validations[0].reason: Unsupported value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
          ],
          [
            '/spec/variables/0/expression',
            '2001:db8::1',
            'spec.variables[0].expression: Invalid value: "2001:db8::1": compilation failed: ERROR: <input>:1:5: Syntax error: mismatched input \':\' expecting <EOF>\n | 2001:db8::1\n | ....^',
          ],
          [
            '/spec/matchConstraints/excludeResourceRules/0/apiGroups',
            [],
            'spec.matchConstraints.excludeResourceRules[0].apiGroups: Required value',
          ],
          [
            '/spec/validations/0/messageExpression',
            'A',
            "spec.validations[0].messageExpression: Invalid value: \"A\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'A' (in container '')\n | A\n | ^",
          ],
        ],
      },
    );
  });
});
