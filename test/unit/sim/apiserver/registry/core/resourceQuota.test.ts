import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('ResourceQuota', () => {
  const kind = {
    url: '/api/v1/namespaces/default/resourcequotas',
    valid: {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q' },
      spec: { hard: { pods: '5' }, scopes: ['NotTerminating'] },
    },
  };

  refusedCreations(kind, [
    [
      '/spec/hard/foo',
      '1',
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota',
    ],
    [
      '/spec/hard/pods',
      '-1',
      'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    ['/spec/hard/pods', '1500m', 'spec.hard[pods]: Invalid value: "1500m": must be an integer'],
    [
      '/spec/hard/services',
      '1',
      'spec.scopes: Invalid value: ["NotTerminating"]: unsupported scope applied to resource',
    ],
    ['/spec/scopes', ['Foo'], 'spec.scopes: Invalid value: ["Foo"]: unsupported scope'],
    [
      '/spec/scopes',
      ['Terminating', 'NotTerminating'],
      'spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes',
    ],
    [
      '/spec/scopes',
      ['BestEffort', 'NotBestEffort'],
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
    ],
    ['/spec/scopes', ['BestEffort']],
    ['/spec/scopes', ['PriorityClass']],
    [
      '/spec/scopeSelector',
      { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] },
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ],
    [
      '/spec/scopeSelector',
      { matchExpressions: [{ scopeName: 'Terminating', operator: 'In', values: ['a'] }] },
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be \'Exists\' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
    ],
    [
      '/spec/scopeSelector',
      { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Near' }] },
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "Near": not a valid selector operator',
    ],
    ['/spec/hard/count~1deployments.apps', '3'],
    [
      '/spec/hard/requests.storage',
      'x',
      'ResourceQuota in version "v1" cannot be handled as a ResourceQuota: quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
    ],
  ]);

  refusedUpdates(kind, [
    [
      '/spec/scopes',
      ['Terminating'],
      'spec.scopes: Invalid value: ["Terminating"]: field is immutable',
    ],
    ['/spec/hard/pods', '9'],
  ]);

  refusedUpdates(
    kind,
    [
      [
        '/status/used',
        { pods: '-1' },
        'status.used[pods]: Invalid value: "-1": must be greater than or equal to 0',
      ],
      [
        '/status/hard',
        { foo: '1' },
        'status.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
        'status.hard[foo]: Invalid value: "foo": must be a standard resource for quota',
      ],
    ],
    'status',
  );
});
