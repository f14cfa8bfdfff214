import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of CSINode', () => {
  describe('n', () => {
    itJudges(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSINode',
        metadata: { name: 'n' },
        spec: {
          drivers: [
            {
              name: 'drv.example.com',
              nodeID: 'n',
              topologyKeys: ['zone'],
              allocatable: { count: 5 },
            },
          ],
        },
      },
      {
        created: [
          [
            '/spec/drivers/0/allocatable/count',
            -1,
            'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
          ],
          ['/spec/drivers/0/nodeID', '', 'spec.drivers[0].nodeID: Required value'],
          ['/spec/drivers/0/name', '', 'spec.drivers[0].name: Required value'],
          [
            '/spec/drivers/0/topologyKeys',
            ['zone', 'zone'],
            'spec.drivers[0]: Duplicate value: "zone"',
          ],
          [
            '/spec/drivers/0/topologyKeys/0',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.drivers[0]: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
          ],
          [
            '/spec/drivers',
            [
              {
                name: 'drv.example.com',
                nodeID: 'n',
                topologyKeys: ['zone'],
                allocatable: { count: 5 },
              },
              {
                name: 'drv.example.com',
                nodeID: 'n',
                topologyKeys: ['zone'],
                allocatable: { count: 5 },
              },
            ],
            'spec.drivers[1].name: Duplicate value: "drv.example.com"',
          ],
        ],
      },
    );
  });
  describe('n9', () => {
    itJudges(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSINode',
        metadata: { name: 'n9' },
        spec: {
          drivers: [
            {
              name: 'a.example.com',
              nodeID: 'x',
              topologyKeys: ['t/a', 't/b'],
              allocatable: { count: 3 },
            },
            { name: 'b.example.com', nodeID: 'y' },
          ],
        },
      },
      {
        created: [
          [
            '/spec/drivers/0/topologyKeys',
            ['t/a', 't/b', 't/a'],
            'spec.drivers[0]: Duplicate value: "t/a"',
          ],
          ['/spec/drivers/1/name', '', 'spec.drivers[1].name: Required value'],
          [
            '/spec/drivers/0/allocatable/count',
            -1,
            'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
          ],
          ['/spec/drivers/1/nodeID', '', 'spec.drivers[1].nodeID: Required value'],
          [
            '/spec/drivers',
            [
              {
                name: 'a.example.com',
                nodeID: 'x',
                topologyKeys: ['t/a', 't/b'],
                allocatable: { count: 3 },
              },
              { name: 'b.example.com', nodeID: 'y' },
              {
                name: 'a.example.com',
                nodeID: 'x',
                topologyKeys: ['t/a', 't/b'],
                allocatable: { count: 3 },
              },
            ],
            'spec.drivers[2].name: Duplicate value: "a.example.com"',
          ],
          [
            '/spec/drivers/0/name',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.drivers[0].name: Too long: may not be more than 63 bytes',
          ],
          [
            '/spec/drivers/0/topologyKeys/1',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.drivers[0]: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 bytes',
          ],
        ],
      },
    );
  });
});
