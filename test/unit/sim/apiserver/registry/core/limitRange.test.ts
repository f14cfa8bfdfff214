import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('LimitRange', () => {
  const kind = {
    url: '/api/v1/namespaces/default/limitranges',
    valid: {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'l' },
      spec: {
        limits: [
          {
            type: 'Container',
            max: { cpu: '2' },
            min: { cpu: '1' },
            default: { cpu: '2' },
            defaultRequest: { cpu: '1' },
          },
        ],
      },
    },
  };

  refusedCreations(kind, [
    [
      '/spec/limits/0/min/cpu',
      '3',
      'spec.limits[0].min[cpu]: Invalid value: "3": min value 3 is greater than max value 2',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 3 is greater than default request value 1',
      'spec.limits[0].default[cpu]: Invalid value: "3": min value 3 is greater than default value 2',
    ],
    [
      '/spec/limits/0/default/cpu',
      '3',
      'spec.limits[0].default[cpu]: Invalid value: "2": default value 3 is greater than max value 2',
    ],
    [
      '/spec/limits/0/defaultRequest/cpu',
      '500m',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "500m": min value 1 is greater than default request value 500m',
    ],
    [
      '/spec/limits/0/defaultRequest/cpu',
      '3',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 2',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than default limit value 2',
    ],
    [
      '/spec/limits/0/type',
      '',
      'spec.limits[0].type: Invalid value: "": name part must be non-empty',
      "spec.limits[0].type: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      '/spec/limits/0/type',
      'Foo',
      'spec.limits[0].type: Invalid value: "Foo": must be a standard limit type or fully qualified',
    ],
    [
      '/spec/limits/0/type',
      'Pod',
      "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
      "spec.limits[0].defaultRequest: Forbidden: may not be specified when `type` is 'Pod'",
    ],
    [
      '/spec/limits/0/type',
      'PersistentVolumeClaim',
      'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    ],
    [
      '/spec/limits/0/maxLimitRequestRatio',
      { cpu: '500m' },
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
    ],
    [
      '/spec/limits/0/maxLimitRequestRatio',
      { cpu: '5' },
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "5": ratio 5 is greater than max/min = 2.000000',
    ],
    [
      '/spec/limits/0/max',
      { foo: '1' },
      'spec.limits[0].max[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.limits[0].max[foo]: Invalid value: "foo": must be a standard resource for containers',
      'spec.limits[0].default[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.limits[0].default[foo]: Invalid value: "foo": must be a standard resource for containers',
      'spec.limits[0].defaultRequest[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.limits[0].defaultRequest[foo]: Invalid value: "foo": must be a standard resource for containers',
    ],
    ['/spec/limits/1', { type: 'Container' }, 'spec.limits[1].type: Duplicate value: "Container"'],
    ['/spec/limits/0/max/hugepages-2Mi', '3Mi'],
  ]);

  refusedUpdates(kind, [
    [
      '/spec/limits/0/min/cpu',
      '3',
      'spec.limits[0].min[cpu]: Invalid value: "3": min value 3 is greater than max value 2',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 3 is greater than default request value 1',
      'spec.limits[0].default[cpu]: Invalid value: "3": min value 3 is greater than default value 2',
    ],
  ]);
});
