import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';

const root = path.join(import.meta.dirname, '../..');

describe('npm start -- --headless', function () {
  this.timeout(30_000);
  let folder: string;
  const running = new Set<ChildProcess>();

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-headless-'));
  });

  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
    running.clear();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** Starts it with a temporary folder of its own, so that what it leaves there is seen. */
  function start(...flags: string[]) {
    const temporary = path.join(folder, 'tmp');
    fs.mkdirSync(temporary, { recursive: true });
    const child = spawn(process.execPath, ['scripts/start.ts', '--headless', ...flags], {
      cwd: root,
      env: { ...process.env, TMPDIR: temporary },
    });
    running.add(child);
    let stdout = '';
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const ready = new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        if (stdout.split('\n').length > 3 || /^etcdctl .*\n/m.test(stdout)) resolve(stdout);
      });
      void ended.then(() => reject(new Error(`ended early: ${stderr}`)));
    });
    ready.catch(() => undefined);
    const left = () => fs.readdirSync(temporary);
    return { child, ready, ended, left, stderr: () => stderr };
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`says how to reach it, and leaves nothing behind after ${signal}`, async () => {
      const { child, ready, ended, left, stderr } = start();
      const text = await ready;
      const match =
        /^export KUBECONFIG=(\/\S+\/admin\.kubeconfig)\nexport ETCDCTL_ENDPOINTS=(127\.0\.0\.1:\d+)\nkubectl .+\n$/.exec(
          text,
        );
      assert.ok(match, text);
      assert.equal(fs.statSync(match[1] ?? '').mode & 0o777, 0o600);
      assert.ok(await connects(Number(match[2]?.split(':')[1])));
      child.kill(signal);
      assert.equal(await ended, 0);
      assert.deepEqual(left(), []);
      assert.equal(stderr(), '');
      assert.ok(!(await connects(Number(match[2]?.split(':')[1]))));
    });

  it('does what every flag says', async () => {
    const [port, etcdPort] = [await freePort(), await freePort()];
    const state = path.join(folder, 'a state');
    const audit = path.join(folder, 'logs/audit.log');
    const { child, ready, ended, left } = start(
      ...['--nodes', '2', '--seed', '7', '--port', String(port), '--etcd-port', String(etcdPort)],
      ...['--state', state, '--parts', 'etcd,apiserver,kubelet', '--user', 'bob:dev'],
      ...['--user', 'bob:system:masters', '--user', 'eve', '--audit', audit, '--speed', '10'],
    );
    const text = await ready;
    assert.ok(text.startsWith(`export KUBECONFIG='${state}/admin.kubeconfig'\n`), text);
    assert.ok(text.includes(`export ETCDCTL_ENDPOINTS=127.0.0.1:${etcdPort}\n`));
    assert.deepEqual(fs.readdirSync(state).sort(), [
      'admin.kubeconfig',
      'bob.kubeconfig',
      'etcd',
      'eve.kubeconfig',
      'pki',
    ]);
    const bob = path.join(state, 'bob.kubeconfig');
    await until(async () => {
      const { body } = await get(bob, port, '/api/v1/nodes');
      return (body['items'] as object[] | undefined)?.length === 2;
    });
    const refused = await get(path.join(state, 'eve.kubeconfig'), port, '/api/v1/nodes');
    assert.equal(refused.code, 403);
    child.kill('SIGINT');
    assert.equal(await ended, 0);
    assert.deepEqual(left(), []);
    const events = fs
      .readFileSync(audit, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { apiVersion: string; user: { username: string } });
    assert.ok(events.every(({ apiVersion }) => apiVersion === 'audit.k8s.io/v1'));
    assert.equal(events.filter(({ user }) => user.username === 'eve').length, 1);
  });

  it('runs etcd alone', async () => {
    const { child, ready, ended } = start('--parts', 'etcd');
    assert.match(await ready, /^export ETCDCTL_ENDPOINTS=127\.0\.0\.1:\d+\netcdctl .+\n$/);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  });

  for (const flag of ['--port', '--etcd-port'])
    it(`says that ${flag} is in use`, async () => {
      const server = net.createServer();
      const port = await listen(server);
      try {
        const { ended, left, stderr } = start(flag, String(port));
        assert.equal(await ended, 1);
        assert.equal(
          stderr(),
          `Port ${port} of 127.0.0.1 is in use by another program. Choose another one, or 0 for any that is free.\n`,
        );
        assert.deepEqual(left(), []);
      } finally {
        server.close();
      }
    });

  it('refuses flags that it cannot take', async () => {
    for (const [flags, sentence] of [
      [['--nodes', 'many'], '--nodes takes a whole number from 0 to 5000, not "many".\n'],
      [['--audit', '/dev/null/x'], '/dev/null cannot be written (EEXIST).\n'],
      [['--state', '/dev/null/x'], '--state: /dev/null/x cannot be made a folder (ENOTDIR).\n'],
    ] as const) {
      const { ended, left, stderr } = start(...flags);
      assert.equal(await ended, 2);
      assert.equal(stderr(), sentence);
      assert.deepEqual(left(), []);
    }
  });
});

const listen = (server: net.Server): Promise<number> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port)),
  );

async function freePort(): Promise<number> {
  const server = net.createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const connects = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

interface Kubeconfig {
  clusters: { cluster: Record<string, string> }[];
  users: { user: Record<string, string> }[];
}

/** A request with the certificate of a kubeconfig. */
function get(file: string, port: number, url: string) {
  const { clusters, users } = parse(fs.readFileSync(file, 'utf8')) as Kubeconfig;
  const pem = (text = '') => Buffer.from(text, 'base64');
  return new Promise<{ code: number | undefined; body: Record<string, unknown> }>(
    (resolve, reject) => {
      const options = {
        ca: pem(clusters[0]?.cluster['certificate-authority-data']),
        cert: pem(users[0]?.user['client-certificate-data']),
        key: pem(users[0]?.user['client-key-data']),
        agent: false,
      };
      https
        .get(`https://127.0.0.1:${port}${url}`, options, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () =>
            resolve({
              code: response.statusCode,
              body: JSON.parse(text) as Record<string, unknown>,
            }),
          );
        })
        .on('error', reject);
    },
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('never true');
}
