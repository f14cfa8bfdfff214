import assert from 'node:assert/strict';
import { ruleAllows, type PolicyRule } from '../../../../../src/sim/apiserver/authz/rules.ts';
import type { AuthorizationQuestion } from '../../../../../src/sim/apiserver/authz/authorizer.ts';
import { TestApi, user } from '../../../../support/testApi.ts';

const question = (text: string): AuthorizationQuestion => {
  const [verb = '', what = '', name = ''] = text.split(' ');
  const isResourceRequest = !what.startsWith('/');
  const [resource = '', subresource = ''] = isResourceRequest ? what.split('/') : [];
  return {
    user: { name: 'u', uid: '', groups: [], extra: {} },
    verb,
    isResourceRequest,
    group: '',
    version: 'v1',
    resource,
    subresource,
    namespace: 'n',
    name,
    path: isResourceRequest ? '' : what,
  };
};

describe('ruleAllows', () => {
  const pods: PolicyRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
  const cases: readonly (readonly [PolicyRule, string, boolean])[] = [
    [pods, 'get pods', true],
    [pods, 'list pods', false],
    [pods, 'get pods/log', false],
    [{ ...pods, resources: ['pods/log'] }, 'get pods/log', true],
    [{ ...pods, resources: ['*/log'] }, 'get pods/log', true],
    [{ ...pods, resources: ['*'] }, 'get pods/log', true],
    [{ ...pods, resourceNames: ['a'] }, 'get pods a', true],
    [{ ...pods, resourceNames: ['a'] }, 'get pods b', false],
    [{ ...pods, resourceNames: ['a'] }, 'get pods', false],
    [{ ...pods, apiGroups: ['apps'] }, 'get pods', false],
    [{ verbs: ['*'], nonResourceURLs: ['/healthz*'] }, 'get /healthz/etcd', true],
    [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }, 'get /healthz/etcd', false],
  ];
  for (const [rule, text, expected] of cases)
    it(`${JSON.stringify(rule)} ${expected ? 'allows' : 'does not allow'} ${text}`, () =>
      assert.equal(ruleAllows(rule, question(text)), expected));
});

describe('RBAC', () => {
  const alice = user('alice');
  const grant = async (api: TestApi): Promise<void> => {
    const group = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    await api.send('POST', `${group}/roles`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'reader' },
      rules: [
        {
          verbs: ['get', 'create'],
          apiGroups: ['', 'rbac.authorization.k8s.io'],
          resources: ['pods', 'roles'],
        },
      ],
    });
    await api.send('POST', `${group}/rolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'alice-reads' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'User', name: 'alice', apiGroup: 'rbac.authorization.k8s.io' }],
    });
  };

  it('refuses in the words of a real server until a binding allows, and names the binding', async () => {
    const api = await TestApi.boot();
    const url = '/api/v1/namespaces/default/pods/p';
    const refused = await api.send('GET', url, undefined, { as: alice });
    assert.equal(
      refused.body['message'],
      'pods "p" is forbidden: User "alice" cannot get resource "pods" in API group "" in the namespace "default"',
    );
    await grant(api);
    assert.equal((await api.send('GET', url, undefined, { as: alice })).code, 404);
    const stage = api
      .lastRequest()
      .find((event) => event.type === 'stage' && event.stage === 'authorization');
    assert(stage?.type === 'stage');
    assert.equal(
      stage.facts?.['reason'],
      'RBAC: allowed by RoleBinding "alice-reads/default" of Role "reader" to User "alice"',
    );
  });

  it('lets nobody grant what he has not', async () => {
    const api = await TestApi.boot();
    await grant(api);
    const { code, message } = await api.send(
      'POST',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles',
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'more' },
        rules: [{ verbs: ['get', 'delete'], apiGroups: [''], resources: ['pods'] }],
      },
      { as: alice },
    );
    assert.equal(code, 403);
    assert.match(
      message,
      /not currently held:\n\{APIGroups:\[""\], Resources:\["pods"\], Verbs:\["delete"\]\}$/,
    );
  });

  it('lets a node read the secrets of its own Pods only', async () => {
    const api = await TestApi.boot();
    const node = user('system:node:n1', 'system:nodes');
    const { message } = await api.send('GET', '/api/v1/namespaces/default/secrets/s', undefined, {
      as: node,
    });
    assert.match(message, /no relationship found between node 'n1' and this object$/);
  });
});
