import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of Lease', () => {
  describe('l', () => {
    itJudges(
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'l' },
        spec: {
          holderIdentity: 'me',
          leaseDurationSeconds: 15,
          leaseTransitions: 1,
          acquireTime: '2024-01-01T00:00:00.000000Z',
          renewTime: '2024-01-01T00:00:00.000000Z',
        },
      },
      {
        created: [
          [
            '/spec/leaseDurationSeconds',
            0,
            'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
          ],
          [
            '/spec/leaseTransitions',
            -1,
            'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
          ],
        ],
      },
    );
  });
  describe('l9', () => {
    itJudges(
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'l9' },
        spec: {
          holderIdentity: 'me',
          leaseDurationSeconds: 15,
          acquireTime: '2024-01-01T00:00:00.000000Z',
          renewTime: '2024-01-01T00:00:00.000000Z',
          leaseTransitions: 1,
        },
      },
      {
        created: [
          [
            '/spec/leaseTransitions',
            -1,
            'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
          ],
          [
            '/spec/leaseDurationSeconds',
            0,
            'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
          ],
        ],
      },
    );
  });
});
