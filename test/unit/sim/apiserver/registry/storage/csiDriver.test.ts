import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of CSIDriver', () => {
  describe('drv.example.com', () => {
    itJudges(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIDriver',
        metadata: { name: 'drv.example.com' },
        spec: {
          attachRequired: true,
          podInfoOnMount: false,
          volumeLifecycleModes: ['Persistent'],
          fsGroupPolicy: 'File',
          storageCapacity: false,
          tokenRequests: [{ audience: 'x', expirationSeconds: 3600 }],
          requiresRepublish: false,
        },
      },
      {
        created: [
          [
            '/spec/volumeLifecycleModes/0',
            'x.y',
            'spec.volumeLifecycleModes: Unsupported value: "x.y": supported values: "Persistent", "Ephemeral"',
          ],
          [
            '/spec/tokenRequests/0/expirationSeconds',
            1,
            'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
          ],
          [
            '/spec/fsGroupPolicy',
            '2001:db8::1',
            'spec.fsGroupPolicy: Unsupported value: "2001:db8::1": supported values: "File", "None", "ReadWriteOnceWithFSType"',
          ],
          [
            '/spec/tokenRequests',
            [
              { audience: 'x', expirationSeconds: 3600 },
              { audience: 'x', expirationSeconds: 3600 },
            ],
            'spec.tokenRequests[1].audience: Duplicate value: "x"',
          ],
        ],
      },
    );
  });
  describe('drv9', () => {
    itJudges(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIDriver',
        metadata: { name: 'drv9' },
        spec: {
          attachRequired: false,
          podInfoOnMount: true,
          volumeLifecycleModes: ['Persistent', 'Ephemeral'],
          storageCapacity: true,
          fsGroupPolicy: 'File',
          tokenRequests: [{ audience: 'a', expirationSeconds: 600 }, { audience: '' }],
          requiresRepublish: true,
          seLinuxMount: true,
          nodeAllocatableUpdatePeriodSeconds: 10,
        },
      },
      {
        created: [
          [
            '/spec/fsGroupPolicy',
            'A',
            'spec.fsGroupPolicy: Unsupported value: "A": supported values: "File", "None", "ReadWriteOnceWithFSType"',
          ],
          [
            '/spec/volumeLifecycleModes/1',
            '*',
            'spec.volumeLifecycleModes: Unsupported value: "*": supported values: "Persistent", "Ephemeral"',
          ],
          [
            '/spec/tokenRequests/0/expirationSeconds',
            3,
            'spec.tokenRequests[0].expirationSeconds: Invalid value: 3: may not specify a duration less than 10 minutes',
          ],
          [
            '/spec/nodeAllocatableUpdatePeriodSeconds',
            0,
            'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 0: must be greater than or equal to 10 seconds',
          ],
          [
            '/spec/tokenRequests',
            [
              { audience: 'a', expirationSeconds: 600 },
              { audience: '' },
              { audience: 'a', expirationSeconds: 600 },
            ],
            'spec.tokenRequests[2].audience: Duplicate value: "a"',
          ],
        ],
      },
    );
  });
});
