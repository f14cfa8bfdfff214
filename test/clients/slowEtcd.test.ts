import assert from 'node:assert/strict';
import { startHeadless, type Headless } from '../support/headless.ts';
import { findProgram, run, type Output } from '../support/program.ts';

const kubectl = findProgram('kubectl');
const etcdctl = findProgram('etcdctl');

describe('etcd that is slow, or full, with the real clients', function () {
  this.timeout(60_000);
  let cluster: Headless | undefined;

  before(function () {
    if (kubectl && etcdctl) return;
    console.log('    kubectl or etcdctl is not on this machine: these tests are skipped');
    this.skip();
  });

  afterEach(async () => {
    await cluster?.end('SIGKILL');
    cluster = undefined;
  });

  const start = async (...flags: string[]): Promise<void> => {
    cluster = await startHeadless('--nodes', '0', '--parts', 'etcd,apiserver', ...flags);
  };
  const ask = (program: string | undefined, ...args: string[]): Promise<Output> =>
    run(program ?? '', args, { env: { ...cluster?.env } });
  /** What a command prints, which must succeed. */
  const output = async (program: string | undefined, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await ask(program, ...args);
    assert.equal(code, 0, `${args.slice(0, 2).join(' ')}: ${stderr}`);
    return stdout;
  };
  const http = async (path: string): Promise<string> =>
    (await fetch(`http://${cluster?.env.ETCDCTL_ENDPOINTS}${path}`)).text();
  const metric = async (name: string): Promise<number> => {
    const line = (await http('/metrics')).split('\n').find((it) => it.startsWith(`${name} `));
    assert.ok(line, name);
    return Number(line.slice(name.length));
  };
  const create = (name: string) => ask(kubectl, 'create', 'configmap', name, '--from-literal=a=b');

  it('tells of its slow disk in metrics and in its log, and nothing is lost', async () => {
    await start('--etcd-fsync-latency', '300ms,400ms');
    const before = await metric('etcd_disk_wal_fsync_duration_seconds_bucket{le="0.128"}');
    const created = await Promise.all(['a', 'b', 'c', 'd'].map(create));
    assert.deepEqual(
      created.map(({ stdout }) => stdout),
      ['a', 'b', 'c', 'd'].map((name) => `configmap/${name} created\n`),
    );
    assert.equal(await output(etcdctl, 'put', 'greeting', 'hello'), 'OK\n');
    assert.equal(await output(etcdctl, 'get', 'greeting'), 'greeting\nhello\n');
    const [below, all] = [
      await metric('etcd_disk_wal_fsync_duration_seconds_bucket{le="0.128"}'),
      await metric('etcd_disk_wal_fsync_duration_seconds_count'),
    ];
    assert.equal(below, before);
    assert.ok(all - below >= 2, `${all - below} slow syncs`);
    assert.ok((await metric('etcd_disk_backend_commit_duration_seconds_count')) > 0);
    // Who asks while the backend is committed waits for it.
    for (let asked = 0; asked < 50 && !(await metric('etcd_server_slow_apply_total')); asked++)
      await Promise.all(['e', 'f'].map((name) => ask(etcdctl, 'put', name, 'x')));
    assert.match(
      cluster?.stderr() ?? '',
      /^\{"level":"warn","ts":"[^"]+","caller":"txn\/util\.go:93","msg":"apply request took too long","took":"\d+\.\d+ms","expected-duration":"100ms",/m,
    );
    assert.equal(await http('/readyz'), 'ok\n');
  });

  it('is full, says so at every door, and is cured by compaction, defragmentation and disarming', async () => {
    await start('--quota-backend-bytes', '2000000');
    const value = 'x'.repeat(100_000);
    let last: Output = { code: 0, stdout: '', stderr: '' };
    for (let puts = 0; puts < 30 && last.code === 0; puts++)
      last = await ask(etcdctl, 'put', '/lab/big', value);
    assert.match(last.stderr, /etcdserver: mvcc: database space exceeded/);
    const refused = await create('too-much');
    assert.match(
      refused.stderr,
      /^error: failed to create configmap: etcdserver: mvcc: database space exceeded\n$/,
    );
    assert.match(await output(etcdctl, 'alarm', 'list'), /^memberID:\d+ alarm:NOSPACE \n$/);
    assert.equal(await http('/health'), '{"health":"false","reason":"ALARM NOSPACE"}\n');

    const size = 'etcd_mvcc_db_total_size_in_bytes';
    const full = await metric(size);
    const { stdout } = await ask(etcdctl, 'get', '/lab/big', '-w', 'json', '--keys-only');
    const { header } = JSON.parse(stdout) as { readonly header: { readonly revision: number } };
    await output(etcdctl, 'compact', String(header.revision));
    assert.equal(await metric(size), full);
    assert.ok((await metric('etcd_mvcc_db_total_size_in_use_in_bytes')) < full / 2);
    await output(etcdctl, 'defrag');
    assert.ok((await metric(size)) < full / 2);
    // Room is there, and the alarm is still raised.
    assert.notEqual((await create('too-much')).code, 0);
    await output(etcdctl, 'alarm', 'disarm');
    assert.equal((await create('enough')).stdout, 'configmap/enough created\n');
    assert.equal(await http('/health'), '{"health":"true","reason":""}');
  });

  it('stays small when it compacts itself', async () => {
    await start(
      ...['--auto-compaction-mode', 'periodic', '--auto-compaction-retention', '10s'],
      ...['--speed', '200', '--quota-backend-bytes', '3000000'],
    );
    const value = 'x'.repeat(100_000);
    // Twice as much as there is room for.
    for (let puts = 0; puts < 60; puts++) await output(etcdctl, 'put', '/lab/big', value);
    assert.ok((await metric('etcd_debugging_mvcc_compact_revision')) > 0);
    assert.ok((await metric('etcd_mvcc_db_total_size_in_bytes')) < 3_000_000);
  });
});
