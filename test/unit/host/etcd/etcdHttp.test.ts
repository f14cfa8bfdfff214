import assert from 'node:assert/strict';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { encodeUtf8 } from '../../../../src/base/bytes.ts';
import { EtcdDoor } from '../../../../src/host/etcd/etcdDoor.ts';
import { numberText } from '../../../../src/host/etcd/http/prometheus.ts';
import { aloneSpec } from '../../../../src/host/etcd/member.ts';
import { Authority } from '../../../../src/host/tls.ts';
import { errors } from '../../../../src/sim/etcd/errors.ts';
import { Alone } from '../../../../src/sim/etcd/members/alone.ts';
import { Store } from '../../../../src/sim/etcd/store.ts';
import { SeededRandom } from '../../../../src/sim/time/random.ts';
import { wallClock } from '../../../support/wallClock.ts';

// The answers are those of a real etcd 3.6.8.

/** HELP and TYPE of all that a real one has. */
const realMetrics = fs
  .readFileSync(path.join(import.meta.dirname, '../../../fixtures/etcdMetrics.txt'), 'utf8')
  .split('\n');

describe("HTTP/1 at the port of etcd's clients", () => {
  let store: Store;
  let alone: Alone;
  let door: EtcdDoor;
  let url: string;

  beforeEach(async () => {
    store = new Store({ clock: wallClock, quotaBytes: 100_000 });
    alone = new Alone(store, aloneSpec(), { clock: wallClock, random: new SeededRandom(1) });
    door = new EtcdDoor({ store, alone, host: '127.0.0.1', port: 0, clock: wallClock });
    url = `http://127.0.0.1:${await door.listen()}`;
  });

  afterEach(() => door.dispose());

  async function get(path: string, method = 'GET') {
    const response = await fetch(`${url}${path}`, { method });
    return { code: response.status, body: await response.text(), headers: response.headers };
  }

  const answers: readonly (readonly [string, number, string])[] = [
    ['/health', 200, '{"health":"true","reason":""}'],
    ['/health?serializable=true', 200, '{"health":"true","reason":""}'],
    ['/livez', 200, 'ok\n'],
    ['/readyz', 200, 'ok\n'],
    ['/livez?verbose', 200, '[+]serializable_read ok\nok\n'],
    [
      '/readyz?verbose',
      200,
      '[+]data_corruption ok\n[+]serializable_read ok\n[+]linearizable_read ok\n[+]non_learner ok\nok\n',
    ],
    [
      '/readyz?verbose&exclude=linearizable_read&exclude=non_learner',
      200,
      '[+]data_corruption ok\n[+]serializable_read ok\nok\n',
    ],
    ['/readyz/data_corruption', 200, 'ok\n'],
    ['/livez/serializable_read', 200, 'ok\n'],
    ['/livez/linearizable_read', 404, '404 page not found\n'],
    ['/version', 200, '{"etcdserver":"3.6.8","etcdcluster":"3.6.0","storage":"3.6.0"}'],
    ['/v2/keys', 404, '404 page not found\n'],
    ['/', 404, '404 page not found\n'],
  ];
  for (const [path, code, body] of answers)
    it(`answers ${path} with ${code}`, async () => {
      const answer = await get(path);
      assert.deepEqual([answer.code, answer.body], [code, body]);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    });

  it('takes GET only', async () => {
    const { code, body, headers } = await get('/health', 'POST');
    assert.deepEqual([code, body, headers.get('allow')], [405, 'Method Not Allowed\n', 'GET']);
  });

  it('is not healthy while the alarm NOSPACE is raised, unless that is excluded', async () => {
    store.space.raise();
    const { code, body } = await get('/health');
    assert.deepEqual([code, body], [503, '{"health":"false","reason":"ALARM NOSPACE"}\n']);
    assert.equal((await get('/health?exclude=NOSPACE')).code, 200);
    assert.equal((await get('/readyz')).code, 200);
    const metrics = (await get('/metrics')).body;
    assert.match(metrics, /^etcd_server_health_failures 1$/m);
    assert.match(metrics, /^etcd_server_health_success 1$/m);
    assert.match(
      metrics,
      /^etcd_server_healthchecks_total{name="linearizable_read",status="success",type="readyz"} 1$/m,
    );
  });

  it('has the metrics of the real one, with their help and types', async () => {
    for (let i = 0; i < 3; i++)
      void alone.propose(
        { do: 'put', request: { key: `k${i}`, value: encodeUtf8('v') } },
        undefined,
      );
    const { body, headers } = await get('/metrics');
    assert.equal(
      headers.get('content-type'),
      'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    );
    const lines = body.split('\n').filter((line) => line.startsWith('# '));
    assert.ok(lines.length > 50);
    for (const line of lines)
      // What has no value before the first check is not in the fixture.
      if (!line.includes('healthcheck')) assert.ok(realMetrics.includes(line), line);
    for (const sample of [
      'etcd_mvcc_put_total 3',
      'etcd_debugging_mvcc_keys_total 3',
      'etcd_debugging_mvcc_current_revision 4',
      'etcd_debugging_mvcc_compact_revision -1',
      'etcd_server_has_leader 1',
      'etcd_server_is_leader 1',
      'etcd_server_id{server_id="8e9e05c52164694d"} 1',
      'etcd_server_quota_backend_bytes 100000',
      'etcd_cluster_version{cluster_version="3.6"} 1',
      'grpc_server_handled_total{grpc_code="OK",grpc_method="Put",grpc_service="etcdserverpb.KV",grpc_type="unary"} 0',
      'grpc_server_started_total{grpc_method="Watch",grpc_service="etcdserverpb.Watch",grpc_type="bidi_stream"} 0',
    ])
      assert.ok(body.includes(`\n${sample}\n`), sample);
    const [, all = '', count] =
      /_fsync_duration_seconds_bucket{le="\+Inf"} (\d+)\n.*_sum .*\n.*_count (\d+)\n/.exec(body) ??
      [];
    assert.ok(Number(all) > 0 && all === count);
  });

  it('is served over TLS beside gRPC too', async () => {
    const authority = await Authority.create();
    const { cert: certificate, key } = await authority.server();
    const secure = new EtcdDoor({ store, host: '127.0.0.1', port: 0, tls: { certificate, key } });
    const port = await secure.listen();
    const answer = new Promise<string>((resolve, reject) => {
      https
        .get(
          `https://127.0.0.1:${port}/readyz`,
          { ca: authority.cert, agent: false },
          (response) => {
            response.on('data', (chunk: Buffer) => resolve(chunk.toString()));
          },
        )
        .on('error', reject);
    });
    assert.equal(await answer, 'ok\n');
    secure.dispose();
  });

  it('cuts off who asks a member that does not run', async () => {
    const stopped = new EtcdDoor({
      store,
      host: '127.0.0.1',
      port: 0,
      of: {
        server: () => {
          if (isStopped) throw errors.stopped();
          return alone;
        },
        peerUrl: '',
        clusterId: 1n,
        auth: undefined as never,
      },
    });
    let isStopped = false;
    url = `http://127.0.0.1:${await stopped.listen()}`;
    assert.equal((await get('/livez')).code, 200);
    isStopped = true;
    const agent = fetch(`${url}/livez`, { headers: { connection: 'close' } });
    await assert.rejects(agent, TypeError);
    stopped.dispose();
  });

  const numbers: readonly (readonly [number, string])[] = [
    [0, '0'],
    [1, '1'],
    [0.001, '0.001'],
    [0.00001, '1e-05'],
    [999_999, '999999'],
    [1_000_000, '1e+06'],
    [2_147_483_648, '2.147483648e+09'],
    [-1, '-1'],
    [0.044292690999999995, '0.044292690999999995'],
  ];
  for (const [number, text] of numbers)
    it(`writes ${number} as Go does: ${text}`, () => assert.equal(numberText(number), text));
});
