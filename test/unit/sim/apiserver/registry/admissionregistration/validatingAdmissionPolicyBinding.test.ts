import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of ValidatingAdmissionPolicyBinding', () => {
  itJudges(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'vapb' },
      spec: {
        policyName: 'max-replicas',
        paramRef: { name: 'p', namespace: 'plain', parameterNotFoundAction: 'Deny' },
        validationActions: ['Warn'],
        matchResources: {
          namespaceSelector: { matchLabels: { a: 'b' } },
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
      },
    },
    {
      created: [
        [
          '/spec',
          {},
          'spec.policyName: Required value',
          'spec.validationActions: Required value: at least one validation action is required',
        ],
        [
          '/spec/matchResources/resourceRules/0/operations/0',
          '-1',
          'spec.matchResources.resourceRules[0].operations[0]: Unsupported value: "-1": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
        ],
        ['/spec/policyName', '', 'spec.policyName: Required value'],
        [
          '/spec/paramRef/parameterNotFoundAction',
          '',
          'spec.paramRef.parameterNotFoundAction: Required value',
        ],
        [
          '/spec/paramRef/name',
          'a/b',
          'spec.paramRef.name: Invalid value: "a/b": may not contain \'/\'',
        ],
        [
          '/spec/matchResources/resourceRules/0/operations',
          [],
          'spec.matchResources.resourceRules[0].operations: Required value',
        ],
        [
          '/spec/validationActions/0',
          '',
          'spec.validationActions[0]: Unsupported value: "": supported values: "Audit", "Deny", "Warn"',
        ],
        [
          '/spec/matchResources/resourceRules/0/apiVersions/0',
          '',
          'spec.matchResources.resourceRules[0].apiVersions[0]: Required value',
        ],
        [
          '/spec/matchResources/resourceRules/0/resources',
          [],
          'spec.matchResources.resourceRules[0].resources: Required value',
        ],
      ],
    },
  );
});
