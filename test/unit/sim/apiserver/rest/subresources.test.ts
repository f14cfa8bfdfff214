import assert from 'node:assert/strict';
import { pod, TestApi } from '../../../../support/testApi.ts';

const PODS = '/api/v1/namespaces/default/pods';

describe('subresources', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.boot();
    await api.send('POST', '/api/v1/namespaces/default/serviceaccounts', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default' },
    });
    await api.send('POST', PODS, pod('p'));
  });

  const bind = (node: string) =>
    api.send('POST', `${PODS}/p/binding`, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'p' },
      target: { kind: 'Node', name: node },
    });

  it('bind a Pod once', async () => {
    assert.equal((await bind('n1')).code, 201);
    const { body } = await api.send('GET', `${PODS}/p`);
    assert.equal((body['spec'] as { nodeName: string }).nodeName, 'n1');
    const again = await bind('n2');
    assert.equal(again.code, 409);
    assert.match(again.message, /pod p is already assigned to node "n1"$/);
  });

  it('scale a Deployment', async () => {
    const url = '/apis/apps/v1/namespaces/default/deployments';
    await api.send('POST', url, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'd' } },
        template: {
          metadata: { labels: { app: 'd' } },
          spec: { containers: [{ name: 'c', image: 'i' }] },
        },
      },
    });
    const { body } = await api.send(
      'PATCH',
      `${url}/d/scale`,
      { spec: { replicas: 5 } },
      {
        contentType: 'application/merge-patch+json',
      },
    );
    assert.deepEqual([body['kind'], body['spec']], ['Scale', { replicas: 5 }]);
    const deployment = (await api.send('GET', `${url}/d`)).body;
    assert.equal((deployment['spec'] as { replicas: number }).replicas, 5);
    assert.equal((deployment['metadata'] as { generation: number }).generation, 2);
  });

  it('give tokens that authenticate, and die with their account', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    const { body } = await api.send('POST', `${accounts}/default/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    });
    const { token } = body['status'] as { token: string };
    const whoami = () =>
      api.send(
        'POST',
        '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'SelfSubjectReview',
        },
        { as: {}, headers: { authorization: `Bearer ${token}` } },
      );
    const { userInfo } = (await whoami()).body['status'] as { userInfo: { username: string } };
    assert.equal(userInfo.username, 'system:serviceaccount:default:default');
    await api.send('DELETE', `${accounts}/default`);
    assert.equal((await whoami()).code, 401);
  });

  it('refuse an eviction that a budget does not allow', async () => {
    const url = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    await api.send('POST', url, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'p' } } },
    });
    const { body: budget } = await api.send('GET', `${url}/b`);
    await api.send('PUT', `${url}/b/status`, {
      ...budget,
      status: {
        observedGeneration: 1,
        disruptionsAllowed: 0,
        currentHealthy: 1,
        desiredHealthy: 1,
        expectedPods: 1,
      },
    });
    const { body: live } = await api.send('GET', `${PODS}/p`);
    await api.send('PUT', `${PODS}/p/status`, {
      ...live,
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
    const { code, body } = await api.send('POST', `${PODS}/p/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'p' },
    });
    assert.equal(code, 429);
    assert.equal(
      body['message'],
      "Cannot evict pod as it would violate the pod's disruption budget.",
    );
  });

  it('have no log before the container starts, in the kubelet’s words', async () => {
    assert.equal((await api.send('GET', `${PODS}/p/log`)).code, 204);
    await bind('n1');
    const { body: live } = await api.send('GET', `${PODS}/p`);
    await api.send('PUT', `${PODS}/p/status`, {
      ...live,
      status: {
        phase: 'Pending',
        containerStatuses: [
          {
            name: 'c',
            image: 'i',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { waiting: { reason: 'ContainerCreating' } },
          },
        ],
      },
    });
    const { code, body } = await api.send('GET', `${PODS}/p/log`);
    assert.deepEqual(
      [code, body['message']],
      [400, 'container "c" in pod "p" is waiting to start: ContainerCreating'],
    );
  });
});
