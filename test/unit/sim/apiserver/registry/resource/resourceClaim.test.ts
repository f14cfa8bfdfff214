import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of ResourceClaim', () => {
  describe('claim', () => {
    itJudges(
      {
        apiVersion: 'resource.k8s.io/v1',
        kind: 'ResourceClaim',
        metadata: { name: 'claim' },
        spec: {
          devices: {
            requests: [
              {
                name: 'gpu',
                exactly: {
                  deviceClassName: 'gpu.example.com',
                  allocationMode: 'ExactCount',
                  count: 1,
                  selectors: [{ cel: { expression: 'true' } }],
                },
              },
            ],
          },
        },
      },
      {
        created: [
          [
            '/spec/devices/requests/0/exactly/allocationMode',
            'A',
            'spec.devices.requests[0].exactly.allocationMode: Unsupported value: "A": supported values: "All", "ExactCount"',
          ],
          [
            '/spec/devices/requests/0/exactly/selectors/0',
            {},
            'spec.devices.requests[0].exactly.selectors[0].cel: Required value',
          ],
          [
            '/spec/devices/requests/0/exactly/selectors/0/cel/expression',
            'x.y',
            "spec.devices.requests[0].exactly.selectors[0].cel.expression: Invalid value: \"x.y\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x.y\n | ^",
          ],
          [
            '/spec/devices/requests/0/exactly',
            undefined,
            'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
          ],
          [
            '/spec/devices/requests/0/exactly/deviceClassName',
            '',
            'spec.devices.requests[0].exactly.deviceClassName: Required value',
          ],
          [
            '/spec/devices/requests/0/exactly/count',
            -1,
            'spec.devices.requests[0].exactly.count: Invalid value: -1: must be greater than zero',
          ],
          [
            '/spec/devices/requests/0/name',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.devices.requests[0].name: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 characters',
          ],
          [
            '/spec/devices/requests',
            [
              {
                name: 'gpu',
                exactly: {
                  deviceClassName: 'gpu.example.com',
                  allocationMode: 'ExactCount',
                  count: 1,
                  selectors: [{ cel: { expression: 'true' } }],
                },
              },
              {
                name: 'gpu',
                exactly: {
                  deviceClassName: 'gpu.example.com',
                  allocationMode: 'ExactCount',
                  count: 1,
                  selectors: [{ cel: { expression: 'true' } }],
                },
              },
            ],
            'spec.devices.requests[1]: Duplicate value: "gpu"',
          ],
        ],
        updated: [
          [
            '/spec/devices',
            {},
            'spec: Invalid value: {"Devices":{"Requests":null,"Constraints":null,"Config":null}}: field is immutable',
          ],
          [
            '/spec/devices/requests/0',
            undefined,
            'spec: Invalid value: {"Devices":{"Requests":[],"Constraints":null,"Config":null}}: field is immutable',
          ],
          [
            '/spec/devices/requests/0/exactly',
            undefined,
            'spec: Invalid value: {"Devices":{"Requests":[{"Name":"gpu","Exactly":null,"FirstAvailable":null}],"Constraints":null,"Config":null}}: field is immutable',
          ],
        ],
      },
    );
  });
  describe('claim9', () => {
    itJudges(
      {
        apiVersion: 'resource.k8s.io/v1',
        kind: 'ResourceClaim',
        metadata: { name: 'claim9' },
        spec: {
          devices: {
            requests: [
              {
                name: 'r',
                firstAvailable: [
                  {
                    name: 's',
                    deviceClassName: 'c',
                    selectors: [{ cel: { expression: "device.driver == 'x'" } }],
                    allocationMode: 'ExactCount',
                    count: 1,
                  },
                ],
              },
            ],
            constraints: [{ distinctAttribute: 'example.com/a' }],
          },
        },
      },
      {
        created: [
          [
            '/spec/devices/requests/0/name',
            'x.y',
            'spec.devices.requests[0].name: Invalid value: "x.y": must not contain dots',
          ],
          [
            '/spec/devices/requests/0/firstAvailable/0/name',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.devices.requests[0].firstAvailable[0].name: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 characters',
          ],
          [
            '/spec/devices/requests/0/firstAvailable/0/selectors',
            [
              { cel: { expression: "device.driver == 'x'" } },
              { cel: { expression: "device.driver == 'x'" } },
              {},
            ],
            'spec.devices.requests[0].firstAvailable[0].selectors[2].cel: Required value',
          ],
          [
            '/spec/devices/requests/0/firstAvailable/0/selectors/0/cel/expression',
            '-1',
            'spec.devices.requests[0].firstAvailable[0].selectors[0].cel.expression: Invalid value: "-1": must evaluate to bool or the unknown type, not int',
          ],
          [
            '/spec/devices/constraints/0',
            {},
            'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
          ],
          [
            '/spec/devices/requests/0/firstAvailable/0',
            undefined,
            'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
          ],
          [
            '/spec/devices/requests/0/firstAvailable',
            [
              {
                name: 's',
                deviceClassName: 'c',
                selectors: [{ cel: { expression: "device.driver == 'x'" } }],
                allocationMode: 'ExactCount',
                count: 1,
              },
              {
                name: 's',
                deviceClassName: 'c',
                selectors: [{ cel: { expression: "device.driver == 'x'" } }],
                allocationMode: 'ExactCount',
                count: 1,
              },
            ],
            'spec.devices.requests[0].firstAvailable[1]: Duplicate value: "s"',
          ],
          [
            '/spec/devices/requests',
            [
              {
                name: 'r',
                firstAvailable: [
                  {
                    name: 's',
                    deviceClassName: 'c',
                    selectors: [{ cel: { expression: "device.driver == 'x'" } }],
                    allocationMode: 'ExactCount',
                    count: 1,
                  },
                ],
              },
              {
                name: 'r',
                firstAvailable: [
                  {
                    name: 's',
                    deviceClassName: 'c',
                    selectors: [{ cel: { expression: "device.driver == 'x'" } }],
                    allocationMode: 'ExactCount',
                    count: 1,
                  },
                ],
              },
            ],
            'spec.devices.requests[1]: Duplicate value: "r"',
          ],
          [
            '/spec/devices/requests/0/firstAvailable/0/deviceClassName',
            '',
            'spec.devices.requests[0].firstAvailable[0].deviceClassName: Required value',
          ],
        ],
        updated: [
          [
            '/spec/devices/requests',
            [],
            'spec: Invalid value: {"Devices":{"Requests":[],"Constraints":[{"Requests":null,"MatchAttribute":null,"DistinctAttribute":"example.com/a"}],"Config":null}}: field is immutable',
          ],
          [
            '/spec/devices',
            undefined,
            'spec: Invalid value: {"Devices":{"Requests":null,"Constraints":null,"Config":null}}: field is immutable',
          ],
          [
            '/spec/devices/requests/0/firstAvailable/0',
            undefined,
            'spec: Invalid value: {"Devices":{"Requests":[{"Name":"r","Exactly":null,"FirstAvailable":[]}],"Constraints":[{"Requests":null,"MatchAttribute":null,"DistinctAttribute":"example.com/a"}],"Config":null}}: field is immutable',
          ],
          [
            '/spec/devices/requests/0/firstAvailable',
            undefined,
            'spec: Invalid value: {"Devices":{"Requests":[{"Name":"r","Exactly":null,"FirstAvailable":null}],"Constraints":[{"Requests":null,"MatchAttribute":null,"DistinctAttribute":"example.com/a"}],"Config":null}}: field is immutable',
          ],
        ],
      },
    );
  });
});
