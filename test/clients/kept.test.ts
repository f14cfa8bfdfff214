import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { startHeadless, type Headless } from '../support/headless.ts';
import { findKubectl, findProgram, run } from '../support/program.ts';

const [etcdctl, etcdutl, etcd] = ['etcdctl', 'etcdutl', 'etcd'].map(findProgram);
const kubectl = findKubectl();

describe('a cluster that is kept', function () {
  this.timeout(60_000);
  let folder: string;
  let running: Headless | undefined;

  before(function () {
    if (!etcdctl || !kubectl) this.skip();
  });

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-kept-'));
  });

  afterEach(async () => {
    await running?.end('SIGKILL');
    running = undefined;
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const start = async (...flags: string[]): Promise<void> => {
    running = await startHeadless(...flags);
  };
  const call = (file: string | undefined, ...args: string[]) =>
    run(file ?? '', args, { env: { ...running?.env, HOME: folder } });
  const output = async (file: string | undefined, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await call(file, ...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };

  it('goes on after kill -9: Pods run, nothing is made anew', async () => {
    const state = path.join(folder, 'state');
    await start('--state', state, '--speed', '20', '--nodes', '2');
    await output(kubectl, 'create', 'deployment', 'web', '--image=nginx', '--replicas=3');
    await output(kubectl, 'rollout', 'status', 'deployment/web', '--timeout=20s');
    const pods = ['get', 'pods', '-o'];
    const shown =
      'jsonpath={range .items[*]}{.metadata.uid} {.spec.nodeName} {.status.podIP} {.status.phase} {.status.containerStatuses[0].restartCount}{"\\n"}{end}';
    const before = await output(kubectl, ...pods, shown);
    assert.match(before, /^(?:\S+ node-\d 10\.\S+ Running 0\n){3}$/);
    const created = ['get', '/registry/', '--prefix', '-w', 'json'];
    const keys = (text: string): Map<string, number> =>
      new Map(
        (JSON.parse(text) as { kvs: { key: string; create_revision: number }[] }).kvs.map((kv) => [
          Buffer.from(kv.key, 'base64').toString(),
          kv.create_revision,
        ]),
      );
    const had = keys(await output(etcdctl, ...created));
    await running?.end('SIGKILL');

    await start('--state', state, '--speed', '20', '--nodes', '2');
    const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    assert.equal(await output(kubectl, 'get', 'node', 'node-1', '-o', ready), 'True');
    await output(kubectl, 'scale', 'deployment/web', '--replicas=4');
    await output(kubectl, 'rollout', 'status', 'deployment/web', '--timeout=20s');
    const after = await output(kubectl, ...pods, shown);
    for (const line of before.trim().split('\n')) assert.ok(after.includes(line), after);
    const has = keys(await output(etcdctl, ...created));
    for (const [key, revision] of had)
      if (!key.startsWith('/registry/events/')) assert.equal(has.get(key), revision, key);
    const made = [...has.keys()].filter((key) => !had.has(key) && !key.includes('/events/'));
    assert.deepEqual(
      made.map((key) => key.replace(/web-.*/, 'web-…')),
      ['/registry/pods/default/web-…'],
    );
    assert.equal(running?.stderr(), '');
  });

  it('takes no more at its quota, in the real words, until there is room and the alarm is disarmed', async () => {
    await start('--parts', 'etcd,apiserver', '--quota-backend-bytes', '2000000');
    const value = path.join(folder, 'value');
    fs.writeFileSync(value, 'x'.repeat(200_000));
    const fill = ['create', 'configmap', `--from-file=${value}`];
    const exceeded = 'etcdserver: mvcc: database space exceeded';
    let refused = '';
    for (let number = 0; !refused && number < 20; number++) {
      const { code, stderr } = await call(kubectl, ...fill, `full-${number}`);
      if (code !== 0) refused = stderr;
    }
    assert.match(refused, new RegExp(`${exceeded}\n$`));
    assert.match(await output(etcdctl, 'alarm', 'list'), /^memberID:\d+ alarm:NOSPACE ?\n$/);
    assert.match((await call(etcdctl, 'put', 'a', 'b')).stderr, new RegExp(exceeded));
    await output(kubectl, 'delete', 'configmap', '--all', '-n', 'default');
    const size = async () =>
      Number(/"dbSize":(\d+)/.exec(await output(etcdctl, 'endpoint', 'status', '-w', 'json'))?.[1]);
    const full = await size();
    const revision = /"revision":(\d+)/.exec(
      await output(etcdctl, 'endpoint', 'status', '-w', 'json'),
    )?.[1];
    await output(etcdctl, 'compact', revision ?? '');
    assert.equal(await size(), full);
    await output(etcdctl, 'defrag');
    assert.ok((await size()) < full / 2);
    assert.match((await call(etcdctl, 'put', 'a', 'b')).stderr, new RegExp(exceeded));
    await output(etcdctl, 'alarm', 'disarm');
    await output(kubectl, ...fill, 'again');
  });

  it('begins with a snapshot of its own, which it keeps, and of which others can begin', async () => {
    await start('--parts', 'etcd');
    for (const key of ['a', 'b', 'a']) await output(etcdctl, 'put', key, `value of ${key}`);
    await output(etcdctl, 'user', 'add', 'root:secret');
    const hash = await hashNow();
    const file = path.join(folder, 'snapshot.db');
    await output(etcdctl, 'snapshot', 'save', file);
    if (etcdutl)
      assert.match(
        await output(etcdutl, 'snapshot', 'status', file),
        /^[\da-f]+, 4, \d+, [\d.]+ kB/,
      );
    await running?.end('SIGINT');
    const state = path.join(folder, 'state');
    await start('--parts', 'etcd', '--state', state, '--restore', file);
    assert.equal(await hashNow(), hash);
    assert.equal(await output(etcdctl, 'user', 'list'), 'root\n');
    await running?.end('SIGINT');
    await start('--parts', 'etcd', '--state', state);
    assert.equal(await hashNow(), hash);
    assert.equal(await output(etcdctl, 'get', 'a', '--rev=2'), 'a\nvalue of a\n');
    await running?.end('SIGINT');
    await assert.rejects(
      startHeadless('--parts', 'etcd', '--state', state, '--restore', file),
      /has the state of a cluster, and --restore makes a new one/,
    );
  });

  it('begins with a snapshot of a real etcd, and hashes to the same', async function () {
    if (!etcd) this.skip();
    const [client, peer] = [await freePort(), await freePort()];
    const [clientUrl, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
    const real = spawn(etcd, [
      ...['--data-dir', path.join(folder, 'real'), '--listen-client-urls', clientUrl],
      ...['--advertise-client-urls', clientUrl, '--listen-peer-urls', peerUrl],
      ...['--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `default=${peerUrl}`],
    ]);
    const file = path.join(folder, 'real.db');
    let hash: string;
    try {
      const at = (...args: string[]) => output(etcdctl, '--endpoints', clientUrl, ...args);
      while ((await call(etcdctl, '--endpoints', clientUrl, 'endpoint', 'health')).code !== 0);
      for (let index = 0; index < 30; index++)
        await at('put', `key-${index % 7}`, 'x'.repeat(index * 400));
      await at('del', 'key-3');
      await at('compact', '20');
      const lease = /lease (\w+)/.exec(await at('lease', 'grant', '3600'))?.[1];
      await at('put', 'leased', '1', `--lease=${lease}`);
      hash = hashIn(await at('endpoint', 'hashkv', '-w', 'json'));
      await at('snapshot', 'save', file);
    } finally {
      real.kill();
    }
    await start('--parts', 'etcd', '--restore', file);
    assert.equal(await hashNow(), hash);
    assert.match(await output(etcdctl, 'lease', 'list'), /^found 1 leases\n/);
    assert.equal(await output(etcdctl, 'get', 'key-3'), '');
    assert.match((await call(etcdctl, 'get', 'key-1', '--rev=19')).stderr, /has been compacted/);
  });

  const hashNow = async () => hashIn(await output(etcdctl, 'endpoint', 'hashkv', '-w', 'json'));
});

const hashIn = (text: string): string => /"hash":(\d+)/.exec(text)?.[1] ?? text;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
