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

  /** What the real etcd 3.6.8 answered when two of three had been killed. */
  const withoutQuorum: readonly (readonly [command: string, answer: string])[] = [
    ['put a b', 'Error: context deadline exceeded'],
    ['get a', 'Error: context deadline exceeded'],
    ['get a --consistency=s', 'a\n1'],
    ['del a', 'Error: context deadline exceeded'],
    ['lease grant 5', 'Error: failed to grant lease (context deadline exceeded)'],
    ['lease list', 'found 1 leases\n0000000000000077'],
    ['lease revoke 77', 'Error: failed to revoke lease (context deadline exceeded)'],
    [
      'endpoint health',
      'ENDPOINT is unhealthy: failed to commit proposal: context deadline exceeded\nError: unhealthy cluster',
    ],
    ['member list', 'Error: context deadline exceeded'],
    ['member add m9 --peer-urls=http://127.0.0.1:24789', 'Error: etcdserver: unhealthy cluster'],
    ['member remove OTHER', 'Error: context deadline exceeded'],
    ['auth status', 'Error: context deadline exceeded'],
    ['alarm list', 'Error: context deadline exceeded'],
    ['compact 1', 'Error: context deadline exceeded'],
    ['defrag', 'Finished defragmenting etcd member[ENDPOINT]'],
    ['move-leader OTHER', 'Error: no leader endpoint given at [ENDPOINT]'],
    [
      'watch a',
      'watch was canceled (etcdserver: no leader)\nError: watch is canceled by the server',
    ],
  ];

  it('says what the real one says without a quorum', async () => {
    const { group, endpoints } = served;
    const left = defined(group.leader, 'nobody leads').id;
    await defined(group.leader, 'nobody leads').propose(
      { do: 'grant', lease: 0x77n, ttl: 600 },
      undefined,
    );
    const endpoint = defined(endpoints[group.ids.indexOf(left)], 'no door');
    await output([endpoint], 'put', 'a', '1');
    const [other] = group.ids.filter((id) => id !== left);
    for (const id of group.ids) if (id !== left) group.stop(id);
    // Nobody led for a while.
    await new Promise<void>((resolve) => group.member(left)?.onLost(resolve));
    const answers = withoutQuorum.map(async ([command, expected]) => {
      const words = command.replace('OTHER', other?.toString(16) ?? '').split(' ');
      const { stdout, stderr } = await call([endpoint], ...words);
      const lines = `${stdout}\n${stderr}`
        .split('\n')
        .filter((line) => line && !line.startsWith('{'));
      const answer = lines
        .join('\n')
        .replaceAll(endpoint, 'ENDPOINT')
        .replace(/\. took.*/, '');
      return [`${command}: ${answer}`, `${command}: ${expected}`];
    });
    for (const [actual, expected] of await Promise.all(answers)) assert.equal(actual, expected);
    const status = await output([endpoint], 'endpoint', 'status');
    assert.match(status, /, etcdserver: no leader, , false/);
  });

  it('asks the leader how long a lease lasts', async () => {
    const { group, endpoints } = served;
    const follower = group.ids.findIndex((id) => id !== group.leader?.id);
    const [at] = [defined(endpoints[follower], 'no door')];
    const lease = /lease (\w+) granted/.exec(await output(endpoints, 'lease', 'grant', '60'))?.[1];
    await output([at], 'put', 'leased', '1', `--lease=${lease ?? ''}`);
    assert.match(
      await output([at], 'lease', 'timetolive', '--keys', lease ?? ''),
      /granted with TTL\(60s\), remaining\((59|60)s\), attached keys\(\[leased\]\)/,
    );
  });

  it('adds a learner, which catches up and becomes a voter, and removes it', async () => {
    const { group, endpoints } = served;
    const listed = async (): Promise<string> =>
      (await output(endpoints, 'member', 'list')).split('\n').find((it) => it.includes(':2680')) ??
      '';
    await output(endpoints, 'put', 'a', '1');
    // Who joins reaches nobody at first.
    served.network.partition([group.ids]);
    const added = await output(
      endpoints,
      ...['member', 'add', 'etcd-4', '--learner', '--peer-urls=http://127.0.0.1:2680'],
    );
    const id = /^Member (\w+) added as learner to cluster/.exec(added)?.[1] ?? '';
    assert.match(added, /ETCD_INITIAL_CLUSTER=".*etcd-4=http:\/\/127.0.0.1:2680"/);
    assert.equal(await listed(), `${id}, unstarted, , http://127.0.0.1:2680, , true`);
    assert.match(
      await refusal(endpoints, 'member', 'promote', id),
      /can only promote a learner member which is in sync with leader$/,
    );

    served.network.heal();
    const member = BigInt(`0x${id}`);
    const info = () => group.members.find((it) => it.id === member);
    await served.until(() => info()?.clientUrls.length === 1);
    const own = [defined(info()?.clientUrls[0], 'no door')];
    assert.match(await listed(), new RegExp(`^${id}, started, etcd-4, .*, ${own[0] ?? ''}, true$`));
    assert.equal(await output(own, 'get', 'a', '--consistency=s'), 'a\n1\n');
    assert.match(await output(own, 'endpoint', 'status'), /, false, true, /);
    for (const command of [
      'put a 2',
      'get a',
      'member list',
      'lease grant 5',
      'user list',
      'defrag',
    ])
      assert.match(
        await refusal(own, ...command.split(' ')),
        /etcdserver: rpc not supported for learner/,
        command,
      );

    await output(endpoints, 'member', 'promote', id);
    await served.until(() => group.member(member)?.status.isLearner === false);
    assert.match(
      await refusal(endpoints, 'member', 'promote', id),
      /etcdserver: can only promote a learner member$/,
    );
    await output(own, 'put', 'a', '2');
    await output(endpoints, 'member', 'remove', id);
    await served.until(() => group.memberOn('etcd-4') === undefined);
    assert.equal(await listed(), '');
    assert.match(await refusal(endpoints, 'member', 'remove', id), /etcdserver: member not found$/);
    assert.equal(await output(endpoints, 'get', 'a'), 'a\n2\n');
  });

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
