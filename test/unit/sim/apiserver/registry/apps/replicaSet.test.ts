import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('ReplicaSet', () => {
  const kind = {
    url: '/apis/apps/v1/namespaces/default/replicasets',
    valid: {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'r' },
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
      '/spec/selector/matchLabels',
      {},
      'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
    ],
    [
      '/spec/selector/matchLabels/app',
      'x',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      '/spec/minReadySeconds',
      -1,
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/template/spec/restartPolicy',
      'Never',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
  ]);

  refusedUpdates(kind, [
    [
      '/spec/selector/matchLabels/x',
      'y',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      'spec.selector: Invalid value: {"matchLabels":{"app":"web","x":"y"}}: field is immutable',
    ],
    ['/spec/replicas', 5],
  ]);

  refusedUpdates(
    kind,
    [
      [
        '/status',
        { replicas: 1, fullyLabeledReplicas: 2 },
        'status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas',
      ],
      [
        '/status',
        { replicas: 1, terminatingReplicas: -1 },
        'status.terminatingReplicas: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    'status',
  );
});
