import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of ResourceClaimTemplate', () => {
  itJudges(
    {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaimTemplate',
      metadata: { name: 'tpl' },
      spec: {
        metadata: { labels: { a: 'b' } },
        spec: {
          devices: {
            requests: [
              {
                name: 'r',
                firstAvailable: [
                  {
                    name: 's',
                    deviceClassName: 'c',
                    count: 2,
                    tolerations: [
                      {
                        key: 'k',
                        operator: 'Equal',
                        value: 'v',
                        effect: 'NoExecute',
                        tolerationSeconds: 3,
                      },
                    ],
                    allocationMode: 'ExactCount',
                  },
                ],
              },
              {
                name: 'r2',
                exactly: { deviceClassName: 'gpu', allocationMode: 'All', adminAccess: false },
              },
            ],
            constraints: [{ requests: ['r', 'r2'], matchAttribute: 'example.com/a' }],
            config: [
              { requests: ['r'], opaque: { driver: 'd.example.com', parameters: { a: 1 } } },
            ],
          },
        },
      },
    },
    {
      created: [
        [
          '/spec/spec/devices/requests/1/exactly/allocationMode',
          ' a ',
          'spec.spec.devices.requests[1].exactly.allocationMode: Unsupported value: " a ": supported values: "All", "ExactCount"',
        ],
        [
          '/spec/spec/devices/requests/0/firstAvailable',
          [
            {
              name: 's',
              deviceClassName: 'c',
              count: 2,
              tolerations: [
                {
                  key: 'k',
                  operator: 'Equal',
                  value: 'v',
                  effect: 'NoExecute',
                  tolerationSeconds: 3,
                },
              ],
              allocationMode: 'ExactCount',
            },
            {
              name: 's',
              deviceClassName: 'c',
              count: 2,
              tolerations: [
                {
                  key: 'k',
                  operator: 'Equal',
                  value: 'v',
                  effect: 'NoExecute',
                  tolerationSeconds: 3,
                },
              ],
              allocationMode: 'ExactCount',
            },
          ],
          'spec.spec.devices.requests[0].firstAvailable[1]: Duplicate value: "s"',
        ],
        [
          '/spec/spec/devices/config/0/opaque',
          undefined,
          'spec.spec.devices.config[0].opaque: Required value',
        ],
        [
          '/spec/spec/devices/requests/0/firstAvailable/0/tolerations/0/operator',
          'A',
          'spec.spec.devices.requests[0].firstAvailable[0].tolerations[0].operator: Unsupported value: "A": supported values: "Equal", "Exists"',
        ],
        [
          '/spec/spec/devices/requests/0/firstAvailable/0/tolerations/0/effect',
          'Bad_Name!',
          'spec.spec.devices.requests[0].firstAvailable[0].tolerations[0].effect: Unsupported value: "Bad_Name!": supported values: "NoExecute", "NoSchedule", "None"',
        ],
        [
          '/spec/metadata/labels/a',
          'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
          'spec.metadata.labels: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 bytes',
        ],
        [
          '/spec/spec/devices/config/0/opaque/parameters',
          undefined,
          'spec.spec.devices.config[0].opaque.parameters: Required value',
        ],
        [
          '/spec/spec/devices/constraints',
          [
            { requests: ['r', 'r2'], matchAttribute: 'example.com/a' },
            { requests: ['r', 'r2'], matchAttribute: 'example.com/a' },
            {},
          ],
          'spec.spec.devices.constraints[2]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
        ],
        [
          '/spec/spec/devices/constraints/0/requests/0',
          'a/b',
          'spec.spec.devices.constraints[0].requests[0]: Invalid value: "a/b": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
        ],
      ],
      updated: [
        [
          '/spec/spec/devices',
          undefined,
          'spec: Invalid value: {"labels":{"a":"b"},"Spec":{"Devices":{"Requests":null,"Constraints":null,"Config":null}}}: field is immutable',
        ],
      ],
    },
  );
});
