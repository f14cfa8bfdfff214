import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('ConfigMap', () => {
  const kind = {
    url: '/api/v1/namespaces/default/configmaps',
    valid: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c' },
      data: { a: '1' },
      immutable: true,
    },
  };

  refusedCreations(kind, [
    [
      '/data/b c',
      'x',
      "data[b c]: Invalid value: \"b c\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
    ['/data/..', 'x', 'data[..]: Invalid value: "..": must not be \'..\''],
    [
      '/binaryData/a',
      'AA==',
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ],
    ['/data/a.b-c_D', 'x'],
    [
      '/data/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      'x',
      'data[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 253 characters',
    ],
    [
      '/metadata/name',
      'A',
      "metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    ['/data/big', 'xxxxxxxxxx'],
  ]);

  refusedUpdates(kind, [
    ['/data/a', '2', 'data: Forbidden: field is immutable when `immutable` is set'],
    ['/immutable', false, 'immutable: Forbidden: field is immutable when `immutable` is set'],
    ['/immutable', undefined, 'immutable: Forbidden: field is immutable when `immutable` is set'],
    [
      '/binaryData',
      { b: 'AA==' },
      'binaryData: Forbidden: field is immutable when `immutable` is set',
    ],
    ['/metadata/labels', { a: 'b' }],
  ]);
});
