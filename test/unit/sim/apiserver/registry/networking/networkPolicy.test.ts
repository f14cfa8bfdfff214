import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of NetworkPolicy', () => {
  describe('np', () => {
    itJudges(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'np' },
        spec: {
          podSelector: { matchLabels: { app: 'web' } },
          policyTypes: ['Ingress', 'Egress'],
          ingress: [
            {
              from: [
                { podSelector: { matchLabels: { a: 'b' } }, namespaceSelector: {} },
                { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
              ],
              ports: [{ protocol: 'TCP', port: 80, endPort: 90 }],
            },
          ],
          egress: [{ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }],
        },
      },
      {
        created: [
          [
            '/spec/policyTypes/1',
            'a/b',
            'spec.policyTypes[1]: Unsupported value: "a/b": supported values: "Ingress", "Egress"',
          ],
          [
            '/spec/ingress/0/from/1/ipBlock/cidr',
            'é',
            'spec.ingress[0].from[1].ipBlock.cidr: Invalid value: "é": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
          ],
          [
            '/spec/ingress/0/from/1/ipBlock/except/0',
            '10.0.0.0/33',
            'spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
          ],
          ['/spec/egress/0/to/0/ipBlock', {}, 'spec.egress[0].to[0].ipBlock.cidr: Required value'],
          [
            '/spec/ingress/0/ports/0/protocol',
            'a/b',
            'spec.ingress[0].ports[0].protocol: Unsupported value: "a/b": supported values: "TCP", "UDP", "SCTP"',
          ],
          [
            '/spec/egress/0/to/0/ipBlock/cidr',
            'x.y',
            'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "x.y": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
          ],
          ['/spec/egress/0/to/0', {}, 'spec.egress[0].to[0]: Required value: must specify a peer'],
          [
            '/spec/ingress/0/ports/0/endPort',
            1,
            'spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`',
          ],
          [
            '/spec/ingress/0/from/0',
            {},
            'spec.ingress[0].from[0]: Required value: must specify a peer',
          ],
        ],
        updated: [
          [
            '/spec/policyTypes/1',
            'a/b',
            'spec.policyTypes[1]: Unsupported value: "a/b": supported values: "Ingress", "Egress"',
          ],
          [
            '/spec/ingress/0/from/1/ipBlock/cidr',
            'é',
            'spec.ingress[0].from[1].ipBlock.cidr: Invalid value: "é": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
          ],
          [
            '/spec/ingress/0/from/1/ipBlock/except/0',
            '10.0.0.0/33',
            'spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
          ],
          ['/spec/egress/0/to/0/ipBlock', {}, 'spec.egress[0].to[0].ipBlock.cidr: Required value'],
        ],
      },
    );
  });
  describe('np9', () => {
    itJudges(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'np9' },
        spec: {
          podSelector: {},
          policyTypes: ['Egress', 'Ingress'],
          egress: [
            {
              to: [
                { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
                { namespaceSelector: { matchLabels: { a: 'b' } }, podSelector: {} },
              ],
              ports: [{ protocol: 'TCP', port: 100, endPort: 200 }, { port: 'http' }],
            },
          ],
          ingress: [
            {
              from: [
                {
                  podSelector: {
                    matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['x'] }],
                  },
                },
              ],
            },
          ],
        },
      },
      {
        created: [
          [
            '/spec/policyTypes/0',
            'Bad_Name!',
            'spec.policyTypes[0]: Unsupported value: "Bad_Name!": supported values: "Ingress", "Egress"',
          ],
          [
            '/spec/egress/0/to/0/ipBlock/except/0',
            'example.com/Thing',
            'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "example.com/Thing": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
          ],
          [
            '/spec/ingress/0/from/0/podSelector/matchExpressions/0/operator',
            '-1',
            'spec.ingress[0].from[0].podSelector.matchExpressions[0].operator: Invalid value: "-1": not a valid selector operator',
          ],
          [
            '/spec/egress/0/to',
            [
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
              { namespaceSelector: { matchLabels: { a: 'b' } }, podSelector: {} },
              {},
            ],
            'spec.egress[0].to[3]: Required value: must specify a peer',
          ],
          [
            '/spec/egress/0/to/1/namespaceSelector/matchLabels/a',
            'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'spec.egress[0].to[1].namespaceSelector.matchLabels: Invalid value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": must be no more than 63 bytes',
          ],
          [
            '/spec/egress/0/ports/0/port',
            65536,
            'spec.egress[0].ports[0].port: Invalid value: 65536: must be between 1 and 65535, inclusive',
            'spec.egress[0].ports[0].endPort: Invalid value: 65536: must be greater than or equal to `port`',
          ],
          [
            '/spec/egress/0/ports/0/protocol',
            'é',
            'spec.egress[0].ports[0].protocol: Unsupported value: "é": supported values: "TCP", "UDP", "SCTP"',
          ],
          [
            '/spec/policyTypes',
            ['Egress', 'Egress', 'Ingress'],
            'spec.policyTypes: Invalid value: ["Egress","Egress","Ingress"]: may not specify more than two policyTypes',
          ],
          [
            '/spec/ingress/0/from/0/podSelector',
            undefined,
            'spec.ingress[0].from[0]: Required value: must specify a peer',
          ],
        ],
        updated: [
          [
            '/spec/policyTypes/0',
            'Bad_Name!',
            'spec.policyTypes[0]: Unsupported value: "Bad_Name!": supported values: "Ingress", "Egress"',
          ],
          [
            '/spec/egress/0/to/0/ipBlock/except/0',
            'example.com/Thing',
            'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "example.com/Thing": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
          ],
          [
            '/spec/ingress/0/from/0/podSelector/matchExpressions/0/operator',
            '-1',
            'spec.ingress[0].from[0].podSelector.matchExpressions[0].operator: Invalid value: "-1": not a valid selector operator',
          ],
          [
            '/spec/egress/0/to',
            [
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
              { namespaceSelector: { matchLabels: { a: 'b' } }, podSelector: {} },
              {},
            ],
            'spec.egress[0].to[3]: Required value: must specify a peer',
          ],
        ],
      },
    );
  });
});
