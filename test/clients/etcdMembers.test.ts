import assert from 'node:assert/strict';
import { defined } from '../../src/base/assert.ts';
import { ServedGroup } from '../support/etcd/servedGroup.ts';
import { findProgram, run } from '../support/program.ts';

const etcdctl = findProgram('etcdctl');

describe('the real etcdctl on three members of etcd', function () {
  this.timeout(60_000);
  let served: ServedGroup;

  const call = (endpoints: readonly string[], ...args: string[]) =>
    run(etcdctl ?? '', ['--endpoints', endpoints.join(), ...args], { env: {} });
  const output = async (endpoints: readonly string[], ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await call(endpoints, ...args);
    assert.equal(code, 0, `etcdctl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const refusal = async (endpoints: readonly string[], ...args: string[]): Promise<string> => {
    const { code, stderr } = await call(endpoints, ...args);
    assert.notEqual(code, 0, `etcdctl ${args.join(' ')}`);
    return stderr.trim().split('\n').at(-1) ?? '';
  };

  before(function () {
    if (etcdctl) return;
    console.log('    etcdctl is not on this machine (PATH or $ETCDCTL): its tests are skipped');
    this.skip();
  });

  beforeEach(async () => {
    served = await ServedGroup.start(3);
  });

  afterEach(() => served.dispose());

  it('agrees on users, whichever member it asks', async () => {
    const [first, second, third] = served.endpoints.map((endpoint) => [endpoint]);
    const [a, b, c] = [defined(first, '1'), defined(second, '2'), defined(third, '3')];
    await output(a, 'user', 'add', 'root:secret');
    await output(b, 'role', 'add', 'root');
    await output(c, 'user', 'grant-role', 'root', 'root');
    await output(a, 'user', 'add', 'alice:wonder');
    await output(b, 'role', 'add', 'reader');
    await output(c, 'role', 'grant-permission', 'reader', 'read', '/app/', '--prefix');
    await output(a, 'user', 'grant-role', 'alice', 'reader');
    await output(b, 'auth', 'enable');
    assert.match(await refusal(c, 'get', '/app/x'), /etcdserver: user name is empty/);
    // It authenticates at one of them, and what it asks goes to others too.
    const all = served.endpoints;
    await output(all, '--user', 'root:secret', 'put', '/app/x', '1');
    for (let round = 0; round < 4; round++)
      assert.equal(await output(all, '--user', 'alice:wonder', 'get', '/app/x'), '/app/x\n1\n');
    assert.match(
      await refusal(all, '--user', 'alice:wonder', 'put', '/app/x', '2'),
      /etcdserver: permission denied/,
    );
    assert.match(
      await output(all, '--user', 'root:secret', 'auth', 'status'),
      /Authentication Status: true\nAuthRevision: \d+/,
    );
    const stores = served.group.ids.map((id) => served.group.authOf(id).contents());
    assert.deepEqual(stores[1], stores[0]);
    assert.deepEqual(stores[2], stores[0]);
  });
});
