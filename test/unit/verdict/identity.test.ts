import assert from 'node:assert/strict';
import { identityOf } from '../../../src/verdict/identity.ts';

describe('who a dry run is made as', () => {
  const check = (text: string, user: string, ...groups: string[]): void =>
    assert.deepEqual(identityOf(text), { user, groups }, text);

  it('is a user, and groups after colons or commas', () => {
    check('alice', 'alice');
    check('alice:developers', 'alice', 'developers');
    check('alice:developers:ops', 'alice', 'developers', 'ops');
    check('alice:developers,ops', 'alice', 'developers', 'ops');
  });

  it('may be in groups with colons of their own', () => {
    check('alice:system:masters', 'alice', 'system:masters');
    check('alice:ops:system:serviceaccounts:web', 'alice', 'ops', 'system:serviceaccounts:web');
    check('alice:system:masters,ops', 'alice', 'system:masters', 'ops');
  });

  it('brings the groups of ServiceAccounts and nodes', () => {
    const web = ['system:serviceaccounts', 'system:serviceaccounts:web'];
    check('system:serviceaccount:web:deployer', 'system:serviceaccount:web:deployer', ...web);
    check('system:serviceaccount:web:d:ops', 'system:serviceaccount:web:d', ...web, 'ops');
    check('system:node:node-1', 'system:node:node-1', 'system:nodes');
    check('system:kube-scheduler', 'system:kube-scheduler');
  });

  it('is nobody in an empty text', () => check('', ''));
});
