import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('Node', () => {
  const kind = {
    url: '/api/v1/nodes',
    valid: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n' },
      spec: {
        podCIDR: '10.0.0.0/24',
        podCIDRs: ['10.0.0.0/24'],
        providerID: 'a://b',
        taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }],
      },
    },
  };

  refusedCreations(kind, [
    ['/spec/podCIDRs', ['x']],
    [
      '/spec/podCIDRs',
      ['10.0.0.0/24', '10.0.1.0/24'],
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
    ],
    ['/spec/podCIDRs', ['10.0.0.0/24', 'fd00::/64']],
    [
      '/spec/podCIDRs',
      ['10.0.0.0/24', 'x'],
      'spec.podCIDRs[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      'spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[1]: <nil> (invalid CIDR address: x)',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","x"]: may specify no more than one CIDR for each IP family',
    ],
    [
      '/spec/taints/0/effect',
      'Never',
      'metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
    ['/spec/taints/0/effect', '', 'metadata.taints[0].effect: Required value'],
    [
      '/spec/taints/0/key',
      'a b',
      "metadata.taints[0].key: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      '/spec/taints/0/value',
      'a b',
      "metadata.taints[0].value: Invalid value: \"a b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    [
      '/spec/taints/1',
      { key: 'a', effect: 'NoSchedule' },
      'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
    [
      '/status',
      { capacity: { cpu: '-1' } },
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
    ],
    ['/status', { capacity: { foo: '1' } }],
    [
      '/metadata/annotations',
      { 'scheduler.alpha.kubernetes.io/preferAvoidPods': 'x' },
      'metadata.annotations.AvoidPods: Invalid value: "scheduler.alpha.kubernetes.io/preferAvoidPods": invalid character \'x\' looking for beginning of value',
    ],
  ]);

  refusedUpdates(kind, [
    [
      '/spec/providerID',
      'other',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ],
    ['/spec/podCIDRs', ['10.1.0.0/24']],
    ['/spec/unschedulable', true],
    ['/spec/taints', []],
    ['/spec/configSource', {}],
  ]);

  refusedUpdates(
    kind,
    [
      [
        '/status/addresses',
        [
          { type: 'InternalIP', address: 'a' },
          { type: 'InternalIP', address: 'a' },
        ],
        'status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"a"}',
      ],
      [
        '/status/capacity',
        { cpu: '-1' },
        'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
        'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
      ],
      ['/status/config', { active: { configMap: { namespace: 'a' } } }],
    ],
    'status',
  );
});
