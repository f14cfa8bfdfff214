import { refusedCreations } from '../../../../../support/refusals.ts';

describe('Namespace', () => {
  const kind = {
    url: '/api/v1/namespaces',
    valid: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n-x' } },
  };

  refusedCreations(kind, [
    ['/metadata/name', 'a.b', 'metadata.name: Invalid value: "a.b": must not contain dots'],
    [
      '/metadata/name',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      'metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters',
      'metadata.labels: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 bytes',
    ],
    [
      '/spec',
      { finalizers: ['a b'] },
      "spec.finalizers: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'spec.finalizers: Invalid value: "a b": name is neither a standard finalizer name nor is it fully qualified',
    ],
    [
      '/spec',
      { finalizers: ['nope'] },
      'spec.finalizers: Invalid value: "nope": name is neither a standard finalizer name nor is it fully qualified',
    ],
    ['/spec', { finalizers: ['example.com/a'] }],
  ]);
});
