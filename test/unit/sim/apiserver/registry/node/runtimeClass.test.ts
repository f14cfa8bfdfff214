import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of RuntimeClass', () => {
  describe('rc', () => {
    itJudges(
      {
        apiVersion: 'node.k8s.io/v1',
        kind: 'RuntimeClass',
        metadata: { name: 'rc' },
        handler: 'runc',
        overhead: { podFixed: { cpu: '10m' } },
        scheduling: {
          nodeSelector: { a: 'b' },
          tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }],
        },
      },
      {
        created: [
          [
            '/scheduling/tolerations/0/effect',
            'A',
            'scheduling.tolerations[0].effect: Unsupported value: "A": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
          ],
          [
            '/scheduling/tolerations/0/operator',
            'x.y',
            'scheduling.tolerations[0].operator: Unsupported value: "x.y": supported values: "Equal", "Exists"',
          ],
          [
            '/overhead/podFixed/cpu',
            '-1',
            'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
          ],
          [
            '/scheduling/nodeSelector/a',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'scheduling.nodeSelector: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 bytes',
          ],
          [
            '/scheduling/tolerations/0/key',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'scheduling.tolerations[0].key: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
          ],
          [
            '/scheduling/tolerations',
            [
              { key: 'k', operator: 'Exists', effect: 'NoSchedule' },
              { key: 'k', operator: 'Exists', effect: 'NoSchedule' },
            ],
            'scheduling.tolerations[1]: Duplicate value: {"Key":"k","Operator":"Exists","Value":"","Effect":"NoSchedule","TolerationSeconds":null}',
          ],
          ['/handler', '', 'handler: Required value'],
          [
            '/scheduling/tolerations/0',
            {},
            'scheduling.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
          ],
        ],
      },
    );
  });
  describe('rc9', () => {
    itJudges(
      {
        apiVersion: 'node.k8s.io/v1',
        kind: 'RuntimeClass',
        metadata: { name: 'rc9' },
        handler: 'h',
        overhead: { podFixed: { cpu: '10m', memory: '1Mi' } },
        scheduling: {
          nodeSelector: { a: 'b' },
          tolerations: [
            { key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 4 },
          ],
        },
      },
      {
        created: [
          [
            '/scheduling/tolerations/0',
            {},
            'scheduling.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
          ],
          [
            '/scheduling/tolerations/0/operator',
            '10.0.0.0/33',
            'scheduling.tolerations[0].operator: Unsupported value: "10.0.0.0/33": supported values: "Equal", "Exists"',
          ],
          [
            '/overhead/podFixed/cpu',
            '-1',
            'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
          ],
          [
            '/scheduling/tolerations',
            [
              { key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 4 },
              { key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 4 },
            ],
            'scheduling.tolerations[1]: Duplicate value: {"Key":"k","Operator":"Exists","Value":"","Effect":"NoExecute","TolerationSeconds":4}',
          ],
          [
            '/scheduling/tolerations/0/key',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'scheduling.tolerations[0].key: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
          ],
          [
            '/scheduling/nodeSelector/a',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'scheduling.nodeSelector: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 bytes',
          ],
          [
            '/scheduling/tolerations/0/effect',
            '',
            'scheduling.tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
          ],
          [
            '/overhead/podFixed/memory',
            '-1',
            'overhead.limits[memory]: Invalid value: "-1": must be greater than or equal to 0',
          ],
          ['/handler', 'x.y', 'handler: Invalid value: "x.y": must not contain dots'],
        ],
      },
    );
  });
});
