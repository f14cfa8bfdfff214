import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of StorageClass', () => {
  describe('sc', () => {
    itJudges(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'sc' },
        provisioner: 'example.com/x',
        reclaimPolicy: 'Delete',
        volumeBindingMode: 'WaitForFirstConsumer',
        allowVolumeExpansion: true,
        parameters: { type: 'ssd' },
        mountOptions: ['ro'],
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }],
      },
      {
        created: [
          [
            '/provisioner',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'provisioner: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
          ],
          [
            '/volumeBindingMode',
            'a/b',
            'volumeBindingMode: Unsupported value: "a/b": supported values: "Immediate", "WaitForFirstConsumer"',
          ],
          [
            '/allowedTopologies/0/matchLabelExpressions/0/values',
            ['a', 'a'],
            'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
          ],
          [
            '/allowedTopologies/0/matchLabelExpressions',
            undefined,
            'allowedTopologies[0].matchLabelExpressions: Duplicate value: ""',
          ],
          [
            '/reclaimPolicy',
            ' a ',
            'reclaimPolicy: Unsupported value: " a ": supported values: "Delete", "Retain"',
          ],
          [
            '/allowedTopologies/0/matchLabelExpressions/0/key',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'allowedTopologies[0].matchLabelExpressions[0].key: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
          ],
          [
            '/allowedTopologies/0/matchLabelExpressions/0/values/0',
            undefined,
            'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
          ],
        ],
        updated: [
          [
            '/volumeBindingMode',
            'a/b',
            'volumeBindingMode: Unsupported value: "a/b": supported values: "Immediate", "WaitForFirstConsumer"',
            'volumeBindingMode: Invalid value: "a/b": field is immutable',
          ],
          ['/provisioner', 'a/b', 'provisioner: Invalid value: "a/b": field is immutable'],
          [
            '/parameters/type',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'parameters: Invalid value: {"type":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}: field is immutable',
          ],
          [
            '/allowedTopologies/0/matchLabelExpressions/0/values',
            ['a', 'a'],
            'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
          ],
        ],
      },
    );
  });
  describe('sc9', () => {
    itJudges(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'sc9' },
        provisioner: 'kubernetes.io/no-provisioner',
        volumeBindingMode: 'WaitForFirstConsumer',
        allowVolumeExpansion: true,
        mountOptions: ['ro'],
        parameters: { a: 'b' },
        allowedTopologies: [
          {
            matchLabelExpressions: [
              { key: 'zone', values: ['a', 'b'] },
              { key: 'region', values: ['c'] },
            ],
          },
          { matchLabelExpressions: [{ key: 'zone', values: ['d'] }] },
        ],
      },
      {
        created: [
          [
            '/volumeBindingMode',
            '2001:db8::1',
            'volumeBindingMode: Unsupported value: "2001:db8::1": supported values: "Immediate", "WaitForFirstConsumer"',
          ],
          [
            '/allowedTopologies/1/matchLabelExpressions',
            undefined,
            'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
            'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
          ],
          [
            '/allowedTopologies/0/matchLabelExpressions/1/key',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'allowedTopologies[0].matchLabelExpressions[1].key: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
          ],
          [
            '/allowedTopologies/0/matchLabelExpressions/0/values',
            ['a', 'a', 'b'],
            'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
          ],
          [
            '/allowedTopologies/1/matchLabelExpressions/0/values/0',
            undefined,
            'allowedTopologies[1].matchLabelExpressions[0].values: Required value',
          ],
          ['/provisioner', '', 'provisioner: Required value'],
          [
            '/allowedTopologies/0/matchLabelExpressions',
            [
              { key: 'zone', values: ['a', 'b'] },
              { key: 'region', values: ['c'] },
              { key: 'zone', values: ['a', 'b'] },
            ],
            'allowedTopologies[0].matchLabelExpressions[2].key: Duplicate value: "zone"',
          ],
          [
            '/allowedTopologies',
            [
              {
                matchLabelExpressions: [
                  { key: 'zone', values: ['a', 'b'] },
                  { key: 'region', values: ['c'] },
                ],
              },
              { matchLabelExpressions: [{ key: 'zone', values: ['d'] }] },
              {
                matchLabelExpressions: [
                  { key: 'zone', values: ['a', 'b'] },
                  { key: 'region', values: ['c'] },
                ],
              },
            ],
            'allowedTopologies[2].matchLabelExpressions: Duplicate value: ""',
          ],
        ],
        updated: [
          [
            '/volumeBindingMode',
            '2001:db8::1',
            'volumeBindingMode: Unsupported value: "2001:db8::1": supported values: "Immediate", "WaitForFirstConsumer"',
            'volumeBindingMode: Invalid value: "2001:db8::1": field is immutable',
          ],
          [
            '/parameters/a',
            'example.com/Thing',
            'parameters: Invalid value: {"a":"example.com/Thing"}: field is immutable',
          ],
          [
            '/allowedTopologies/1/matchLabelExpressions',
            undefined,
            'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
            'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
          ],
          [
            '/allowedTopologies/0/matchLabelExpressions/1/key',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'allowedTopologies[0].matchLabelExpressions[1].key: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
          ],
        ],
      },
    );
  });
});
