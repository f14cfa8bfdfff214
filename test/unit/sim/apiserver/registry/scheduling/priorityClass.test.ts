import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of PriorityClass', () => {
  describe('pc', () => {
    itJudges(
      {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name: 'pc' },
        value: 100,
        globalDefault: false,
        description: 'd',
        preemptionPolicy: 'Never',
      },
      {
        created: [
          [
            '/value',
            2147483647,
            'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
          ],
          [
            '/preemptionPolicy',
            'é',
            'preemptionPolicy: Unsupported value: "é": supported values: "PreemptLowerPriority", "Never"',
          ],
        ],
        updated: [
          ['/value', 2147483647, 'value: Forbidden: may not be changed in an update.'],
          ['/preemptionPolicy', 'é', 'preemptionPolicy: Invalid value: "é": field is immutable'],
        ],
      },
    );
  });
  describe('pc9', () => {
    itJudges(
      {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name: 'pc9' },
        value: 7,
        description: 'd',
        preemptionPolicy: 'Never',
      },
      {
        created: [
          [
            '/value',
            2147483647,
            'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
          ],
          [
            '/preemptionPolicy',
            '-1',
            'preemptionPolicy: Unsupported value: "-1": supported values: "PreemptLowerPriority", "Never"',
          ],
        ],
        updated: [
          ['/value', -1, 'value: Forbidden: may not be changed in an update.'],
          [
            '/preemptionPolicy',
            undefined,
            'preemptionPolicy: Invalid value: "PreemptLowerPriority": field is immutable',
          ],
        ],
      },
    );
  });
});
