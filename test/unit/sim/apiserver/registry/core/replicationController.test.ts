import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('ReplicationController', () => {
  const kind = {
    url: '/api/v1/namespaces/default/replicationcontrollers',
    valid: {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'r' },
      spec: {
        selector: { app: 'web' },
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
      '/spec/minReadySeconds',
      -1,
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/selector',
      { app: 'other' },
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    ['/spec/template', undefined, 'spec.template: Required value'],
    [
      '/spec/template/spec/restartPolicy',
      'Never',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      '/spec/template/spec/activeDeadlineSeconds',
      5,
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    ],
    [
      '/spec/template/metadata/labels',
      {},
      'spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`',
    ],
  ]);

  refusedUpdates(kind, [
    ['/spec/replicas', -1, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [
      '/spec/selector',
      { app: 'other' },
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
  ]);

  refusedUpdates(
    kind,
    [
      [
        '/status',
        { replicas: -1 },
        'status.replicas: Invalid value: -1: must be greater than or equal to 0',
        'status.fullyLabeledReplicas: Invalid value: 0: cannot be greater than status.replicas',
        'status.readyReplicas: Invalid value: 0: cannot be greater than status.replicas',
        'status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas',
      ],
      [
        '/status',
        { replicas: 1, readyReplicas: 2 },
        'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      ],
      [
        '/status',
        { replicas: 2, readyReplicas: 1, availableReplicas: 2 },
        'status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas',
      ],
    ],
    'status',
  );
});
