import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of EndpointSlice', () => {
  describe('eps', () => {
    itJudges(
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'eps' },
        addressType: 'IPv4',
        endpoints: [
          {
            addresses: ['10.0.0.1'],
            conditions: { ready: true, serving: true, terminating: false },
            hostname: 'a',
            nodeName: 'n',
            zone: 'z',
            hints: { forZones: [{ name: 'z' }] },
          },
        ],
        ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
      },
      {
        created: [
          [
            '/addressType',
            '10.0.0.0/33',
            'addressType: Unsupported value: "10.0.0.0/33": supported values: "FQDN", "IPv4", "IPv6"',
          ],
          [
            '/endpoints/0/addresses/0',
            '',
            'endpoints[0].addresses[0]: Invalid value: "": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
          ],
          [
            '/ports/0/protocol',
            'é',
            'ports[0].protocol: Unsupported value: "é": supported values: "SCTP", "TCP", "UDP"',
          ],
          [
            '/endpoints/0/hostname',
            'x.y',
            'endpoints[0].hostname: Invalid value: "x.y": must not contain dots',
          ],
          [
            '/endpoints',
            [
              {
                addresses: ['10.0.0.1'],
                conditions: { ready: true, serving: true, terminating: false },
                hostname: 'a',
                nodeName: 'n',
                zone: 'z',
                hints: { forZones: [{ name: 'z' }] },
              },
              {
                addresses: ['10.0.0.1'],
                conditions: { ready: true, serving: true, terminating: false },
                hostname: 'a',
                nodeName: 'n',
                zone: 'z',
                hints: { forZones: [{ name: 'z' }] },
              },
              {},
            ],
            'endpoints[2].addresses: Required value: must contain at least 1 address',
          ],
          [
            '/endpoints/0/hints/forZones/0/name',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'endpoints[0].hints.forZones[0].name: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 bytes',
          ],
          [
            '/ports/0/name',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'ports[0].name: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 characters',
          ],
          [
            '/ports',
            [
              { name: 'http', port: 80, protocol: 'TCP' },
              { name: 'http', port: 80, protocol: 'TCP' },
            ],
            'ports[1].name: Duplicate value: "http"',
          ],
          [
            '/endpoints/0/hints/forZones',
            [{ name: 'z' }, { name: 'z' }],
            'endpoints[0].hints.forZones[1].name: Duplicate value: "z"',
          ],
        ],
        updated: [
          [
            '/addressType',
            '10.0.0.0/33',
            'addressType: Unsupported value: "10.0.0.0/33": supported values: "FQDN", "IPv4", "IPv6"',
            'addressType: Invalid value: "10.0.0.0/33": field is immutable',
          ],
          [
            '/endpoints/0/addresses/0',
            '',
            'endpoints[0].addresses[0]: Invalid value: "": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
          ],
          [
            '/ports/0/protocol',
            'é',
            'ports[0].protocol: Unsupported value: "é": supported values: "SCTP", "TCP", "UDP"',
          ],
          [
            '/endpoints/0/hostname',
            'x.y',
            'endpoints[0].hostname: Invalid value: "x.y": must not contain dots',
          ],
        ],
      },
    );
  });
  describe('eps9', () => {
    itJudges(
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'eps9', labels: { 'kubernetes.io/service-name': 's' } },
        addressType: 'IPv6',
        endpoints: [
          {
            addresses: ['2001:db8::1'],
            hostname: 'h',
            nodeName: 'n',
            zone: 'z',
            hints: { forZones: [{ name: 'z' }], forNodes: [{ name: 'n' }] },
            targetRef: { kind: 'Pod', name: 'p', namespace: 'plain' },
            conditions: { ready: true },
          },
        ],
        ports: [
          { name: 'http', port: 80, protocol: 'UDP', appProtocol: 'kubernetes.io/h2c' },
          { name: 'x', port: 81, protocol: 'TCP' },
        ],
      },
      {
        created: [
          [
            '/ports/0/protocol',
            '',
            'ports[0].protocol: Unsupported value: "": supported values: "SCTP", "TCP", "UDP"',
          ],
          ['/addressType', undefined, 'addressType: Required value'],
          [
            '/endpoints/0/addresses/0',
            '*',
            'endpoints[0].addresses[0]: Invalid value: "*": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
          ],
          [
            '/endpoints/0/hints/forNodes',
            [{ name: 'n' }, { name: 'n' }],
            'endpoints[0].hints.forNodes[1].name: Duplicate value: "n"',
          ],
          [
            '/ports',
            [
              { name: 'http', port: 80, protocol: 'UDP', appProtocol: 'kubernetes.io/h2c' },
              { name: 'http', port: 80, protocol: 'UDP', appProtocol: 'kubernetes.io/h2c' },
              { name: 'x', port: 81, protocol: 'TCP' },
              { name: '', protocol: 'TCP' },
            ],
            'ports[1].name: Duplicate value: "http"',
          ],
          [
            '/endpoints/0/addresses',
            [],
            'endpoints[0].addresses: Required value: must contain at least 1 address',
          ],
          [
            '/endpoints/0/hostname',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'endpoints[0].hostname: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 characters',
          ],
          ['/ports/0/name', 'x.y', 'ports[0].name: Invalid value: "x.y": must not contain dots'],
          [
            '/endpoints/0/hints/forZones',
            [{ name: 'z' }, { name: 'z' }],
            'endpoints[0].hints.forZones[1].name: Duplicate value: "z"',
          ],
        ],
        updated: [
          [
            '/ports/0/protocol',
            '',
            'ports[0].protocol: Unsupported value: "": supported values: "SCTP", "TCP", "UDP"',
          ],
          [
            '/addressType',
            '*',
            'addressType: Unsupported value: "*": supported values: "FQDN", "IPv4", "IPv6"',
            'addressType: Invalid value: "*": field is immutable',
          ],
          [
            '/endpoints/0/addresses/0',
            '*',
            'endpoints[0].addresses[0]: Invalid value: "*": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
          ],
          [
            '/endpoints/0/hints/forNodes',
            [{ name: 'n' }, { name: 'n' }],
            'endpoints[0].hints.forNodes[1].name: Duplicate value: "n"',
          ],
        ],
      },
    );
  });
});
