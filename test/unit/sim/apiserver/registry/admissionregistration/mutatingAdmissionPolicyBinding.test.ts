import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of MutatingAdmissionPolicyBinding', () => {
  itJudges(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: 'mapb9' },
      spec: {
        policyName: 'p',
        paramRef: { selector: { matchLabels: { a: 'b' } }, parameterNotFoundAction: 'Allow' },
        matchResources: {
          resourceRules: [
            {
              operations: ['CREATE'],
              apiGroups: ['apps'],
              apiVersions: ['v1'],
              resources: ['deployments'],
            },
          ],
        },
      },
    },
    {
      created: [
        [
          '/spec/paramRef/selector/matchLabels/a',
          'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
          'spec.paramRef.selector.matchLabels: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 bytes',
        ],
        [
          '/spec/paramRef',
          {},
          'spec.paramRef: Required value: one of name or selector must be specified',
          'spec.paramRef.parameterNotFoundAction: Required value',
        ],
        [
          '/spec/matchResources/resourceRules/0/apiGroups',
          [],
          'spec.matchResources.resourceRules[0].apiGroups: Required value',
        ],
        [
          '/spec/paramRef/parameterNotFoundAction',
          'Bad_Name!',
          'spec.paramRef.parameterNotFoundAction: Unsupported value: "Bad_Name!": supported values: "Deny", "Allow"',
        ],
        [
          '/spec/matchResources/resourceRules/0/operations',
          [],
          'spec.matchResources.resourceRules[0].operations: Required value',
        ],
        [
          '/spec/paramRef/selector',
          undefined,
          'spec.paramRef: Required value: one of name or selector must be specified',
        ],
        [
          '/spec/matchResources/resourceRules/0/resources',
          undefined,
          'spec.matchResources.resourceRules[0].resources: Required value',
        ],
        [
          '/spec/matchResources/resourceRules/0/resources/0',
          '',
          'spec.matchResources.resourceRules[0].resources[0]: Required value',
        ],
        [
          '/spec/matchResources/resourceRules/0/apiVersions',
          undefined,
          'spec.matchResources.resourceRules[0].apiVersions: Required value',
        ],
      ],
    },
  );
});
