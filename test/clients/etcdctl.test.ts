import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EtcdDoor } from '../../src/host/etcd/etcdDoor.ts';
import { Store } from '../../src/sim/etcd/store.ts';
import { findProgram, run } from '../support/program.ts';
import { wallClock } from '../support/wallClock.ts';
import { ClientCluster } from './cluster.ts';

const etcdctl = findProgram('etcdctl');
const etcdutl = findProgram('etcdutl');

describe('the real etcdctl on an etcd', function () {
  this.timeout(30_000);
  let store: Store;
  let door: EtcdDoor;
  let env: NodeJS.ProcessEnv;
  let port: number;

  const call = async (...args: string[]) => run(etcdctl ?? '', args, { env });
  /** What a command prints, which must succeed. */
  const output = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await call(...args);
    assert.equal(code, 0, `etcdctl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };

  before(function () {
    if (etcdctl) return;
    console.log('    etcdctl is not on this machine (PATH or $ETCDCTL): its tests are skipped');
    this.skip();
  });

  beforeEach(async () => {
    store = new Store({ clock: wallClock, quotaBytes: 1_000_000 });
    door = new EtcdDoor({ store, host: '127.0.0.1', port: 0, clock: wallClock });
    port = await door.listen();
    env = { ETCDCTL_ENDPOINTS: `127.0.0.1:${port}` };
  });

  afterEach(() => door.dispose());

  const putAll = async (...keys: string[]) => {
    for (const key of keys) assert.equal(await output('put', key, `value of ${key}`), 'OK\n');
  };

  it('puts, gets and deletes', async () => {
    await putAll('/lab/a', '/lab/b', '/lab/c');
    assert.equal(await output('get', '/lab/a'), '/lab/a\nvalue of /lab/a\n');
    assert.equal(
      await output('get', '--prefix', '--keys-only', '/lab/'),
      '/lab/a\n\n/lab/b\n\n/lab/c\n\n',
    );
    assert.equal(
      await output('get', '--prefix', '--limit=2', '--print-value-only', '/lab/'),
      'value of /lab/a\nvalue of /lab/b\n',
    );
    assert.equal(await output('put', '/lab/a', '2', '--prev-kv'), 'OK\n/lab/a\nvalue of /lab/a\n');
    assert.equal(await output('get', '/lab/a', '--rev=2'), '/lab/a\nvalue of /lab/a\n');
    assert.equal(await output('del', '/lab/', '--prefix'), '3\n');
    assert.equal(await output('get', '', '--prefix'), '');
    assert.equal(store.revision, 6);
  });

  it('looks at the past and at parts of it', async () => {
    await putAll('/lab/b', '/lab/a', '/lab/c');
    await output('put', '/lab/a', 'new');
    await output('del', '/lab/c');
    const keys = ['get', '--prefix', '/lab/', '--keys-only'];
    assert.equal(await output(...keys, '--rev=3'), '/lab/a\n\n/lab/b\n\n');
    assert.equal(await output(...keys, '--limit=1'), '/lab/a\n\n');
    assert.equal(
      await output(...keys, '--order=DESCEND', '--sort-by=MODIFY'),
      '/lab/a\n\n/lab/b\n\n',
    );
    assert.equal(
      await output('get', '--prefix', '/lab/', '--count-only', '-w', 'fields').then(
        (it) => /"Count" : (\d+)/.exec(it)?.[1],
      ),
      '2',
    );
    assert.equal(await output('get', '/lab/a', '/lab/b', '--print-value-only'), 'new\n');
    assert.equal(await output('get', '--from-key', '/lab/b', '--keys-only'), '/lab/b\n\n');
    const { kvs } = JSON.parse(await output('get', '/lab/a', '-w', 'json')) as { kvs: object[] };
    assert.deepEqual(kvs, [
      { key: 'L2xhYi9h', create_revision: 3, mod_revision: 5, version: 2, value: 'bmV3' },
    ]);
    assert.equal(await output('compaction', '4'), 'compacted revision 4\n');
    assert.match((await call('get', '/lab/a', '--rev=3')).stderr, /revision has been compacted/);
  });

  it('is refused in the words of etcd', async () => {
    const { code, stderr } = await call('get', '/lab/a', '--rev=99');
    assert.equal(code, 1);
    assert.match(stderr, /etcdserver: mvcc: required revision is a future revision/);
  });

  it('runs transactions', async () => {
    await putAll('k');
    const input = 'version("k") = "1"\n\nput k 2\nget k\n\nput k 3\n\n';
    const { stdout } = await run(etcdctl ?? '', ['txn'], { env, input });
    assert.equal(stdout, 'SUCCESS\n\nOK\n\nk\n2\n');
  });

  it('watches, from the past and on', async () => {
    await putAll('/lab/a');
    const watch = spawn(etcdctl ?? '', ['watch', '--prefix', '/lab/', '--rev=2'], {
      env: { ...process.env, ...env },
    });
    let text = '';
    const until = (part: string) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (text.includes(part)) resolve();
        };
        watch.stdout.on('data', look);
        look();
      });
    watch.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await until('value of /lab/a');
    await putAll('/lab/b', '/other');
    await output('del', '/lab/a');
    await until('DELETE\n/lab/a\n\n');
    watch.kill();
    assert.equal(
      text,
      'PUT\n/lab/a\nvalue of /lab/a\nPUT\n/lab/b\nvalue of /lab/b\nDELETE\n/lab/a\n\n',
    );
  });

  it('sees the member and its state', async () => {
    assert.equal(
      await output('member', 'list'),
      `8e9e05c52164694d, started, default, http://localhost:2380, http://127.0.0.1:${port}, false\n`,
    );
    assert.match(await output('endpoint', 'status'), /8e9e05c52164694d, 3\.6\.8, 3\.6\.0, .*true/);
    assert.match(await output('endpoint', 'status', '-w', 'table'), /IS LEADER/);
    const { stdout, stderr } = await call('endpoint', 'health');
    assert.match(stdout + stderr, /is healthy/);
  });

  it('grants leases', async () => {
    const id = /lease (\w+) granted with TTL\(60s\)/.exec(
      await output('lease', 'grant', '60'),
    )?.[1];
    assert.ok(id);
    await output('put', 'a', '1', `--lease=${id}`);
    assert.equal(await output('lease', 'list'), `found 1 leases\n${id}\n`);
    assert.match(await output('lease', 'timetolive', id, '--keys'), /attached keys\(\[a\]\)/);
    assert.match(await output('lease', 'keep-alive', '--once', id), /keepalived with TTL\(60\)/);
    assert.equal(await output('lease', 'revoke', id), `lease ${id} revoked\n`);
    assert.equal(await output('get', 'a'), '');
  });

  it('compacts, defragments and disarms a full store', async () => {
    store.putNow({ key: 'a', value: new Uint8Array(900_000) }, undefined);
    store.putNow({ key: 'a', value: new Uint8Array() }, undefined);
    const big = 'x'.repeat(100_000);
    assert.match((await call('put', 'b', big)).stderr, /mvcc: database space exceeded/);
    assert.match(await output('alarm', 'list'), /^memberID:\d+ alarm:NOSPACE ?\n$/);
    await output('compact', '3');
    assert.match(await output('defrag'), /Finished defragmenting etcd member/);
    assert.match(await output('alarm', 'disarm'), /alarm:NOSPACE/);
    assert.equal(await output('put', 'b', big), 'OK\n');
  });

  it('saves a snapshot that etcdutl takes for a real one', async function () {
    if (!etcdutl) {
      console.log('    etcdutl is not on this machine (PATH or $ETCDUTL): skipped');
      this.skip();
    }
    for (let i = 0; i < 500; i++)
      store.putNow({ key: `k${i % 250}`, value: new Uint8Array(i) }, undefined);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'snapshot-'));
    try {
      const file = path.join(folder, 's.db');
      await output('snapshot', 'save', file);
      const status = await run(etcdutl, ['snapshot', 'status', file, '-w', 'json']);
      const { revision, totalKey, version } = JSON.parse(status.stdout) as Record<string, unknown>;
      assert.deepEqual(
        { revision, totalKey, version },
        { revision: 501, totalKey: 250, version: '3.6.0' },
      );
      const restore = await run(etcdutl, [
        'snapshot',
        'restore',
        file,
        '--data-dir',
        `${folder}/r`,
      ]);
      assert.equal(restore.code, 0, restore.stderr);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('may do what its user may', async () => {
    for (const command of [
      'user add root:secret',
      'user add bob:secret',
      'role add reader',
      'role grant-permission reader read /app/ --prefix=true',
      'user grant-role bob reader',
      'role add root',
      'user grant-role root root',
      'auth enable',
    ])
      await output(...command.split(' '));
    assert.match((await call('get', '/app/x')).stderr, /user name is empty/);
    assert.equal(await output('--user=bob:secret', 'get', '/app/x'), '');
    assert.match(
      (await call('--user=bob:secret', 'put', '/app/x', '1')).stderr,
      /permission denied/,
    );
    assert.equal(await output('--user=root:secret', 'put', '/app/x', '1'), 'OK\n');
  });
});

