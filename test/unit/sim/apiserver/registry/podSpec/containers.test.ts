import { refusedCreations } from '../../../../../support/refusals.ts';

describe('containers', () => {
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
    ['/spec/containers/0/name', '', 'spec.containers[0].name: Required value'],
    [
      '/spec/containers/0/name',
      'A',
      "spec.containers[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
    [
      '/spec/containers/0/name',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      'spec.containers[0].name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters',
    ],
    ['/spec/containers/0/image', '', 'spec.containers[0].image: Required value'],
    [
      '/spec/containers/0/image',
      ' x',
      'spec.containers[0].image: Invalid value: " x": must not have leading or trailing whitespace',
    ],
    [
      '/spec/containers/0/imagePullPolicy',
      'X',
      'spec.containers[0].imagePullPolicy: Unsupported value: "X": supported values: "Always", "IfNotPresent", "Never"',
    ],
    [
      '/spec/containers/0/terminationMessagePolicy',
      'X',
      'spec.containers[0].terminationMessagePolicy: Unsupported value: "X": supported values: "File", "FallbackToLogsOnError"',
    ],
    [
      '/spec/containers/1',
      { name: 'c', image: 'x' },
      'spec.containers[1].name: Duplicate value: "c"',
    ],
    [
      '/spec/initContainers',
      [{ name: 'c', image: 'x' }],
      'spec.initContainers[0].name: Duplicate value: "c"',
    ],
    ['/spec/initContainers', [{ name: 'i', image: 'x', restartPolicy: 'Never' }]],
    [
      '/spec/initContainers',
      [{ name: 'i', image: 'x', livenessProbe: { exec: { command: ['a'] } } }],
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
    [
      '/spec/initContainers',
      [{ name: 'i', image: 'x', lifecycle: { preStop: { exec: { command: ['a'] } } } }],
      'spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
    [
      '/spec/initContainers',
      [
        {
          name: 'i',
          image: 'x',
          restartPolicy: 'Always',
          readinessProbe: { exec: { command: ['a'] } },
        },
      ],
    ],
    ['/spec/containers/0/restartPolicy', 'Always'],
    [
      '/spec/containers/0/ports',
      [{ containerPort: 0 }],
      'spec.containers[0].ports[0].containerPort: Required value',
    ],
    [
      '/spec/containers/0/ports',
      [{ containerPort: 80, name: 'A' }],
      'spec.containers[0].ports[0].name: Invalid value: "A": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'spec.containers[0].ports[0].name: Invalid value: "A": must contain at least one letter (a-z)',
    ],
    [
      '/spec/containers/0/ports',
      [
        { containerPort: 80, name: 'a' },
        { containerPort: 81, name: 'a' },
      ],
      'spec.containers[0].ports[1].name: Duplicate value: "a"',
    ],
    [
      '/spec/containers/0/ports',
      [{ containerPort: 80, hostPort: 70000 }],
      'spec.containers[0].ports[0].hostPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
    [
      '/spec/containers/0/ports',
      [{ containerPort: 80, protocol: 'X' }],
      'spec.containers[0].ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    ],
    [
      '/spec/containers/0/lifecycle',
      { preStop: {} },
      'spec.containers[0].lifecycle.preStop: Required value: must specify a handler type',
    ],
    [
      '/spec/containers/0/lifecycle',
      { preStop: { exec: { command: ['a'] }, sleep: { seconds: 1 } } },
      'spec.containers[0].lifecycle.preStop.sleep: Forbidden: may not specify more than 1 handler type',
    ],
    [
      '/spec/containers/0/lifecycle',
      { preStop: { sleep: { seconds: 60 } } },
      'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)',
    ],
    ['/spec/containers/0/lifecycle', { stopSignal: 'SIGTERM' }],
    [
      '/spec/containers/0/resizePolicy',
      [{ resourceName: 'cpu', restartPolicy: 'X' }],
      'spec.containers[0].resizePolicy: Unsupported value: "X": supported values: "NotRequired", "RestartContainer"',
    ],
    ['/spec/containers/0/stdinOnce', true],
  ]);
});
