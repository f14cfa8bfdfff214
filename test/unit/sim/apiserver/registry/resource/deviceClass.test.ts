import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of DeviceClass', () => {
  describe('gpu.example.com', () => {
    itJudges(
      {
        apiVersion: 'resource.k8s.io/v1',
        kind: 'DeviceClass',
        metadata: { name: 'gpu.example.com' },
        spec: { selectors: [{ cel: { expression: "device.driver == 'gpu.example.com'" } }] },
      },
      {
        created: [
          [
            '/spec/selectors/0/cel/expression',
            '-1',
            'spec.selectors[0].cel.expression: Invalid value: "-1": must evaluate to bool or the unknown type, not int',
          ],
          ['/spec/selectors/0', {}, 'spec.selectors[0].cel: Required value'],
        ],
        updated: [
          [
            '/spec/selectors/0/cel/expression',
            '-1',
            'spec.selectors[0].cel.expression: Invalid value: "-1": must evaluate to bool or the unknown type, not int',
          ],
          ['/spec/selectors/0', {}, 'spec.selectors[0].cel: Required value'],
        ],
      },
    );
  });
  describe('cls9', () => {
    itJudges(
      {
        apiVersion: 'resource.k8s.io/v1',
        kind: 'DeviceClass',
        metadata: { name: 'cls9' },
        spec: {
          selectors: [{ cel: { expression: "device.attributes['a'].b" } }],
          config: [{ opaque: { driver: 'd.example.com', parameters: { a: 1 } } }],
          extendedResourceName: 'example.com/gpu',
        },
      },
      {
        created: [
          [
            '/spec/extendedResourceName',
            'é',
            'spec.extendedResourceName: Invalid value: "é": must be a valid extended resource name',
          ],
          [
            '/spec/selectors/0/cel/expression',
            'x.y',
            "spec.selectors[0].cel.expression: Invalid value: \"x.y\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x.y\n | ^",
          ],
          ['/spec/selectors/0', {}, 'spec.selectors[0].cel: Required value'],
          ['/spec/config/0', {}, 'spec.config[0].opaque: Required value'],
          [
            '/spec/config/0/opaque',
            {},
            'spec.config[0].opaque.driver: Required value',
            'spec.config[0].opaque.parameters: Required value',
          ],
          ['/spec/config/0/opaque/driver', '', 'spec.config[0].opaque.driver: Required value'],
          [
            '/spec/config/0/opaque/parameters',
            undefined,
            'spec.config[0].opaque.parameters: Required value',
          ],
        ],
        updated: [
          [
            '/spec/extendedResourceName',
            'é',
            'spec.extendedResourceName: Invalid value: "é": must be a valid extended resource name',
          ],
          [
            '/spec/selectors/0/cel/expression',
            'x.y',
            "spec.selectors[0].cel.expression: Invalid value: \"x.y\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x.y\n | ^",
          ],
          ['/spec/selectors/0', {}, 'spec.selectors[0].cel: Required value'],
          ['/spec/config/0', {}, 'spec.config[0].opaque: Required value'],
        ],
      },
    );
  });
});
