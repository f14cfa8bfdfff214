import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('Pod', () => {
  const kind = {
    url: '/api/v1/namespaces/default/pods',
    valid: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        containers: [{ name: 'c', image: 'nginx:1.27' }],
        automountServiceAccountToken: false,
        nodeName: 'n',
      },
    },
  };

  refusedCreations(kind, [
    ['/spec/containers', [], 'spec.containers: Required value'],
    [
      '/spec/ephemeralContainers',
      [{ name: 'e', image: 'x' }],
      'spec.ephemeralContainers: Forbidden: cannot be set on create',
    ],
    [
      '/spec/schedulingGates',
      [{ name: 'a' }],
      'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
    ],
    [
      '/spec/hostname',
      'A',
      "spec.hostname: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
    ['/spec/subdomain', 'a.b', 'spec.subdomain: Invalid value: "a.b": must not contain dots'],
    [
      '/metadata/annotations',
      { 'container.apparmor.security.beta.kubernetes.io/c': 'x' },
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: Invalid value: "x": invalid AppArmor profile name: "x"',
    ],
    ['/metadata/annotations', { 'kubernetes.io/config.mirror': 'x' }],
  ]);

  refusedUpdates(kind, [
    ['/spec/containers/0/image', 'other'],
    [
      '/spec/containers/0/image',
      '',
      'spec.containers[0].image: Required value',
      'spec.containers[0].image: Required value',
    ],
    [
      '/spec/containers/0/image',
      ' x',
      'spec.containers[0].image: Invalid value: " x": must not have leading or trailing whitespace',
      'spec.containers[0].image: Invalid value: " x": must not have leading or trailing whitespace',
    ],
    [
      '/spec/containers/0/name',
      'other',
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n@@ -3,7 +3,7 @@\n  "InitContainers": null,\n  "Containers": [\n   {\n-   "Name": "c",\n+   "Name": "other",\n    "Image": "nginx:1.27",\n    "Command": null,\n    "Args": null,\n',
    ],
    ['/spec/activeDeadlineSeconds', 5],
    [
      '/spec/activeDeadlineSeconds',
      -1,
      'spec.activeDeadlineSeconds: Invalid value: -1: must be between 1 and 2147483647, inclusive',
      'spec.activeDeadlineSeconds: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
    [
      '/spec/nodeName',
      'other',
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n@@ -42,7 +42,7 @@\n  "NodeSelector": null,\n  "ServiceAccountName": "default",\n  "AutomountServiceAccountToken": false,\n- "NodeName": "n",\n+ "NodeName": "other",\n  "SecurityContext": {\n   "HostNetwork": false,\n   "HostPID": false,\n',
    ],
    ['/spec/tolerations', []],
    [
      '/spec/schedulingGates',
      [{ name: 'a' }],
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a'",
    ],
    [
      '/spec/terminationGracePeriodSeconds',
      1,
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n@@ -36,7 +36,7 @@\n  ],\n  "EphemeralContainers": null,\n  "RestartPolicy": "Always",\n- "TerminationGracePeriodSeconds": 30,\n+ "TerminationGracePeriodSeconds": 1,\n  "ActiveDeadlineSeconds": null,\n  "DNSPolicy": "ClusterFirst",\n  "NodeSelector": null,\n',
    ],
    [
      '/spec/containers/1',
      { name: 'd', image: 'x' },
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ],
  ]);

  refusedUpdates(
    kind,
    [
      [
        '/status/podIPs',
        [{ ip: 'x' }],
        'status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
      [
        '/status/podIPs',
        [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }],
        'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family',
      ],
      [
        '/status/hostIPs',
        [{ ip: '10.0.0.1' }],
        'status.hostIPs[0].ip: Invalid value: "10.0.0.1": must be equal to `hostIP`',
      ],
      [
        '/status/qosClass',
        'Guaranteed',
        'status.qosClass: Invalid value: "Guaranteed": field is immutable',
      ],
      [
        '/status/nominatedNodeName',
        'A',
        "status.nominatedNodeName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        'status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node',
      ],
      [
        '/status/conditions',
        [{ type: 'a b', status: 'True' }],
        "status.conditions[0].Type: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      ],
      [
        '/status/conditions',
        [{ type: 'Ready', status: 'True', observedGeneration: -1 }],
        'status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer',
      ],
    ],
    'status',
  );
});
