import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of ResourceSlice', () => {
  itJudges(
    {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceSlice',
      metadata: { name: 'slice' },
      spec: {
        driver: 'gpu.example.com',
        nodeName: 'n1',
        pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
        devices: [
          {
            name: 'd0',
            attributes: {
              model: { string: 'x' },
              'example.com/v': { version: '1.0.0' },
              n: { int: 3 },
              b: { bool: true },
            },
            capacity: { mem: { value: '1Gi' } },
            taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }],
          },
        ],
      },
    },
    {
      created: [
        [
          '/spec/devices/0/taints/0/effect',
          '10.0.0.0/33',
          'spec.devices[0].taints[0].effect: Unsupported value: "10.0.0.0/33": supported values: "NoExecute", "NoSchedule", "None"',
        ],
        ['/spec/pool/name', undefined, 'spec.pool.name: Required value'],
        [
          '/spec/devices/0/attributes/n/int',
          undefined,
          'spec.devices[0].attributes[n]: Invalid value: "": exactly one value must be specified',
        ],
        [
          '/spec/pool/generation',
          -1,
          'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
        ],
        [
          '/spec/devices/0/taints/0/key',
          'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
          'spec.devices[0].taints[0].key: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
        ],
        [
          '/spec/devices/0/name',
          'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
          'spec.devices[0].name: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 characters',
        ],
        [
          '/spec/devices/0/taints/0/value',
          'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
          'spec.devices[0].taints[0].value: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 bytes',
        ],
        [
          '/spec/devices/0/attributes/b/bool',
          undefined,
          'spec.devices[0].attributes[b]: Invalid value: "": exactly one value must be specified',
        ],
        [
          '/spec/devices/0/attributes/model/string',
          undefined,
          'spec.devices[0].attributes[model]: Invalid value: "": exactly one value must be specified',
        ],
      ],
      updated: [
        [
          '/spec/devices/0/taints/0/effect',
          '10.0.0.0/33',
          'spec.devices[0].taints[0].effect: Unsupported value: "10.0.0.0/33": supported values: "NoExecute", "NoSchedule", "None"',
        ],
        [
          '/spec/pool/name',
          '10.0.0.0/33',
          'spec.pool.name: Invalid value: "10.0.0.0/33": field is immutable',
        ],
        [
          '/spec/devices/0/attributes/n/int',
          undefined,
          'spec.devices[0].attributes[n]: Invalid value: "": exactly one value must be specified',
        ],
        [
          '/spec/pool/generation',
          -1,
          'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
        ],
      ],
    },
  );
});
