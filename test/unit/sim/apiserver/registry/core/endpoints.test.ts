import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('Endpoints', () => {
  const kind = {
    url: '/api/v1/namespaces/default/endpoints',
    valid: {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'e' },
      subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }],
    },
  };

  refusedCreations(kind, [
    [
      '/subsets/0/addresses/0/ip',
      '127.0.0.1',
      'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    [
      '/subsets/0/addresses/0/ip',
      '0.0.0.0',
      'subsets[0].addresses[0].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
    ],
    [
      '/subsets/0/addresses/0/ip',
      '169.254.0.1',
      'subsets[0].addresses[0].ip: Invalid value: "169.254.0.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ],
    [
      '/subsets/0/addresses/0/ip',
      '224.0.0.1',
      'subsets[0].addresses[0].ip: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ],
    [
      '/subsets/0/addresses/0/ip',
      'x',
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address',
    ],
    [
      '/subsets/0/addresses/0/ip',
      '010.0.0.1',
      'subsets[0].addresses[0].ip: Invalid value: "010.0.0.1": must not have leading 0s',
    ],
    [
      '/subsets/0/addresses/0/hostname',
      'A',
      "subsets[0].addresses[0].hostname: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
    [
      '/subsets/0/addresses/0/nodeName',
      'A',
      "subsets[0].addresses[0].nodeName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    [
      '/subsets/0/addresses',
      [],
      'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`',
    ],
    [
      '/subsets/0/ports/0/port',
      0,
      'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      '/subsets/0/ports/1',
      { port: 81 },
      'subsets[0].ports[0].name: Required value',
      'subsets[0].ports[1].name: Required value',
    ],
    [
      '/subsets/0/ports/0/protocol',
      'X',
      'subsets[0].ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    ],
    [
      '/subsets/0/ports/0/appProtocol',
      'a b',
      "subsets[0].ports[0].appProtocol: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      '/subsets/0/ports/0/name',
      'A_B',
      "subsets[0].ports[0].name: Invalid value: \"A_B\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ]);

  refusedUpdates(kind, [
    [
      '/subsets/0/addresses/0/ip',
      '127.0.0.1',
      'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  ]);
});
