import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('PersistentVolumeClaim', () => {
  const kind = {
    url: '/api/v1/namespaces/default/persistentvolumeclaims',
    valid: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'c' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'a',
        resources: { requests: { storage: '1Gi' } },
      },
    },
  };

  refusedCreations(kind, [
    [
      '/spec/accessModes',
      undefined,
      'spec.accessModes: Required value: at least 1 access mode is required',
    ],
    [
      '/spec/accessModes',
      ['X'],
      'spec.accessModes: Unsupported value: "X": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
    ['/spec/resources', undefined, 'spec.resources[storage]: Required value'],
    ['/spec/resources/requests', {}, 'spec.resources[storage]: Required value'],
    [
      '/spec/resources/requests/storage',
      '-1',
      'spec.resources[storage]: Invalid value: "-1": must be greater than zero',
    ],
    [
      '/spec/resources/requests/storage',
      '0',
      'spec.resources[storage]: Invalid value: "0": must be greater than zero',
    ],
    [
      '/spec/storageClassName',
      'A B',
      "spec.storageClassName: Invalid value: \"A B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    ['/spec/storageClassName', ''],
    [
      '/spec/volumeMode',
      'X',
      'spec.volumeMode: Unsupported value: "X": supported values: "Block", "Filesystem"',
    ],
    [
      '/spec/selector',
      { matchLabels: { 'a b': 'c' } },
      "spec.selector.matchLabels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      '/spec/selector',
      { matchExpressions: [{ key: 'a', operator: 'Near' }] },
      'spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
    ],
    ['/spec/dataSource', { kind: 'Foo', name: 'x' }],
    [
      '/spec/dataSource',
      { kind: 'PersistentVolumeClaim', name: '' },
      'spec.dataSource.name: Required value',
      'spec.dataSourceRef.name: Required value',
    ],
    [
      '/spec/dataSourceRef',
      { kind: 'Pod', name: 'x' },
      'spec.dataSource: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
      'spec.dataSourceRef: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
    ],
    ['/spec/dataSourceRef', { apiGroup: 'example.com', kind: 'Any', name: 'x' }],
    [
      '/spec/volumeAttributesClassName',
      'A B',
      "spec.volumeAttributesClassName: Invalid value: \"A B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ]);

  refusedUpdates(kind, [
    ['/spec/volumeName', 'v'],
    [
      '/spec/storageClassName',
      'b',
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ -10,7 +10,7 @@\n   }\n  },\n  "VolumeName": "",\n- "StorageClassName": "a",\n+ "StorageClassName": "b",\n  "VolumeMode": "Filesystem",\n  "DataSource": null,\n  "DataSourceRef": null,\n',
    ],
    [
      '/spec/accessModes',
      [],
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ -1,7 +1,5 @@\n {\n- "AccessModes": [\n-  "ReadWriteOnce"\n- ],\n+ "AccessModes": [],\n  "Selector": null,\n  "Resources": {\n   "Limits": null,\n',
    ],
    [
      '/spec/volumeMode',
      'Block',
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ -11,7 +11,7 @@\n  },\n  "VolumeName": "",\n  "StorageClassName": "a",\n- "VolumeMode": "Filesystem",\n+ "VolumeMode": "Block",\n  "DataSource": null,\n  "DataSourceRef": null,\n  "VolumeAttributesClassName": null\n',
      'volumeMode: Invalid value: "Block": field is immutable',
    ],
    [
      '/spec/resources/requests/storage',
      '2Gi',
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ -6,7 +6,7 @@\n  "Resources": {\n   "Limits": null,\n   "Requests": {\n-   "storage": "1Gi"\n+   "storage": "2Gi"\n   }\n  },\n  "VolumeName": "",\n',
    ],
    [
      '/spec/volumeAttributesClassName',
      'gold',
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ -14,5 +14,5 @@\n  "VolumeMode": "Filesystem",\n  "DataSource": null,\n  "DataSourceRef": null,\n- "VolumeAttributesClassName": null\n+ "VolumeAttributesClassName": "gold"\n }\n',
    ],
  ]);

  refusedUpdates(
    kind,
    [
      [
        '/status',
        { capacity: { storage: '-1' } },
        'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
      ],
      [
        '/status',
        { allocatedResourceStatuses: { storage: 'Foo' } },
        'status.allocatedResourceStatuses: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
      ],
    ],
    'status',
  );
});
