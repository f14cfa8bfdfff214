import { refusedCreations } from '../../../../../support/refusals.ts';

describe('volumes', () => {
  const kind = {
    url: '/api/v1/namespaces/default/pods',
    valid: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        containers: [{ name: 'c', image: 'nginx:1.27' }],
        automountServiceAccountToken: false,
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    },
  };

  refusedCreations(kind, [
    ['/spec/volumes/0/name', '', 'spec.volumes[0].name: Required value'],
    [
      '/spec/volumes/0/name',
      'A',
      "spec.volumes[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
    ['/spec/volumes/1', { name: 'v', emptyDir: {} }, 'spec.volumes[1].name: Duplicate value: "v"'],
    [
      '/spec/volumes/0/hostPath',
      { path: '/a' },
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
    ],
    [
      '/spec/volumes/0',
      { name: 'v', hostPath: { path: '' } },
      'spec.volumes[0].hostPath.path: Required value',
    ],
    [
      '/spec/volumes/0',
      { name: 'v', hostPath: { path: '/a', type: 'X' } },
      'spec.volumes[0].hostPath.type: Unsupported value: "X": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
    ],
    [
      '/spec/volumes/0/emptyDir',
      { sizeLimit: '-1' },
      'spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity',
    ],
    [
      '/spec/volumes/0',
      { name: 'v', secret: { secretName: '' } },
      'spec.volumes[0].secret.secretName: Required value',
    ],
    [
      '/spec/volumes/0',
      { name: 'v', secret: { secretName: 's', defaultMode: 512 } },
      'spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
    ],
    [
      '/spec/volumes/0',
      { name: 'v', configMap: { name: 'c', items: [{ key: '', path: '../a' }] } },
      'spec.volumes[0].configMap.items[0].key: Required value',
      'spec.volumes[0].configMap.items[0].path: Invalid value: "../a": must not contain \'..\'',
    ],
    [
      '/spec/volumes/0',
      { name: 'v', downwardAPI: { items: [{ path: 'a' }] } },
      'spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required',
    ],
    [
      '/spec/volumes/0',
      {
        name: 'v',
        downwardAPI: { items: [{ path: '/a', fieldRef: { fieldPath: 'spec.nodeName' } }] },
      },
      'spec.volumes[0].downwardAPI.path: Invalid value: "/a": must be a relative path',
      'spec.volumes[0].downwardAPI.fieldRef.fieldPath: Unsupported value: "spec.nodeName": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"',
    ],
    ['/spec/volumes/0', { name: 'v', projected: { sources: [{}] } }],
    [
      '/spec/volumes/0',
      {
        name: 'v',
        projected: { sources: [{ serviceAccountToken: { path: '', expirationSeconds: 1 } }] },
      },
      'spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
      'spec.volumes[0].projected.path: Required value',
    ],
    [
      '/spec/volumes/0',
      {
        name: 'v',
        projected: {
          sources: [
            { secret: { name: 'a', items: [{ key: 'a', path: 'x' }] } },
            { secret: { name: 'b', items: [{ key: 'a', path: 'x' }] } },
          ],
        },
      },
      'spec.volumes[0].projected: Invalid value: "b": conflicting duplicate paths',
    ],
    [
      '/spec/volumes/0',
      { name: 'v', nfs: { server: '', path: 'a' } },
      'spec.volumes[0].nfs.server: Required value',
      'spec.volumes[0].nfs.path: Invalid value: "a": must be an absolute path',
    ],
    [
      '/spec/volumes/0',
      { name: 'v', persistentVolumeClaim: { claimName: '' } },
      'spec.volumes[0].persistentVolumeClaim.claimName: Required value',
    ],
    [
      '/spec/volumes/0',
      { name: 'v', csi: { driver: 'A_B' } },
      "spec.volumes[0].csi.driver: Invalid value: \"A_B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    [
      '/spec/volumes/0',
      { name: 'v', iscsi: { targetPortal: 'a', iqn: 'x', lun: 256 } },
      'spec.volumes[0].iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa',
      'spec.volumes[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
    ],
    [
      '/spec/volumes/0',
      { name: 'v', image: { reference: '' } },
      'spec.volumes[0].image.reference: Required value',
    ],
    [
      '/spec/volumes/0',
      { name: 'v', ephemeral: {} },
      'spec.volumes[0].ephemeral.volumeClaimTemplate: Required value',
    ],
    [
      '/spec/containers/0/volumeMounts',
      [{ name: 'x', mountPath: '/a' }],
      'spec.containers[0].volumeMounts[0].name: Not found: "x"',
    ],
    [
      '/spec/containers/0/volumeMounts',
      [{ name: 'v', mountPath: '' }],
      'spec.containers[0].volumeMounts[0].mountPath: Required value',
    ],
    [
      '/spec/containers/0/volumeMounts',
      [
        { name: 'v', mountPath: '/a' },
        { name: 'v', mountPath: '/a' },
      ],
      'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
    ],
    [
      '/spec/containers/0/volumeMounts',
      [{ name: 'v', mountPath: '/a', subPath: '../x' }],
      'spec.containers[0].volumeMounts.subPath: Invalid value: "../x": must not contain \'..\'',
    ],
    [
      '/spec/containers/0/volumeMounts',
      [{ name: 'v', mountPath: '/a', subPath: 'x', subPathExpr: 'y' }],
      'spec.containers[0].volumeMounts[0].subPathExpr: Invalid value: "y": subPathExpr and subPath are mutually exclusive',
    ],
    [
      '/spec/containers/0/volumeMounts',
      [{ name: 'v', mountPath: '/a', mountPropagation: 'Bidirectional' }],
      'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
    ],
    [
      '/spec/containers/0/volumeMounts',
      [{ name: 'v', mountPath: '/a', recursiveReadOnly: 'Enabled' }],
      'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true',
    ],
    [
      '/spec/containers/0/volumeDevices',
      [{ name: 'v', devicePath: '/a' }],
      'spec.containers[0].volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
    ],
  ]);
});
