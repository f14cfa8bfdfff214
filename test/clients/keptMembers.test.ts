import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readSnapshot } from '../../src/host/etcd/snapshotReader.ts';
import { startHeadless, type Headless } from '../support/headless.ts';
import { findKubectl, findProgram, run } from '../support/program.ts';

const [etcdctl, etcdutl] = ['etcdctl', 'etcdutl'].map(findProgram);
const kubectl = findKubectl();

describe('an etcd of three members that is kept', function () {
  this.timeout(120_000);
  let folder: string;
  let state: string;
  let running: Headless | undefined;

  before(function () {
    if (!etcdctl || !kubectl) this.skip();
  });

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-members-'));
    state = path.join(folder, 'state');
  });

  afterEach(async () => {
    await running?.end('SIGKILL');
    running = undefined;
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const start = async (...flags: string[]): Promise<void> => {
    running = await startHeadless('--etcd-members', '3', '--state', state, ...flags);
  };
  const output = async (file: string | undefined, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(file ?? '', args, {
      env: { ...running?.env, HOME: folder },
    });
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  /** Its process has started, and told the others. */
  const joined = async (name: string): Promise<void> => {
    while (!(await output(etcdctl, 'member', 'list')).includes(` started, ${name},`));
  };
  const statuses = async () =>
    (
      JSON.parse(await output(etcdctl, 'endpoint', 'status', '-w', 'json')) as {
        Status: { header: { revision: number }; raftTerm: number; raftAppliedIndex: number };
      }[]
    ).map(({ Status }) => Status);

  it('goes on after kill -9: revisions, terms, leases and members', async () => {
    await start('--parts', 'etcd');
    const lease = /lease (\w+)/.exec(await output(etcdctl, 'lease', 'grant', '600'))?.[1] ?? '';
    for (let number = 0; number < 10; number++)
      await output(etcdctl, 'put', `key-${number % 4}`, `value ${number}`, `--lease=${lease}`);
    await output(etcdctl, 'del', 'key-3');
    await output(etcdctl, 'compact', '6');
    const peer = '--peer-urls=http://127.0.0.1:2680';
    await output(etcdctl, 'member', 'add', 'etcd-4', '--learner', peer);
    const members = await output(etcdctl, 'member', 'list');
    const keys = await output(etcdctl, 'get', '', '--prefix', '-w', 'fields');
    const [before] = await statuses();
    await running?.end('SIGKILL');

    await start('--parts', 'etcd');
    const [after, ...others] = await statuses();
    assert.equal(after?.header.revision, before?.header.revision);
    assert.ok((after?.raftTerm ?? 0) > (before?.raftTerm ?? 0));
    assert.ok((after?.raftAppliedIndex ?? 0) > (before?.raftAppliedIndex ?? 0));
    assert.ok(others.every(({ header }) => header.revision === after?.header.revision));
    const lines = (text: string): string[] =>
      text.split('\n').filter((line) => !/MemberID|RaftTerm/.test(line));
    assert.deepEqual(
      lines(await output(etcdctl, 'get', '', '--prefix', '-w', 'fields')),
      lines(keys),
    );
    const known = (text: string): string[] => text.replace(/127\.0\.0\.1:\d{5}/g, '').split('\n');
    assert.deepEqual(known(await output(etcdctl, 'member', 'list')), known(members));
    assert.match(await output(etcdctl, 'lease', 'list'), new RegExp(lease));
    await output(etcdctl, 'put', 'more', '1');
    const learner = /^(\w+), unstarted/m.exec(members)?.[1] ?? '';
    await output(etcdctl, 'member', 'remove', learner);
    await running?.end('SIGINT');

    await start('--parts', 'etcd');
    assert.doesNotMatch(await output(etcdctl, 'member', 'list'), /unstarted/);
    assert.equal(await output(etcdctl, 'get', 'more', '--print-value-only'), '1\n');
    assert.equal(running?.stderr(), '');
    await running.end('SIGINT');
    await assert.rejects(
      startHeadless('--parts', 'etcd', '--state', state),
      /state\/etcd has an etcd of 3 members, not of 1\. Start it with 3 members \(--etcd-members 3, .*Reset Cluster/,
    );
  });

  it('keeps a whole cluster', async () => {
    await start('--speed', '10', '--nodes', '1');
    await output(kubectl, 'create', 'deployment', 'web', '--image=nginx', '--replicas=2');
    await output(kubectl, 'rollout', 'status', 'deployment/web', '--timeout=20s');
    const uids = ['get', 'pods', '-o', 'jsonpath={.items[*].metadata.uid} {.metadata.x}'];
    const before = await output(kubectl, ...uids);
    assert.match(before, /^\S{36} \S{36} /);
    await running?.end('SIGKILL');

    await start('--speed', '10', '--nodes', '1');
    assert.equal(await output(kubectl, ...uids), before);
    await output(kubectl, 'scale', 'deployment/web', '--replicas=3');
    await output(kubectl, 'rollout', 'status', 'deployment/web', '--timeout=20s');
  });

  it('cuts a torn tail, refuses a corrupt middle, and goes on without the folder of one member', async () => {
    await start('--parts', 'etcd');
    for (const key of ['a', 'b', 'c']) await output(etcdctl, 'put', key, key);
    await running?.end('SIGKILL');
    const own = path.join(state, 'etcd/etcd-2');
    const wal = path.join(own, 'wal-00000001.log');
    fs.truncateSync(wal, fs.statSync(wal).size - 3);

    await start('--parts', 'etcd');
    assert.match(
      running?.stderr() ?? '',
      /etcd-2\/wal-00000001\.log ends in the middle of a write/,
    );
    assert.equal(await output(etcdctl, 'get', '', '--prefix', '--print-value-only'), 'a\nb\nc\n');
    await running?.end('SIGKILL');

    const bytes = fs.readFileSync(wal);
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    fs.writeFileSync(wal, bytes);
    await assert.rejects(
      start('--parts', 'etcd'),
      /etcd-2\/wal-00000001\.log is damaged at byte \d+: .*Put a copy of \S+etcd-2 back, or move it away and start again/,
    );

    fs.rmSync(own, { recursive: true });
    await start('--parts', 'etcd');
    assert.match(running?.stderr() ?? '', /etcd-2 does not run/);
    assert.equal(await output(etcdctl, 'get', '', '--prefix', '--print-value-only'), 'a\nb\nc\n');
    await output(etcdctl, 'put', 'd', 'd');
    const told = /member remove (\w+), then etcdctl (member add etcd-2 \S+)\n/.exec(
      running?.stderr() ?? '',
    );
    await output(etcdctl, 'member', 'remove', told?.[1] ?? '');
    await output(etcdctl, ...(told?.[2] ?? '').split(' '));
    await joined('etcd-2');
    await running?.end('SIGKILL');

    fs.rmSync(path.join(state, 'etcd/etcd-1'), { recursive: true });
    await start('--parts', 'etcd');
    assert.equal(
      await output(etcdctl, 'get', '', '--prefix', '--print-value-only'),
      'a\nb\nc\nd\n',
    );
    await running?.end('SIGINT');

    fs.rmSync(path.join(state, 'etcd/etcd-3'), { recursive: true });
    await assert.rejects(
      start('--parts', 'etcd'),
      /has nothing of etcd-1 and etcd-3 any more: the others are no majority\. Put a copy/,
    );
  });

  it('keeps a machine that joined', async () => {
    await start('--parts', 'etcd', '--etcd-spares', '1');
    await output(etcdctl, 'put', 'a', 'a');
    const [, add = ''] = /# etcd-4 waits for: etcdctl (.*)\n/.exec(running?.stdout() ?? '') ?? [];
    await output(etcdctl, ...add.split(' '));
    await joined('etcd-4');
    await running?.end('SIGKILL');

    await start('--parts', 'etcd', '--etcd-spares', '1');
    const endpoint = running?.env.ETCDCTL_ENDPOINTS.split(',')[3];
    const { stdout } = await run(etcdctl ?? '', ['get', 'a'], {
      env: { HOME: folder, ETCDCTL_ENDPOINTS: endpoint },
    });
    assert.equal(stdout, 'a\na\n');
    assert.match(await output(etcdctl, 'member', 'list'), /started, etcd-4, /);
    assert.doesNotMatch(running?.stdout() ?? '', /waits for/);
  });

  it('begins with a snapshot as members do that etcdutl restores', async function () {
    if (!etcdutl) this.skip();
    running = await startHeadless('--parts', 'etcd');
    for (const key of ['a', 'b', 'a']) await output(etcdctl, 'put', key, `value of ${key}`);
    const file = path.join(folder, 'snapshot.db');
    await output(etcdctl, 'snapshot', 'save', file);
    await running.end('SIGINT');
    await start('--parts', 'etcd', '--restore', file);
    const peers = [2380, 2480, 2580].map((port) => `http://127.0.0.1:${port}`);
    for (const [index, peer] of peers.entries()) {
      const name = `etcd-${index + 1}`;
      const real = path.join(folder, name);
      await output(
        etcdutl,
        ...['snapshot', 'restore', file, '--data-dir', real, '--name', name],
        ...['--initial-advertise-peer-urls', peer, '--initial-cluster'],
        peers.map((url, number) => `etcd-${number + 1}=${url}`).join(),
      );
      const partOf = (db: string): object => {
        const { members, removed, index, term, contents } = readSnapshot(fs.readFileSync(db));
        const { revision, compactRevision, versions, leases } = contents;
        return { members, removed, index, term, revision, compactRevision, versions, leases };
      };
      const ours = path.join(state, 'etcd', name, 'snapshot-00000001.db');
      assert.deepEqual(partOf(ours), partOf(path.join(real, 'member/snap/db')));
      assert.match(await output(etcdutl, 'snapshot', 'status', ours), /^[\da-f]+, 4, \d+, /);
    }
    assert.equal(
      await output(etcdctl, 'get', 'a', '--rev=2', '--print-value-only'),
      'value of a\n',
    );
    await running.end('SIGINT');
    await start('--parts', 'etcd');
    assert.equal((await statuses())[0]?.header.revision, 4);
    await running.end('SIGINT');
    await assert.rejects(
      start('--parts', 'etcd', '--restore', file),
      /has the state of a cluster, and --restore makes a new one/,
    );
  });
});