describe('the real etcdctl on a cluster', function () {
  this.timeout(30_000);
  let cluster: ClientCluster | undefined;

  before(async function () {
    if (!etcdctl) this.skip();
    cluster = await ClientCluster.start();
  });

  after(() => cluster?.stop());

  const output = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = (await cluster?.run(etcdctl ?? '', args)) ?? {};
    assert.equal(code, 0, `etcdctl ${args.join(' ')}: ${stderr}`);
    return stdout ?? '';
  };

  it('sees the keys of Kubernetes under their real names', async () => {
    let keys = '';
    while (!keys.includes('kube-node-lease/node-1'))
      keys = await output('get', '/registry/', '--prefix', '--keys-only');
    for (const key of [
      '/registry/namespaces/kube-system',
      '/registry/minions/node-1',
      '/registry/services/specs/default/kubernetes',
      '/registry/clusterroles/cluster-admin',
      '/registry/priorityclasses/system-node-critical',
    ])
      assert.ok(keys.includes(`${key}\n`), key);
    const value = await output('get', '/registry/namespaces/default', '--print-value-only');
    assert.equal((JSON.parse(value) as { kind: string }).kind, 'Namespace');
  });

  it('hears at once of what it writes', async () => {
    const watch = spawn(etcdctl ?? '', ['watch', '--prefix', '/lab/'], {
      env: { ...process.env, ...cluster?.env },
    });
    try {
      let text = '';
      const heard = new Promise<void>((resolve) =>
        watch.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes('last')) resolve();
        }),
      );
      await output('put', '/lab/first', '1');
      for (let tries = 0; tries < 50 && !text.includes('first'); tries++)
        await output('put', '/lab/first', '1');
      await output('put', '/lab/last', '2');
      await heard;
      assert.match(text, /PUT\n\/lab\/last\n2\n$/);
    } finally {
      watch.kill();
    }
  });

  it('keeps a lease alive in the time of the cluster', async () => {
    const id = /lease (\w+) granted/.exec(await output('lease', 'grant', '3600'))?.[1] ?? '';
    await output('put', '/lab/leased', '1', `--lease=${id}`);
    assert.match(await output('lease', 'keep-alive', '--once', id), /keepalived with TTL\(3600\)/);
    assert.match(await output('lease', 'list'), new RegExp(id));
    await output('lease', 'revoke', id);
    assert.equal(await output('get', '/lab/leased'), '');
  });
});
