import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('DaemonSet', () => {
  const kind = {
    url: '/apis/apps/v1/namespaces/default/daemonsets',
    valid: {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
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
    [
      '/spec/selector',
      undefined,
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      '/spec/selector/matchLabels/app',
      'x',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      '/spec/updateStrategy',
      { type: 'X' },
      'spec.updateStrategy: Unsupported value: {"Type":"X","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
    ],
    [
      '/spec/updateStrategy',
      { rollingUpdate: { maxUnavailable: 0 } },
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
    ],
    [
      '/spec/updateStrategy',
      { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
    ],
    [
      '/spec/updateStrategy',
      { rollingUpdate: { maxUnavailable: 0, maxSurge: '200%' } },
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "200%": must not be greater than 100%',
    ],
    [
      '/spec/minReadySeconds',
      -1,
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/revisionHistoryLimit',
      -1,
      'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/template/spec/restartPolicy',
      'Never',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      '/spec/template/spec/containers/0/ports',
      [
        { containerPort: 80, hostPort: 80 },
        { containerPort: 81, hostPort: 80 },
      ],
      'spec.template.spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"',
    ],
  ]);

  refusedUpdates(kind, [
    [
      '/spec/selector/matchLabels/x',
      'y',
      'spec.selector: Invalid value: {"matchLabels":{"app":"web","x":"y"}}: field is immutable',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    ['/spec/template/spec/containers/0/image', 'x'],
  ]);

  refusedUpdates(
    kind,
    [
      [
        '/status',
        {
          currentNumberScheduled: -1,
          numberMisscheduled: 0,
          desiredNumberScheduled: 0,
          numberReady: 0,
        },
        'status.currentNumberScheduled: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    'status',
  );
});
