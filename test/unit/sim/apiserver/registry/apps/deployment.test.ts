import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('Deployment', () => {
  const kind = {
    url: '/apis/apps/v1/namespaces/default/deployments',
    valid: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] },
        },
      },
    },
  };

  refusedCreations(kind, [
    ['/spec/replicas', -1, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [
      '/spec/selector',
      undefined,
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      '/spec/selector',
      {},
      'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
    ],
    [
      '/spec/selector/matchLabels/app',
      'other',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      '/spec/strategy',
      { type: 'Foo' },
      'spec.strategy: Unsupported value: {"Type":"Foo","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
    ],
    [
      '/spec/strategy',
      { type: 'Recreate', rollingUpdate: {} },
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      '/spec/strategy',
      { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    ],
    [
      '/spec/strategy',
      { rollingUpdate: { maxSurge: 'x' } },
      "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"x\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
    [
      '/spec/strategy',
      { rollingUpdate: { maxUnavailable: '101%' } },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
    [
      '/spec/strategy',
      { rollingUpdate: { maxUnavailable: -1 } },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/minReadySeconds',
      -1,
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/minReadySeconds',
      600,
      'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
    ],
    [
      '/spec/progressDeadlineSeconds',
      0,
      'spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds',
    ],
    [
      '/spec/revisionHistoryLimit',
      -1,
      'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/template/spec/restartPolicy',
      'OnFailure',
      'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
    ],
    [
      '/spec/template/spec/activeDeadlineSeconds',
      5,
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
    ],
    [
      '/spec/template/metadata/labels',
      {},
      'spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`',
    ],
    [
      '/spec/template/metadata/labels',
      undefined,
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
    ],
  ]);

  refusedUpdates(kind, [
    [
      '/spec/selector/matchLabels/x',
      'y',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      'spec.selector: Invalid value: {"matchLabels":{"app":"web","x":"y"}}: field is immutable',
    ],
    ['/spec/replicas', 0],
    ['/spec/strategy', { type: 'Recreate' }],
  ]);

  refusedUpdates(
    kind,
    [
      [
        '/status',
        { replicas: -1 },
        'status.replicas: Invalid value: -1: must be greater than or equal to 0',
        'status.updatedReplicas: Invalid value: 0: cannot be greater than status.replicas',
        'status.readyReplicas: Invalid value: 0: cannot be greater than status.replicas',
        'status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas',
      ],
      [
        '/status',
        { replicas: 1, updatedReplicas: 2 },
        'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
      ],
      [
        '/status',
        { replicas: 1, availableReplicas: 1 },
        'status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas',
      ],
      [
        '/status',
        { collisionCount: -1 },
        'status.collisionCount: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    'status',
  );
});
