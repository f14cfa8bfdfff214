import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of PriorityLevelConfiguration', () => {
  describe('plc', () => {
    itJudges(
      {
        apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
        kind: 'PriorityLevelConfiguration',
        metadata: { name: 'plc' },
        spec: {
          type: 'Limited',
          limited: {
            nominalConcurrencyShares: 5,
            lendablePercent: 50,
            borrowingLimitPercent: 20,
            limitResponse: {
              type: 'Queue',
              queuing: { queues: 8, handSize: 2, queueLengthLimit: 10 },
            },
          },
        },
      },
      {
        created: [
          [
            '/spec/limited/limitResponse/queuing/handSize',
            -1,
            'spec.limited.limitResponse.queuing.handSize: Invalid value: -1: must be positive',
          ],
          [
            '/spec/type',
            'A',
            'spec.type: Unsupported value: "A": supported values: "Exempt", "Limited"',
          ],
          [
            '/spec/limited/limitResponse/queuing',
            undefined,
            'spec.limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited',
          ],
          [
            '/spec/limited/limitResponse/queuing/queues',
            -1,
            'spec.limited.limitResponse.queuing.queues: Invalid value: -1: must be positive',
            'spec.limited.limitResponse.queuing.handSize: Invalid value: 2: should not be greater than queues (-1)',
          ],
          [
            '/spec/limited/limitResponse/type',
            'x.y',
            'spec.limited.limitResponse.type: Unsupported value: "x.y": supported values: "Queue", "Reject"',
          ],
          ['/spec', {}, 'spec.type: Required value'],
          ['/spec/limited/limitResponse', {}, 'spec.limited.limitResponse.type: Required value'],
          [
            '/spec/limited/borrowingLimitPercent',
            -1,
            'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
          ],
          [
            '/spec/limited/limitResponse/queuing/queueLengthLimit',
            -1,
            'spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive',
          ],
        ],
        updated: [
          [
            '/spec/limited/limitResponse/queuing/handSize',
            -1,
            'spec.limited.limitResponse.queuing.handSize: Invalid value: -1: must be positive',
          ],
          [
            '/spec/type',
            'A',
            'spec.type: Unsupported value: "A": supported values: "Exempt", "Limited"',
          ],
          [
            '/spec/limited/limitResponse/queuing',
            undefined,
            'spec.limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited',
          ],
          [
            '/spec/limited/limitResponse/queuing/queues',
            -1,
            'spec.limited.limitResponse.queuing.queues: Invalid value: -1: must be positive',
            'spec.limited.limitResponse.queuing.handSize: Invalid value: 2: should not be greater than queues (-1)',
          ],
        ],
      },
    );
  });
  describe('plc9', () => {
    itJudges(
      {
        apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
        kind: 'PriorityLevelConfiguration',
        metadata: { name: 'plc9' },
        spec: {
          type: 'Limited',
          limited: {
            nominalConcurrencyShares: 5,
            lendablePercent: 10,
            borrowingLimitPercent: 5,
            limitResponse: { type: 'Reject' },
          },
        },
      },
      {
        created: [
          ['/spec', undefined, 'spec.type: Required value'],
          [
            '/spec/limited/limitResponse/type',
            'é',
            'spec.limited.limitResponse.type: Unsupported value: "é": supported values: "Queue", "Reject"',
          ],
          [
            '/spec/limited/lendablePercent',
            65536,
            'spec.limited.lendablePercent: Invalid value: 65536: must be between 0 and 100, inclusive',
          ],
          [
            '/spec/type',
            '10.0.0.0/33',
            'spec.type: Unsupported value: "10.0.0.0/33": supported values: "Exempt", "Limited"',
          ],
          [
            '/spec/limited/limitResponse',
            undefined,
            'spec.limited.limitResponse.type: Required value',
          ],
          [
            '/spec/limited/borrowingLimitPercent',
            -1,
            'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
          ],
          [
            '/spec/limited/nominalConcurrencyShares',
            -1,
            'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
          ],
          [
            '/spec/limited',
            undefined,
            'spec.limited: Required value: must not be empty when type is Limited',
          ],
        ],
        updated: [
          ['/spec', undefined, 'spec.type: Required value'],
          [
            '/spec/limited/limitResponse/type',
            'é',
            'spec.limited.limitResponse.type: Unsupported value: "é": supported values: "Queue", "Reject"',
          ],
          [
            '/spec/limited/lendablePercent',
            65536,
            'spec.limited.lendablePercent: Invalid value: 65536: must be between 0 and 100, inclusive',
          ],
          [
            '/spec/type',
            '10.0.0.0/33',
            'spec.type: Unsupported value: "10.0.0.0/33": supported values: "Exempt", "Limited"',
          ],
        ],
      },
    );
  });
});
