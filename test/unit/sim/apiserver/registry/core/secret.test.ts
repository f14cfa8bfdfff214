import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('Secret', () => {
  const kind = {
    url: '/api/v1/namespaces/default/secrets',
    valid: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      type: 'Opaque',
      data: { a: 'YQ==' },
    },
  };

  refusedCreations(kind, [
    [
      '/data/a b',
      'YQ==',
      "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
    [
      '/type',
      'kubernetes.io/basic-auth',
      'data[username]: Required value',
      'data[password]: Required value',
    ],
    ['/type', 'kubernetes.io/ssh-auth', 'data[ssh-privatekey]: Required value'],
    [
      '/type',
      'kubernetes.io/tls',
      'data[tls.crt]: Required value',
      'data[tls.key]: Required value',
    ],
    ['/type', 'kubernetes.io/dockercfg', 'data[.dockercfg]: Required value'],
    ['/type', 'kubernetes.io/dockerconfigjson', 'data[.dockerconfigjson]: Required value'],
    [
      '/type',
      'kubernetes.io/service-account-token',
      'metadata.annotations[kubernetes.io/service-account.name]: Required value',
    ],
    ['/type', 'example.com/any'],
    [
      '/stringData',
      { 'x y': 'z' },
      "data[x y]: Invalid value: \"x y\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
  ]);

  refusedUpdates(kind, [
    ['/type', 'other', 'type: Invalid value: "other": field is immutable'],
    ['/data/b', 'YQ=='],
    ['/immutable', true],
  ]);
});
