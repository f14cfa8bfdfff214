import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of CSIStorageCapacity', () => {
  describe('cap', () => {
    itJudges(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIStorageCapacity',
        metadata: { name: 'cap' },
        storageClassName: 'standard',
        capacity: '1Gi',
        maximumVolumeSize: '1Gi',
        nodeTopology: { matchLabels: { a: 'b' } },
      },
      {
        created: [
          ['/capacity', '-1', 'capacity: Invalid value: "-1": must be greater than or equal to 0'],
          [
            '/nodeTopology/matchLabels/a',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'nodeTopology.matchLabels: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 bytes',
          ],
        ],
      },
    );
  });
  describe('cap9', () => {
    itJudges(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIStorageCapacity',
        metadata: { name: 'cap9' },
        storageClassName: 'sc',
        nodeTopology: { matchExpressions: [{ key: 'a', operator: 'Exists' }] },
        capacity: '1Gi',
        maximumVolumeSize: '500Mi',
      },
      {
        created: [
          [
            '/nodeTopology/matchExpressions/0/key',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'nodeTopology.matchExpressions[0].key: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
          ],
          [
            '/nodeTopology/matchExpressions/0/operator',
            '*',
            'nodeTopology.matchExpressions[0].operator: Invalid value: "*": not a valid selector operator',
          ],
          ['/capacity', '-1', 'capacity: Invalid value: "-1": must be greater than or equal to 0'],
        ],
      },
    );
  });
});
