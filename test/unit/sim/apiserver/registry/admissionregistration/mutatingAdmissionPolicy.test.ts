import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of MutatingAdmissionPolicy', () => {
  describe('map', () => {
    itJudges(
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingAdmissionPolicy',
        metadata: { name: 'map' },
        spec: {
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
          failurePolicy: 'Fail',
          reinvocationPolicy: 'Never',
          variables: [{ name: 'v', expression: '1' }],
          mutations: [
            {
              patchType: 'ApplyConfiguration',
              applyConfiguration: {
                expression: "Object{metadata: Object.metadata{labels: {'a': 'b'}}}",
              },
            },
          ],
        },
      },
      {
        created: [
          [
            '/spec/variables/0/name',
            '',
            'spec.variables[0].name: Required value: name is not specified',
          ],
          [
            '/spec/matchConstraints/resourceRules/0/apiVersions',
            [],
            'spec.matchConstraints.resourceRules[0].apiVersions: Required value',
          ],
          [
            '/spec/mutations/0/applyConfiguration/expression',
            'x.y',
            "spec.mutations[0].applyConfiguration.expression: Invalid value: \"x.y\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x.y\n | ^",
          ],
          [
            '/spec/reinvocationPolicy',
            'A',
            'spec.reinvocationPolicy: Unsupported value: "A": supported values: "IfNeeded", "Never"',
          ],
          [
            '/spec/mutations',
            [
              {
                patchType: 'ApplyConfiguration',
                applyConfiguration: {
                  expression: "Object{metadata: Object.metadata{labels: {'a': 'b'}}}",
                },
              },
              {
                patchType: 'ApplyConfiguration',
                applyConfiguration: {
                  expression: "Object{metadata: Object.metadata{labels: {'a': 'b'}}}",
                },
              },
              {},
            ],
            'spec.mutations[2].patchType: Required value',
          ],
          [
            '/spec/failurePolicy',
            '*',
            'spec.failurePolicy: Unsupported value: "*": supported values: "Fail", "Ignore"',
          ],
          [
            '/spec/mutations/0/patchType',
            '10.0.0.0/33',
            'spec.mutations[0].patchType: Unsupported value: "10.0.0.0/33": supported values: "ApplyConfiguration", "JSONPatch"',
          ],
          [
            '/spec/matchConstraints/resourceRules/0/apiVersions/0',
            '',
            'spec.matchConstraints.resourceRules[0].apiVersions[0]: Required value',
          ],
          [
            '/spec/matchConstraints/resourceRules/0/apiGroups',
            [],
            'spec.matchConstraints.resourceRules[0].apiGroups: Required value',
          ],
        ],
      },
    );
  });
  describe('map9', () => {
    itJudges(
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingAdmissionPolicy',
        metadata: { name: 'map9' },
        spec: {
          failurePolicy: 'Fail',
          reinvocationPolicy: 'Never',
          matchConstraints: {
            resourceRules: [
              {
                operations: ['CREATE'],
                apiGroups: ['apps'],
                apiVersions: ['v1'],
                resources: ['deployments'],
              },
            ],
          },
          variables: [{ name: 'v', expression: '1' }],
          mutations: [
            {
              patchType: 'ApplyConfiguration',
              applyConfiguration: {
                expression: 'Object{spec: Object.spec{replicas: variables.v}}',
              },
            },
            {
              patchType: 'JSONPatch',
              jsonPatch: {
                expression:
                  "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), value: 'c'}]",
              },
            },
          ],
        },
      },
      {
        created: [
          [
            '/spec/mutations/0/patchType',
            '10.0.0.0/33',
            'spec.mutations[0].patchType: Unsupported value: "10.0.0.0/33": supported values: "ApplyConfiguration", "JSONPatch"',
          ],
          [
            '/spec/matchConstraints/resourceRules/0/apiGroups',
            undefined,
            'spec.matchConstraints.resourceRules[0].apiGroups: Required value',
          ],
          [
            '/spec/reinvocationPolicy',
            'Bad_Name!',
            'spec.reinvocationPolicy: Unsupported value: "Bad_Name!": supported values: "IfNeeded", "Never"',
          ],
          [
            '/spec/mutations/1/jsonPatch/expression',
            'x.y',
            "spec.mutations[1].jsonPatch.expression: Invalid value: \"x.y\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x.y\n | ^",
          ],
          [
            '/spec/mutations/0/applyConfiguration/expression',
            'Bad_Name!',
            'spec.mutations[0].applyConfiguration.expression: Invalid value: "Bad_Name!": compilation failed: ERROR: <input>:1:9: Syntax error: extraneous input \'!\' expecting <EOF>\n | Bad_Name!\n | ........^',
          ],
          [
            '/spec/failurePolicy',
            '10.0.0.0/33',
            'spec.failurePolicy: Unsupported value: "10.0.0.0/33": supported values: "Fail", "Ignore"',
          ],
          [
            '/spec/variables/0/expression',
            'A',
            "spec.variables[0].expression: Invalid value: \"A\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'A' (in container '')\n | A\n | ^",
          ],
          [
            '/spec/mutations/1/jsonPatch',
            undefined,
            'spec.mutations[1].jsonPatch: Required value: must be specified when patchType is JSONPatch',
          ],
          [
            '/spec/matchConstraints/resourceRules/0/resources/0',
            undefined,
            'spec.matchConstraints.resourceRules[0].resources: Required value',
          ],
        ],
      },
    );
  });
});
