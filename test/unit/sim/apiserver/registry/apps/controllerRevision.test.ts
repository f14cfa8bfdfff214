import { refusedCreations, refusedUpdates } from '../../../../../support/refusals.ts';

describe('ControllerRevision', () => {
  const kind = {
    url: '/apis/apps/v1/namespaces/default/controllerrevisions',
    valid: {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name: 'r' },
      revision: 1,
      data: { kind: 'x', apiVersion: 'v1' },
    },
  };

  refusedCreations(kind, [
    ['/revision', -1, 'revision: Invalid value: -1: must be greater than or equal to 0'],
    ['/data', undefined, 'data: Required value: data is mandatory'],
    ['/data', {}],
  ]);

  refusedUpdates(kind, [
    [
      '/data',
      { kind: 'y', apiVersion: 'v1' },
      'data: Invalid value: {"kind":"y","apiVersion":"v1"}: field is immutable',
    ],
    ['/revision', 2],
  ]);
});
