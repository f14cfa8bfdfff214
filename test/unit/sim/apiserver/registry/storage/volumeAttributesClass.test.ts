import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of VolumeAttributesClass', () => {
  itJudges(
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttributesClass',
      metadata: { name: 'vac' },
      driverName: 'drv.example.com',
      parameters: { iops: '100' },
    },
    {
      created: [
        [
          '/driverName',
          'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
          'driverName: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
        ],
        [
          '/parameters',
          undefined,
          'parameters: Required value: must contain at least one key/value pair',
        ],
      ],
    },
  );
});
