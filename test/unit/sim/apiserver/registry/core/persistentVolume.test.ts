import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('PersistentVolume', () => {
  const kind = {
    url: '/api/v1/persistentvolumes',
    valid: {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'v' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/a' },
      },
    },
  };

  refusedCreations(kind, [
    [
      '/spec/capacity',
      undefined,
      'spec.capacity: Required value',
      'spec.capacity: Unsupported value: null: supported values: "storage"',
    ],
    [
      '/spec/capacity',
      {},
      'spec.capacity: Required value',
      'spec.capacity: Unsupported value: {}: supported values: "storage"',
    ],
    [
      '/spec/capacity',
      { cpu: '1' },
      'spec.capacity: Unsupported value: {"cpu":"1"}: supported values: "storage"',
    ],
    [
      '/spec/capacity',
      { storage: '0' },
      'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
    ],
    ['/spec/accessModes', [], 'spec.accessModes: Required value'],
    [
      '/spec/accessModes',
      ['X'],
      'spec.accessModes: Unsupported value: "X": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
    [
      '/spec/accessModes',
      ['ReadWriteOncePod', 'ReadWriteOnce'],
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ],
    [
      '/spec/persistentVolumeReclaimPolicy',
      'X',
      'spec.persistentVolumeReclaimPolicy: Unsupported value: "X": supported values: "Delete", "Recycle", "Retain"',
    ],
    ['/spec/persistentVolumeReclaimPolicy', 'Recycle'],
    ['/spec/hostPath', undefined, 'spec: Required value: must specify a volume type'],
    [
      '/spec/hostPath/path',
      '../a',
      'spec.hostPath.path: Invalid value: "../a": must not contain \'..\'',
    ],
    ['/spec/hostPath/path', '/'],
    [
      '/spec/nfs',
      { server: 's', path: '/a' },
      'spec.nfs: Forbidden: may not specify more than 1 volume type',
    ],
    [
      '/spec/volumeMode',
      'X',
      'spec.volumeMode: Unsupported value: "X": supported values: "Block", "Filesystem"',
    ],
    [
      '/spec/storageClassName',
      'A B',
      "spec.storageClassName: Invalid value: \"A B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    [
      '/spec/volumeAttributesClassName',
      'a',
      'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
    ],
    [
      '/spec/nodeAffinity',
      {},
      'spec.nodeAffinity.required: Required value: must specify required node constraints',
    ],
    [
      '/spec/nodeAffinity',
      { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }] } },
      "spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
  ]);

  refusedUpdates(kind, [
    [
      '/spec/hostPath/path',
      '/b',
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n@@ -2,7 +2,7 @@\n  "GCEPersistentDisk": null,\n  "AWSElasticBlockStore": null,\n  "HostPath": {\n-  "Path": "/a",\n+  "Path": "/b",\n   "Type": ""\n  },\n  "Glusterfs": null,\n',
    ],
    ['/spec/volumeMode', 'Block', 'volumeMode: Invalid value: "Block": field is immutable'],
    ['/spec/capacity/storage', '2Gi'],
    [
      '/spec/nodeAffinity',
      {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] },
      },
    ],
  ]);

  refusedUpdates(
    kind,
    [
      ['/status/phase', 'Bound'],
      ['/metadata/resourceVersion', undefined],
    ],
    'status',
  );
});
