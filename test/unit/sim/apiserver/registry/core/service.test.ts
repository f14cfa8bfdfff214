import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('Service', () => {
  const kind = {
    url: '/api/v1/namespaces/default/services',
    valid: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { clusterIP: '10.96.44.4', selector: { a: 'b' }, ports: [{ name: 'http', port: 80 }] },
    },
  };

  refusedCreations(kind, [
    ['/metadata/name', 'a.b', 'metadata.name: Invalid value: "a.b": must not contain dots'],
    ['/spec/ports', [], 'spec.ports: Required value'],
    [
      '/spec/ports/0/port',
      0,
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      '/spec/ports/0/targetPort',
      'A_B',
      'spec.ports[0].targetPort: Invalid value: "A_B": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'spec.ports[0].targetPort: Invalid value: "A_B": must contain at least one letter (a-z)',
    ],
    [
      '/spec/ports/0/targetPort',
      70000,
      'spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
    [
      '/spec/ports/0/protocol',
      'X',
      'spec.ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    ],
    ['/spec/ports/1', { port: 81 }, 'spec.ports[1].name: Required value'],
    ['/spec/ports/1', { name: 'http', port: 81 }, 'spec.ports[1].name: Duplicate value: "http"'],
    [
      '/spec/ports/1',
      { name: 'b', port: 80 },
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ],
    [
      '/spec/ports/0/nodePort',
      30001,
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      '/spec/type',
      'X',
      'spec.type: Unsupported value: "X": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    [
      '/spec/type',
      'ExternalName',
      'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
      'spec.externalName: Required value',
    ],
    [
      '/spec/sessionAffinity',
      'X',
      'spec.sessionAffinity: Unsupported value: "X": supported values: "ClientIP", "None"',
    ],
    ['/spec/sessionAffinityConfig', { clientIP: { timeoutSeconds: 5 } }],
    [
      '/spec/externalIPs',
      ['127.0.0.1'],
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    [
      '/spec/externalIPs',
      ['x'],
      'spec.externalIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      '/spec/selector',
      { 'a b': 'c' },
      "spec.selector: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      '/spec/clusterIPs',
      ['10.96.44.5'],
      'spec.clusterIPs: Invalid value: ["10.96.44.5"]: first value must match `clusterIP`',
    ],
    [
      '/spec/clusterIP',
      'x',
      'spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      '/spec/ipFamilies',
      ['IPv6'],
      'spec.clusterIPs[0]: Invalid value: "10.96.44.4": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    ['/spec/ipFamilies', ['IPv4', 'IPv4'], 'spec.ipFamilies[1]: Duplicate value: "IPv4"'],
    [
      '/spec/ipFamilyPolicy',
      'RequireDualStack',
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
    [
      '/spec/ipFamilyPolicy',
      'X',
      'spec.ipFamilyPolicy: Unsupported value: "X": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
    ],
    [
      '/spec/internalTrafficPolicy',
      'X',
      'spec.internalTrafficPolicy: Unsupported value: "X": supported values: "Cluster", "Local"',
    ],
    [
      '/spec/externalTrafficPolicy',
      'Local',
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
    [
      '/spec/healthCheckNodePort',
      30002,
      "spec.healthCheckNodePort: Invalid value: 30002: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
    [
      '/spec/loadBalancerClass',
      'example.com/a',
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      '/spec/loadBalancerSourceRanges',
      ['10.0.0.0/8'],
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      '/spec/allocateLoadBalancerNodePorts',
      false,
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      '/spec/trafficDistribution',
      'X',
      'spec.trafficDistribution: Unsupported value: "X": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
    ['/spec/publishNotReadyAddresses', true],
  ]);

  refusedUpdates(kind, [
    [
      '/spec/clusterIP',
      '10.96.44.6',
      'spec.clusterIPs[0]: Invalid value: ["10.96.44.6"]: may not change once set',
    ],
    [
      '/spec/clusterIPs',
      ['10.96.44.6'],
      'spec.clusterIPs: Invalid value: ["10.96.44.6"]: first value must match `clusterIP`',
    ],
    ['/spec/ports/0/port', 81],
    ['/spec/type', 'NodePort'],
    ['/spec/type', 'ExternalName', 'spec.externalName: Required value'],
    [
      '/spec/ipFamilies',
      ['IPv6'],
      'spec.clusterIPs[0]: Invalid value: "10.96.44.4": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    [
      '/spec/clusterIP',
      'None',
      'spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set',
    ],
  ]);

  refusedUpdates(
    kind,
    [
      [
        '/status',
        { loadBalancer: { ingress: [{ ip: 'x' }] } },
        "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
      ],
      [
        '/status',
        { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
        "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
      ],
    ],
    'status',
  );
});
