import { refusedCreations } from '../../../../../support/refusals.ts';

describe('probes', () => {
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
    [
      '/spec/containers/0/livenessProbe',
      {},
      'spec.containers[0].livenessProbe: Required value: must specify a handler type',
    ],
    [
      '/spec/containers/0/livenessProbe',
      { exec: { command: [] } },
      'spec.containers[0].livenessProbe.exec.command: Required value',
    ],
    [
      '/spec/containers/0/livenessProbe',
      { exec: { command: ['a'] }, tcpSocket: { port: 1 } },
      'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
    ],
    [
      '/spec/containers/0/livenessProbe',
      { httpGet: { port: 0 } },
      'spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      '/spec/containers/0/livenessProbe',
      { httpGet: { port: 'A_B', path: '' } },
      'spec.containers[0].livenessProbe.httpGet.port: Invalid value: "A_B": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'spec.containers[0].livenessProbe.httpGet.port: Invalid value: "A_B": must contain at least one letter (a-z)',
    ],
    [
      '/spec/containers/0/livenessProbe',
      { httpGet: { port: 80, scheme: 'X' } },
      'spec.containers[0].livenessProbe.httpGet.scheme: Unsupported value: "X": supported values: "HTTP", "HTTPS"',
    ],
    [
      '/spec/containers/0/livenessProbe',
      { httpGet: { port: 80, httpHeaders: [{ name: 'a b', value: '' }] } },
      "spec.containers[0].livenessProbe.httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
    ],
    [
      '/spec/containers/0/livenessProbe',
      { tcpSocket: { port: 70000 } },
      'spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
    [
      '/spec/containers/0/livenessProbe',
      { grpc: { port: 0 } },
      'spec.containers[0].livenessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      '/spec/containers/0/livenessProbe',
      { exec: { command: ['a'] }, periodSeconds: -1 },
      'spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/spec/containers/0/livenessProbe',
      { exec: { command: ['a'] }, successThreshold: 2 },
      'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
    ],
    [
      '/spec/containers/0/startupProbe',
      { exec: { command: ['a'] }, successThreshold: 2 },
      'spec.containers[0].startupProbe.successThreshold: Invalid value: 2: must be 1',
    ],
    ['/spec/containers/0/readinessProbe', { exec: { command: ['a'] }, successThreshold: 2 }],
    [
      '/spec/containers/0/readinessProbe',
      { exec: { command: ['a'] }, terminationGracePeriodSeconds: 5 },
      'spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes',
    ],
    [
      '/spec/containers/0/livenessProbe',
      { exec: { command: ['a'] }, terminationGracePeriodSeconds: 0 },
      'spec.containers[0].livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0',
    ],
  ]);
});
