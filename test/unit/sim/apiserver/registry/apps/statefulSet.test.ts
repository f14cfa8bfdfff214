import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('StatefulSet', () => {
  const kind = {
    url: '/apis/apps/v1/namespaces/default/statefulsets',
    valid: {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 's' },
      spec: {
        serviceName: 's',
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] },
        },
      },
    },
  };

  refusedCreations(kind, [
    ['/metadata/name', 'a.b', 'metadata.name: Invalid value: "a.b": must not contain dots'],
    [
      '/spec/serviceName',
      'a_b',
      "spec.serviceName: Invalid value: \"a_b\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
    [
      '/spec/podManagementPolicy',
      'X',
      "spec.podManagementPolicy: Invalid value: \"X\": must be 'OrderedReady' or 'Parallel'",
    ],
    [
      '/spec/updateStrategy',
      { type: 'X' },
      'spec.updateStrategy: Invalid value: {"Type":"X","RollingUpdate":null}: must be \'RollingUpdate\' or \'OnDelete\'',
    ],
    [
      '/spec/updateStrategy',
      { type: 'OnDelete', rollingUpdate: {} },
      'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":0,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\'',
    ],
    [
      '/spec/updateStrategy',
      { type: 'RollingUpdate', rollingUpdate: { partition: -1 } },
      'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
    ],
    ['/spec/updateStrategy', { rollingUpdate: { maxUnavailable: 0 } }],
    [
      '/spec/persistentVolumeClaimRetentionPolicy',
      { whenDeleted: 'X' },
      'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "X": supported values: "Retain", "Delete"',
    ],
    [
      '/spec/ordinals',
      { start: -1 },
      'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
    ],
    ['/spec/replicas', -1, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [
      '/spec/minReadySeconds',
      -1,
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
    ['/spec/revisionHistoryLimit', -1],
    [
      '/spec/volumeClaimTemplates',
      [{ metadata: { name: 'd' }, spec: {} }],
      'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
      'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
    ],
    [
      '/spec/selector',
      undefined,
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
  ]);

  refusedUpdates(kind, [
    [
      '/spec/serviceName',
      'other',
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
    [
      '/spec/podManagementPolicy',
      'Parallel',
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
    ['/spec/replicas', 3],
    [
      '/spec/selector/matchLabels/x',
      'y',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
    [
      '/spec/volumeClaimTemplates',
      [
        {
          metadata: { name: 'd' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } },
        },
      ],
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
  ]);

  refusedUpdates(
    kind,
    [
      [
        '/status',
        { replicas: -1 },
        'status.replicas: Invalid value: -1: must be greater than or equal to 0',
        'status.readyReplicas: Invalid value: 0: cannot be greater than status.replicas',
        'status.currentReplicas: Invalid value: 0: cannot be greater than status.replicas',
        'status.updatedReplicas: Invalid value: 0: cannot be greater than status.replicas',
        'status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas',
      ],
      [
        '/status',
        { replicas: 1, readyReplicas: 2 },
        'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      ],
    ],
    'status',
  );
});
