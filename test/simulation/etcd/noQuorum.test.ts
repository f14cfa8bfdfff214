import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../src/base/bytes.ts';
import { defined } from '../../../src/base/assert.ts';
import { second } from '../../../src/base/time.ts';
import { admin } from '../../support/testApi.ts';
import { Simulation } from '../../support/simulation.ts';

// The answers are those of a real API server 1.36.3 whose etcd 3.6.8 was stopped (SIGSTOP), or had one member of three left.

const configMap = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { a: 'b' },
});

const collection = '/api/v1/namespaces/default/configmaps';
const tooLate = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'Timeout: request did not complete within requested timeout - context deadline exceeded',
  reason: 'Timeout',
  details: {},
  code: 504,
};
const withoutKind =
  '{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout","reason":"Timeout","details":{},"code":504}\n';

interface Answer {
  readonly code: number;
  readonly seconds: number;
  readonly body: unknown;
}

describe('the API server when etcd has no quorum', () => {
  let simulation: Simulation;
  let ids: readonly bigint[];

  const group = () => defined(simulation.cluster.etcd, 'members').group;

  async function ask(method: string, url: string, object?: object): Promise<Answer> {
    const from = simulation.loop.now();
    const { code, body } = await simulation.cluster.apiServer.handle({
      method,
      url,
      headers: { 'user-agent': 'test', 'content-type': 'application/json' },
      ...(object && { body: encodeUtf8(JSON.stringify(object)) }),
      peer: admin,
    });
    return {
      code,
      seconds: Math.floor((simulation.loop.now() - from) / second),
      body: body.kind === 'object' ? body.object : body.kind === 'text' ? body.text : undefined,
    };
  }

  before(async () => {
    simulation = await Simulation.start({ nodes: 1, etcdMembers: 3 });
    await simulation.request('POST', collection, configMap('there'));
    ids = group().ids.filter((id) => id !== group().leader?.id);
    for (const id of ids) group().stop(id);
    await simulation.run(6);
  });

  after(() => simulation.dispose());

  const requests: readonly (readonly [string, string, object | undefined, Answer])[] = [
    ['POST', collection, configMap('new'), { code: 504, seconds: 34, body: tooLate }],
    ['PUT', `${collection}/there`, configMap('there'), { code: 504, seconds: 34, body: tooLate }],
    ['DELETE', `${collection}/there`, undefined, { code: 504, seconds: 34, body: tooLate }],
    [
      'POST',
      `${collection}?timeout=5s`,
      configMap('new'),
      { code: 504, seconds: 5, body: withoutKind },
    ],
    ['GET', collection, undefined, { code: 504, seconds: 60, body: withoutKind }],
    ['GET', `${collection}/there`, undefined, { code: 504, seconds: 60, body: withoutKind }],
    ['GET', `${collection}?timeout=4s`, undefined, { code: 504, seconds: 4, body: withoutKind }],
    [
      'GET',
      '/readyz/etcd',
      undefined,
      {
        code: 500,
        seconds: 2,
        body: 'internal server error: error getting data from etcd: context deadline exceeded\n',
      },
    ],
    ['GET', '/readyz/ping', undefined, { code: 200, seconds: 0, body: 'ok' }],
    ['GET', '/version/nothing', undefined, { code: 404, seconds: 0, body: undefined }],
  ];
  for (const [method, url, object, expected] of requests)
    it(`answers ${method} ${url} with ${expected.code} after ${expected.seconds} s`, async () => {
      const answer = await simulation.settle(ask(method, url, object));
      // A request looks for custom resources first, for a second at most.
      assert.ok(answer.seconds - expected.seconds <= 1, String(answer.seconds));
      assert.equal(answer.code, expected.code);
      if (expected.body !== undefined) assert.deepEqual(answer.body, expected.body);
    });

  for (const path of ['/readyz', '/readyz?verbose'])
    it(`tells at ${path} what is not ready`, async () => {
      const { code, body } = await simulation.settle(ask('GET', path));
      assert.equal(code, 500);
      assert.match(
        String(body),
        /^\[\+]ping ok\n\[\+]log ok\n\[-]etcd failed: reason withheld\n\[-]etcd-readiness failed: reason withheld\n\[\+]informer-sync ok\n[^]*\nreadyz check failed\n$/,
      );
    });

  it('is ready but for what is excluded', async () => {
    const url = '/readyz?exclude=etcd&exclude=etcd-readiness';
    const { code, body } = await simulation.settle(ask('GET', url));
    assert.deepEqual([code, body], [200, 'ok']);
  });

  it('has an end in the trace for each request, once', () => {
    const events = simulation.trace.slice(simulation.trace.first);
    const late = events.filter(
      (event) => event.type === 'request' && event.method === 'POST' && event.userAgent === 'test',
    );
    assert.equal(late.length, 2);
    for (const { id } of late) {
      const answers = events.filter((event) => event.type === 'response' && event.cause === id);
      assert.equal(answers.length, 1);
    }
  });

  it('answers the same when no member runs at all', async () => {
    for (const id of group().ids) group().stop(id);
    const { code, seconds, body } = await simulation.settle(
      ask('POST', collection, configMap('new')),
    );
    assert.deepEqual({ code, seconds, body }, { code: 504, seconds: 34, body: tooLate });
    for (const id of group().ids) if (!ids.includes(id)) group().start(id);
  });

  it('serves again when a member is back, and has written nothing that came too late', async () => {
    group().start(defined(ids[0], 'a member'));
    await simulation.run(10);
    await assert.rejects(simulation.request('GET', `${collection}/new`), /404/);
    await simulation.request('POST', collection, configMap('new'));
    assert.equal((await simulation.settle(ask('GET', '/readyz'))).code, 200);
  });
});
