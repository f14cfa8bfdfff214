import { refusedCreations } from '../../../../../support/refusals.ts';

describe('pod specs', () => {
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
      '/spec/restartPolicy',
      'X',
      'spec.restartPolicy: Unsupported value: "X": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      '/spec/dnsPolicy',
      'X',
      'spec.dnsPolicy: Unsupported value: "X": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
    ],
    [
      '/spec/dnsPolicy',
      'None',
      'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
    ],
    [
      '/spec/dnsConfig',
      { nameservers: ['x'], searches: ['a b'], options: [{ name: '' }] },
      'spec.dnsConfig.nameservers[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      "spec.dnsConfig.searches[0]: Invalid value: \"a b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')",
      'spec.dnsConfig.options[0]: Required value: must not be empty',
    ],
    [
      '/spec/dnsConfig',
      { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'] },
      'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4"]: must not have more than 3 nameservers',
    ],
    [
      '/spec/hostAliases',
      [{ ip: 'x', hostnames: ['a_b'] }],
      'spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      "spec.hostAliases[0].hostnames[0]: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    ['/spec/hostname', 'a.b', 'spec.hostname: Invalid value: "a.b": must not contain dots'],
    [
      '/spec/hostnameOverride',
      'A',
      "spec.hostnameOverride: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    ['/spec/setHostnameAsFQDN', true],
    [
      '/spec/nodeName',
      'A',
      "spec.nodeName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    [
      '/spec/activeDeadlineSeconds',
      0,
      'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
    ],
    ['/spec/terminationGracePeriodSeconds', -1],
    ['/spec/imagePullSecrets', [{ name: 'A' }]],
    [
      '/spec/runtimeClassName',
      'A',
      'pods "p" is forbidden: pod rejected: RuntimeClass "A" not found',
    ],
    [
      '/spec/priorityClassName',
      'A',
      'pods "p" is forbidden: no PriorityClass with name A was found',
    ],
    ['/spec/schedulerName', 'A'],
    [
      '/spec/preemptionPolicy',
      'X',
      'pods "p" is forbidden: the string value of PreemptionPolicy (X) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
    ],
    ['/spec/hostNetwork', true],
    [
      '/spec/serviceAccountName',
      'A',
      'pods "p" is forbidden: error looking up service account default/A: serviceaccount "A" not found',
    ],
    ['/spec/enableServiceLinks', false],
  ]);
});
