import { refusedCreations } from '../../../../../support/refusals.ts';

describe('environment', () => {
  const kind = {
    url: '/api/v1/namespaces/default/pods',
    valid: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        containers: [{ name: 'c', image: 'nginx:1.27' }],
        automountServiceAccountToken: false,
      },
    },
  };

  refusedCreations(kind, [
    ['/spec/containers/0/env', [{ name: '' }], 'spec.containers[0].env[0].name: Required value'],
    [
      '/spec/containers/0/env',
      [{ name: 'a=b' }],
      'spec.containers[0].env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
    ],
    [
      '/spec/containers/0/env',
      [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ],
    [
      '/spec/containers/0/env',
      [{ name: 'A', valueFrom: {} }],
      'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
    ],
    [
      '/spec/containers/0/env',
      [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.foo' } } }],
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo',
    ],
    [
      '/spec/containers/0/env',
      [{ name: 'A', valueFrom: { fieldRef: { fieldPath: '' } } }],
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Required value',
    ],
    [
      '/spec/containers/0/env',
      [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a b']" } } }],
      "spec.containers[0].env[0].valueFrom.fieldRef: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      '/spec/containers/0/env',
      [{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v9', fieldPath: 'metadata.name' } } }],
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v9',
    ],
    [
      '/spec/containers/0/env',
      [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'foo' } } }],
      'spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "foo": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"',
    ],
    [
      '/spec/containers/0/env',
      [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '3' } } }],
      'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
    ],
    [
      '/spec/containers/0/env',
      [
        {
          name: 'A',
          valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } },
        },
      ],
    ],
    [
      '/spec/containers/0/env',
      [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'A', key: '' } } }],
      "spec.containers[0].env[0].valueFrom.configMapKeyRef.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.containers[0].env[0].valueFrom.configMapKeyRef.key: Required value',
    ],
    [
      '/spec/containers/0/env',
      [{ name: 'A', valueFrom: { secretKeyRef: { name: 'a', key: 'a b' } } }],
      "spec.containers[0].env[0].valueFrom.secretKeyRef.key: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
    [
      '/spec/containers/0/env',
      [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: '../x', key: 'k' } } }],
      'spec.containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: "../x": must not contain \'..\'',
      'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: "v"',
    ],
    [
      '/spec/containers/0/envFrom',
      [{}],
      'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
    ],
    [
      '/spec/containers/0/envFrom',
      [{ prefix: 'a=b', configMapRef: { name: 'a' } }],
      'spec.containers[0].envFrom[0].prefix: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
    ],
    [
      '/spec/containers/0/envFrom',
      [{ configMapRef: { name: '' } }],
      'spec.containers[0].envFrom[0].configMapRef.name: Required value',
    ],
    [
      '/spec/containers/0/envFrom',
      [{ configMapRef: { name: 'a' }, secretRef: { name: 'a' } }],
      'spec.containers[0].envFrom: Invalid value: "": may not have more than one field specified at a time',
    ],
  ]);
});
