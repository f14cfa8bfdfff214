import assert from 'node:assert/strict';
import { decodeUtf8 } from '../../../../src/base/bytes.ts';
import { keyOfText } from '../../../../src/sim/etcd/key.ts';
import { TraceLog } from '../../../../src/trace/log.ts';
import { admin, configMap, pod, TestApi, user } from '../../../support/testApi.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

describe('--allow-privileged', () => {
  const privileged = {
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'a', image: 'a', securityContext: { privileged: true } }] },
  };
  for (const allowPrivileged of [false, true])
    it(
      allowPrivileged ? 'lets privileged containers in' : 'refuses them unless given',
      async () => {
        const api = await TestApi.boot({
          allowPrivileged,
          disableAdmissionPlugins: ['ServiceAccount'],
        });
        const { code, message } = await api.send(
          'POST',
          '/api/v1/namespaces/default/pods',
          privileged,
        );
        assert.equal(code, allowPrivileged ? 201 : 422, message);
        if (!allowPrivileged)
          assert.match(message, /privileged: Forbidden: disallowed by cluster policy/);
      },
    );
});

describe('ApiServer', () => {
  let api: TestApi;
  beforeEach(async () => (api = await TestApi.boot()));

  it('boots with the objects of a real server', async () => {
    assert.equal(api.store.revision, 188);
    const { body } = await api.send('GET', '/api/v1/namespaces');
    const names = (body['items'] as unknown as { metadata: { name: string } }[]).map(
      ({ metadata }) => metadata.name,
    );
    assert.deepEqual(names, ['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  });

  it('creates, reads, updates, patches and deletes, one revision each', async () => {
    const before = api.store.revision;
    const made = await api.send('POST', MAPS, configMap('a', { x: '1' }));
    assert.equal(made.code, 201);
    assert.equal((await api.send('GET', `${MAPS}/a`)).code, 200);
    assert.equal((await api.send('PUT', `${MAPS}/a`, configMap('a', { x: '2' }))).code, 200);
    const patched = await api.send(
      'PATCH',
      `${MAPS}/a`,
      { data: { y: '3' } },
      {
        contentType: 'application/merge-patch+json',
      },
    );
    assert.deepEqual(patched.body['data'], { x: '2', y: '3' });
    const unchanged = await api.send(
      'PATCH',
      `${MAPS}/a`,
      { data: { y: '3' } },
      {
        contentType: 'application/merge-patch+json',
      },
    );
    assert.deepEqual(unchanged.body['metadata'], patched.body['metadata']);
    assert.equal((await api.send('DELETE', `${MAPS}/a`)).body['status'], 'Success');
    assert.equal((await api.send('GET', `${MAPS}/a`)).code, 404);
    assert.equal(api.store.revision, before + 4);
  });

  it('stores JSON under the real key, without a resourceVersion', async () => {
    await api.send('POST', MAPS, configMap('a', { x: '1' }));
    const kv = api.store.getNow(keyOfText('/registry/configmaps/default/a'));
    assert(kv);
    const stored = JSON.parse(decodeUtf8(kv.value)) as { metadata: object; data: object };
    assert.deepEqual(stored.data, { x: '1' });
    assert(!('resourceVersion' in stored.metadata));
  });

  it('refuses what is there already, what somebody else changed, and what has no namespace', async () => {
    const first = await api.send('POST', MAPS, configMap('a'));
    const again = await api.send('POST', MAPS, configMap('a'));
    assert.deepEqual([again.code, again.body['message']], [409, 'configmaps "a" already exists']);
    await api.send('PUT', `${MAPS}/a`, configMap('a', { x: '1' }));
    const stale = await api.send('PUT', `${MAPS}/a`, { ...first.body, data: { x: '2' } });
    assert.equal(stale.body['reason'], 'Conflict');
    const nowhere = await api.send('POST', '/api/v1/namespaces/nope/configmaps', configMap('a'));
    assert.deepEqual([nowhere.code, nowhere.body['message']], [404, 'namespaces "nope" not found']);
  });

  it('changes nothing on a dry run', async () => {
    const before = api.store.revision;
    const { code, body } = await api.send('POST', `${MAPS}?dryRun=All`, configMap('a'));
    assert.equal(code, 201);
    assert(!('resourceVersion' in (body['metadata'] as object)));
    assert.equal(api.store.revision, before);
  });

  it('records every stage in order, the response last, all caused by the request', async () => {
    await api.send('POST', '/api/v1/namespaces/default/configmaps', configMap('a'));
    const [request, ...rest] = api.lastRequest();
    assert.equal(request?.type, 'request');
    const stages = rest.flatMap((event) =>
      event.type === 'stage' && event.plugin === undefined ? [event.stage] : [],
    );
    assert.deepEqual(stages, [
      'authentication',
      'audit',
      'priorityAndFairness',
      'authorization',
      'body',
      'decoding',
      'managedFields',
      'mutatingAdmission',
      'strategy',
      'validation',
      'validatingAdmission',
      'storage',
    ]);
    assert.equal(rest.at(-1)?.type, 'response');
  });

  it('never dates a cause later than its effect', async () => {
    await api.send('POST', '/api/v1/namespaces/default/configmaps', configMap('a'));
    await api.send('DELETE', `${MAPS}/a`);
    for (const event of api.trace.slice(api.trace.first)) {
      const cause = event.cause === undefined ? undefined : api.trace.get(event.cause);
      if (cause) assert(cause.time <= event.time, `${cause.id} is later than ${event.id}`);
    }
  });

  it('names the stage that refuses', async () => {
    await api.send('POST', MAPS, { ...configMap('a'), extra: 1 }, { as: admin });
    await api.send('POST', `${MAPS}?fieldValidation=Strict`, { ...configMap('b'), extra: 1 });
    const rejected = api
      .lastRequest()
      .find((event) => event.type === 'stage' && event.verdict === 'rejected');
    assert(rejected?.type === 'stage');
    assert.equal(rejected.stage, 'decoding');
    assert.match(rejected.summary, /unknown field "extra"/);
  });

  it('tells watchers of changes, with the write as their cause', async () => {
    const { frames } = await api.watch(`${MAPS}?watch=1&labelSelector=keep`);
    const labelled = { ...configMap('a'), metadata: { name: 'a', labels: { keep: '' } } };
    await api.send('POST', MAPS, labelled);
    await api.send('PUT', `${MAPS}/a`, configMap('a', { x: '1' }));
    assert.deepEqual(
      frames.map(({ type }) => type),
      ['ADDED', 'DELETED'],
    );
    for (const { cause } of frames) {
      assert(cause !== undefined);
      assert.equal(api.trace.get(cause)?.type, 'etcd.put');
    }
  });

  it('ends a watch in time and sends initial events with their end', async () => {
    await api.send('POST', MAPS, configMap('a'));
    const watch = await api.watch(
      `${MAPS}?watch=1&timeoutSeconds=5&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
    );
    const bookmark = watch.frames.at(-1);
    assert.deepEqual(
      watch.frames.map(({ type }) => type),
      ['ADDED', 'BOOKMARK'],
    );
    assert.deepEqual((bookmark?.object['metadata'] as { annotations: object }).annotations, {
      'k8s.io/initial-events-end': 'true',
    });
    assert(!watch.ended());
    await api.loop.runUntil(api.loop.now() + 6_000_000);
    assert(watch.ended());
  });

  it('pages a list and goes on where it was', async () => {
    for (const name of ['a', 'b', 'c']) await api.send('POST', MAPS, configMap(name));
    const first = await api.send('GET', `${MAPS}?limit=2`);
    const metadata = first.body['metadata'] as { continue: string; remainingItemCount: number };
    assert.equal(metadata.remainingItemCount, 1);
    await api.send('DELETE', `${MAPS}/c`);
    const second = await api.send('GET', `${MAPS}?limit=2&continue=${metadata.continue}`);
    const names = (second.body['items'] as unknown as { metadata: { name: string } }[]).map(
      (item) => item.metadata.name,
    );
    assert.deepEqual(names, ['c'], 'the list is as of its first page');
  });

  it('keeps an object until its last finalizer is gone', async () => {
    await api.send('POST', MAPS, {
      ...configMap('a'),
      metadata: { name: 'a', finalizers: ['x.io/y'] },
    });
    const marked = await api.send('DELETE', `${MAPS}/a`);
    assert('deletionTimestamp' in (marked.body['metadata'] as object));
    assert.equal((await api.send('GET', `${MAPS}/a`)).code, 200);
    await api.send(
      'PATCH',
      `${MAPS}/a`,
      { metadata: { finalizers: null } },
      {
        contentType: 'application/merge-patch+json',
      },
    );
    assert.equal((await api.send('GET', `${MAPS}/a`)).code, 404);
  });

  it('forks: a dry run on the fork sees the cluster and leaves it alone', async () => {
    await api.send('POST', MAPS, configMap('a'));
    const trace = new TraceLog(api.loop);
    const fork = api.server.fork(api.store.fork(api.store.revision), api.loop, trace);
    const before = api.store.revision;
    assert.equal((await api.handle(fork, 'POST', MAPS, configMap('b'))).code, 201);
    assert.equal((await api.handle(fork, 'POST', MAPS, configMap('b'))).code, 409);
    assert.equal((await api.handle(fork, 'GET', `${MAPS}/a`)).code, 200);
    assert.equal(api.store.revision, before);
    const plugins = trace
      .slice(1)
      .flatMap((event) => (event.type === 'stage' && event.plugin ? [event.plugin] : []));
    assert(
      plugins.includes('PodSecurity'),
      'a fork names every plugin, even those that are skipped',
    );
    fork.dispose();
  });

  it('gives the same answers and the same record for the same seed', async () => {
    const run = async (): Promise<string> => {
      const one = await TestApi.boot();
      await one.send('POST', MAPS, configMap('a'));
      await one.send('POST', '/api/v1/namespaces/default/pods', pod('p'), { as: user('x') });
      return JSON.stringify(one.trace.slice(1));
    };
    assert.equal(await run(), await run());
  });
});
