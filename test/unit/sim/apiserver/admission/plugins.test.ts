import assert from 'node:assert/strict';
import { pod, TestApi, user } from '../../../../support/testApi.ts';

const strategic = { contentType: 'application/strategic-merge-patch+json' };
const PODS = '/api/v1/namespaces/default/pods';

describe('admission', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.boot();
    await api.send('POST', '/api/v1/namespaces/default/serviceaccounts', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default' },
    });
  });

  it('gives a Pod its account, token, priority and tolerations', async () => {
    const { body } = await api.send('POST', PODS, pod('p', { automountServiceAccountToken: true }));
    const spec = body['spec'] as unknown as {
      serviceAccountName: string;
      priority: number;
      volumes: { name: string }[];
      tolerations: { key: string; tolerationSeconds: number }[];
    };
    assert.equal(spec.serviceAccountName, 'default');
    assert.equal(spec.priority, 0);
    assert.match(spec.volumes[0]?.name ?? '', /^kube-api-access-[a-z0-9]{5}$/);
    assert.deepEqual(
      spec.tolerations.map(({ key, tolerationSeconds }) => [key, tolerationSeconds]),
      [
        ['node.kubernetes.io/not-ready', 300],
        ['node.kubernetes.io/unreachable', 300],
      ],
    );
    const mutated = api
      .lastRequest()
      .flatMap((event) =>
        event.type === 'stage' && event.verdict === 'mutated' && event.plugin ? [event.plugin] : [],
      );
    assert.deepEqual(mutated, ['ServiceAccount', 'Priority', 'DefaultTolerationSeconds']);
  });

  for (const [about, spec, message] of [
    [
      'a missing account',
      { serviceAccountName: 'ghost' },
      'error looking up service account default/ghost: serviceaccount "ghost" not found',
    ],
    [
      'a missing class',
      { priorityClassName: 'ghost' },
      'no PriorityClass with name ghost was found',
    ],
    [
      'a missing runtime class',
      { runtimeClassName: 'ghost' },
      'pod rejected: RuntimeClass "ghost" not found',
    ],
  ] as const)
    it(`refuses ${about}`, async () => {
      const { code, body } = await api.send('POST', PODS, pod('p', spec));
      assert.deepEqual([code, body['message']], [403, `pods "p" is forbidden: ${message}`]);
    });

  it('charges a quota and refuses what exceeds it', async () => {
    const quotas = '/api/v1/namespaces/default/resourcequotas';
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q' },
      spec: { hard: { pods: '1' } },
      status: { hard: { pods: '1' }, used: { pods: '0' } },
    };
    await api.send('POST', quotas, quota);
    const { body: made } = await api.send('GET', `${quotas}/q`);
    await api.send('PUT', `${quotas}/q/status`, { ...made, status: quota.status });
    assert.equal((await api.send('POST', PODS, pod('a'))).code, 201);
    const { body: after } = await api.send('GET', `${quotas}/q`);
    assert.deepEqual((after['status'] as { used: object }).used, { pods: '1' });
    const { code, body } = await api.send('POST', PODS, pod('b'));
    assert.equal(code, 403);
    assert.equal(
      body['message'],
      'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    );
  });

  it('sets the defaults of a LimitRange and enforces its bounds', async () => {
    await api.send('POST', '/api/v1/namespaces/default/limitranges', {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'l' },
      spec: { limits: [{ type: 'Container', max: { cpu: '1' }, default: { cpu: '500m' } }] },
    });
    const { body } = await api.send('POST', PODS, pod('a'));
    const spec = body['spec'] as unknown as { containers: { resources: { limits: object } }[] };
    assert.deepEqual(spec.containers[0]?.resources.limits, { cpu: '500m' });
    const big = [{ name: 'c', image: 'nginx:1', resources: { limits: { cpu: '2' } } }];
    const refused = await api.send('POST', PODS, pod('b', { containers: big }));
    assert.match(refused.message, /maximum cpu usage per Container is 1, but limit is 2/);
  });

  it('keeps a kubelet to its own node', async () => {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n2' } };
    const { code, message } = await api.send('POST', '/api/v1/nodes', node, {
      as: user('system:node:n1', 'system:nodes'),
    });
    assert.equal(code, 403);
    assert.match(message, /node "n1" is not allowed to modify node "n2"/);
  });

  it('lists plugins that have nothing to say on a dry run', async () => {
    await api.send('POST', `${PODS}?dryRun=All`, pod('p'));
    const event = api
      .lastRequest()
      .find((one) => one.type === 'stage' && one.plugin === 'ValidatingAdmissionWebhook');
    assert(event?.type === 'stage');
    assert.equal(event.verdict, 'skipped');
  });

  describe('a resize of a Pod', () => {
    const resized: readonly (readonly [what: string, patch: object, message: string])[] = [
      [
        'to more than its node has',
        { containers: [{ name: 'a', resources: { requests: { cpu: '2', memory: '2Gi' } } }] },
        'pods "rz" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 2000, allocatable: 1000; memory, requested: 2147483648, allocatable: 1073741824',
      ],
      [
        'of an init container, on a node that cannot',
        { initContainers: [{ name: 'i', resources: { requests: { cpu: '150m' } } }] },
        'pods "rz" is forbidden: pod update requires features InPlacePodVerticalScalingInitContainers which are not available on node "small"',
      ],
      [
        'as a whole, on a node that cannot',
        { resources: { requests: { cpu: '150m' } } },
        'pods "rz" is forbidden: pod update requires features InPlacePodLevelResourcesVerticalScaling which are not available on node "small"',
      ],
      [
        'within what its node has',
        { containers: [{ name: 'a', resources: { requests: { cpu: '500m' } } }] },
        '',
      ],
    ];
    const requests = (cpu: string) => ({ resources: { requests: { cpu, memory: '100Mi' } } });
    for (const [what, spec, message] of resized)
      it(what, async () => {
        await api.send('POST', '/api/v1/nodes', {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: 'small', labels: { 'kubernetes.io/os': 'linux' } },
          status: { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } },
        });
        await api.send(
          'POST',
          PODS,
          pod('rz', {
            nodeName: 'small',
            initContainers: [{ name: 'i', image: 'x', ...requests('100m') }],
            containers: [{ name: 'a', image: 'nginx', ...requests('100m') }],
          }),
        );
        const answer = await api.send('PATCH', `${PODS}/rz/resize`, { spec }, strategic);
        assert.equal(answer.message, message);
        assert.equal(answer.code, message ? 403 : 200);
      });
  });

  it('refuses content in a namespace that is being deleted', async () => {
    const spaces = '/api/v1/namespaces';
    await api.send('POST', spaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'x' },
      spec: { finalizers: ['kubernetes'] },
    });
    const { body } = await api.send('DELETE', `${spaces}/x`);
    assert.equal((body['status'] as { phase: string }).phase, 'Terminating');
    const refused = await api.send('POST', `${spaces}/x/pods`, pod('p'));
    assert.equal(refused.code, 403);
    assert.match(refused.message, /because it is being terminated$/);
  });
});
