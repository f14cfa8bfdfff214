import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of PodDisruptionBudget', () => {
  describe('pdb', () => {
    itJudges(
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'pdb' },
        spec: {
          minAvailable: '50%',
          selector: { matchLabels: { a: 'b' } },
          unhealthyPodEvictionPolicy: 'AlwaysAllow',
        },
      },
      {
        created: [
          [
            '/spec/minAvailable',
            '',
            "spec.minAvailable: Invalid value: \"\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
          ],
          [
            '/spec/unhealthyPodEvictionPolicy',
            '*',
            'spec.unhealthyPodEvictionPolicy: Unsupported value: "*": supported values: "AlwaysAllow", "IfHealthyBudget"',
          ],
          [
            '/spec/selector/matchLabels/a',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.selector.matchLabels: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 bytes',
          ],
        ],
      },
    );
  });
  describe('pdb9', () => {
    itJudges(
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'pdb9' },
        spec: {
          maxUnavailable: 1,
          unhealthyPodEvictionPolicy: 'AlwaysAllow',
          selector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
        },
      },
      {
        created: [
          [
            '/spec/selector/matchExpressions/0/operator',
            '',
            'spec.selector.matchExpressions[0].operator: Invalid value: "": not a valid selector operator',
          ],
          [
            '/spec/selector/matchExpressions/0/values',
            undefined,
            "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
          ],
          [
            '/spec/unhealthyPodEvictionPolicy',
            '2001:db8::1',
            'spec.unhealthyPodEvictionPolicy: Unsupported value: "2001:db8::1": supported values: "AlwaysAllow", "IfHealthyBudget"',
          ],
          [
            '/spec/selector/matchExpressions/0/values/0',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.selector.matchExpressions[0].values[0]: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 bytes',
          ],
          [
            '/spec/maxUnavailable',
            -1,
            'spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0',
          ],
          [
            '/spec/selector/matchExpressions/0/key',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.selector.matchExpressions[0].key: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
          ],
        ],
      },
    );
  });
});
