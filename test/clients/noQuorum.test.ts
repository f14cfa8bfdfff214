import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { defined } from '../../src/base/assert.ts';
import { ClusterHost } from '../../src/host/clusterHost.ts';
import { findKubectl, findProgram, run, type Output } from '../support/program.ts';

const kubectl = findKubectl();
const etcdctl = findProgram('etcdctl');

/** Virtual seconds a second: a request that takes too long does so in two seconds. */
const speed = 20;

describe('kubectl and etcdctl when etcd has no quorum', function () {
  this.timeout(60_000);
  let folder: string;
  let host: ClusterHost;
  const problems: unknown[] = [];

  before(async function () {
    if (!kubectl || !etcdctl) {
      console.log('    kubectl or etcdctl is not on this machine: these tests are skipped');
      this.skip();
    }
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-quorum-'));
    host = await ClusterHost.start({
      folder,
      nodes: 0,
      seed: 1,
      port: 0,
      etcdPort: 0,
      speed,
      parts: ['etcd', 'apiserver'],
      etcd: { members: 3 },
      onError: (error) => problems.push(error),
    });
    const { group } = defined(host.cluster.etcd, 'members');
    // kubectl reads what the server has before it sends anything.
    await ask(kubectl, 'create', 'configmap', 'there', '--from-literal=a=b');
    for (const id of group.ids.slice(1)) group.stop(id);
    while (group.leader) await host.loop.sleep(100_000);
  });

  after(() => {
    host.dispose();
    fs.rmSync(folder, { recursive: true, force: true });
    assert.deepEqual(problems, []);
  });

  const ask = (program: string | undefined, ...args: string[]): Promise<Output> =>
    run(program ?? '', args, {
      env: { KUBECONFIG: host.kubeconfig, ETCDCTL_ENDPOINTS: endpoint(), HOME: folder },
    });
  /** Of the member that runs. */
  const endpoint = (): string => defined(host.etcdEndpoint.split(',')[0], 'an endpoint');

  // As a real kubectl 1.36.3 said it of a real cluster in that state.
  const commands: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ['create', 'configmap', 'new', '--from-literal=a=b'],
      /^error: failed to create configmap: Timeout: request did not complete within requested timeout - context deadline exceeded\n$/,
    ],
    [
      ['get', 'configmap', 'there'],
      /^Error from server \(Timeout\): the server was unable to return a response in the time allotted, but may still be processing the request \(get configmaps there\)\n$/,
    ],
    [
      ['get', '--raw', '/readyz'],
      /^Error from server \(InternalError\): an error on the server \("\[\+\]ping ok\\n\[\+\]log ok\\n\[-\]etcd failed: reason withheld\\n\[-\]etcd-readiness failed: reason withheld\\n.*\\nreadyz check failed"\) has prevented the request from succeeding\n$/,
    ],
  ];
  for (const [args, words] of commands)
    it(`kubectl ${args.slice(0, 3).join(' ')} says what it would of a real one`, async () => {
      const { code, stderr } = await ask(kubectl, ...args);
      assert.equal(code, 1);
      assert.match(stderr, words);
    });

  it('etcdctl finds the member that is left not healthy, and it says why', async () => {
    const { stdout, stderr } = await ask(etcdctl, 'endpoint', 'health', '--command-timeout=500ms');
    assert.match(
      stdout + stderr,
      /is unhealthy: failed to commit proposal: context deadline exceeded/,
    );
    const health = await fetch(`http://${endpoint()}/health`);
    assert.deepEqual(
      [health.status, await health.text()],
      [503, '{"health":"false","reason":"RAFT NO LEADER"}\n'],
    );
    const near = await fetch(`http://${endpoint()}/health?serializable=true`);
    assert.equal(await near.text(), '{"health":"true","reason":""}');
    const ready = await fetch(`http://${endpoint()}/readyz?verbose`);
    assert.deepEqual(
      [ready.status, await ready.text()],
      [
        503,
        '[+]data_corruption ok\n[+]serializable_read ok\n[-]linearizable_read failed: etcdserver: request timed out\n[+]non_learner ok\n\n',
      ],
    );
  });

  it('refuses connections to members that do not run', async () => {
    const stopped = defined(host.etcdEndpoint.split(',')[1], 'another');
    await assert.rejects(fetch(`http://${stopped}/livez`), TypeError);
  });
});
