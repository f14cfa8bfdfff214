import assert from 'node:assert/strict';
import { parseOptions } from '../../../../src/host/cli/options.ts';
import { UsageError } from '../../../../src/host/cli/usageError.ts';
import { allParts } from '../../../../src/sim/cluster.ts';

describe('command line options', () => {
  const check = (line: string, expected: object): void => {
    const options = parseOptions(['--headless', ...line.split(' ').filter(Boolean)]);
    for (const [name, value] of Object.entries(expected))
      assert.deepEqual(options[name as keyof typeof options], value, line);
  };

  it('have defaults', () => {
    check('', { nodes: 3, seed: 1, port: 0, etcdPort: 0, state: undefined, audit: undefined });
    check('', { parts: allParts, users: [], speed: 'real', help: false });
  });

  it('are read', () => {
    check('--nodes 0 --seed=4294967295 --port 6443 --etcd-port 2379', {
      nodes: 0,
      seed: 4294967295,
      port: 6443,
      etcdPort: 2379,
    });
    check('--state /a/b --audit /c', { state: '/a/b', audit: '/c' });
    check('--parts etcd,apiserver', { parts: ['etcd', 'apiserver'] });
    check('--speed max', { speed: 'max' });
    check('--speed 2.5', { speed: 2.5 });
  });

  it('are those of etcd, with their meanings there', () => {
    const periodic = (retentionUs: number) => ({
      autoCompaction: { mode: 'periodic', retentionUs },
    });
    const cases: readonly (readonly [line: string, expected: object])[] = [
      ['', {}],
      ['--quota-backend-bytes 0', {}],
      ['--quota-backend-bytes 4294967296', { quotaBytes: 4294967296 }],
      ['--auto-compaction-retention 0', {}],
      ['--auto-compaction-retention 2', periodic(7_200_000_000)],
      ['--auto-compaction-retention 1h30m', periodic(5_400_000_000)],
      ['--auto-compaction-mode periodic --auto-compaction-retention 10s', periodic(10_000_000)],
      [
        '--auto-compaction-mode revision --auto-compaction-retention 1000',
        { autoCompaction: { mode: 'revision', retention: 1000 } },
      ],
      ['--etcd-fsync-latency 20ms,0.3s', { fsyncLatency: { medianUs: 20_000, p99Us: 300_000 } }],
      ['--etcd-fsync-latency 20ms', { fsyncLatency: { medianUs: 20_000, p99Us: 80_000 } }],
    ];
    for (const [line, expected] of cases) {
      const { etcd } = parseOptions(['--headless', ...line.split(' ').filter(Boolean)]);
      for (const name of ['quotaBytes', 'autoCompaction', 'fsyncLatency'] as const)
        assert.deepEqual(etcd[name], (expected as typeof etcd)[name], line);
    }
    check('--enable-admission-plugins AlwaysPullImages --disable-admission-plugins Priority', {
      admission: {
        enableAdmissionPlugins: ['AlwaysPullImages'],
        disableAdmissionPlugins: ['Priority'],
      },
    });
    check('--restore /a/b.db', { restore: '/a/b.db' });
  });

  it('take users: the group may have colons, the same name again adds one', () => {
    check('--user eve --user bob:dev --user bob:system:masters', {
      users: [
        { name: 'eve', groups: [] },
        { name: 'bob', groups: ['dev', 'system:masters'] },
      ],
    });
  });

  const refuse = (line: string, sentence: string): void => {
    assert.throws(
      () => parseOptions(line.split(' ').filter(Boolean)),
      (error) => error instanceof UsageError && error.message.split('\n')[0] === sentence,
      line,
    );
  };

  it('are refused in a sentence', () => {
    const port = '--port takes a whole number from 0 to 65535, not';
    refuse(
      '--headless --auto-compaction-mode hourly',
      '--auto-compaction-mode takes periodic or revision, not "hourly".',
    );
    refuse(
      '--headless --auto-compaction-retention 5x',
      '--auto-compaction-retention takes hours or a duration of a second or more (10m, 1h30m), not "5x".',
    );
    refuse(
      '--headless --auto-compaction-mode revision --auto-compaction-retention 5m',
      '--auto-compaction-retention takes a number of revisions with --auto-compaction-mode revision, not "5m".',
    );
    refuse(
      '--headless --quota-backend-bytes 2GB',
      '--quota-backend-bytes takes a number of bytes (0: etcd\'s own 2 GiB), not "2GB".',
    );
    for (const text of ['20', '20ms,10ms', '0ms', '1ms,2ms,3ms'])
      refuse(
        `--headless --etcd-fsync-latency ${text}`,
        `--etcd-fsync-latency takes a median and a p99 that is not below it (20ms,300ms), not "${text}".`,
      );
    refuse('--headless --nods 3', 'There is no flag --nods.');
    refuse('--headless more', '"more" belongs to no flag.');
    refuse('--headless --nodes', '--nodes needs a value.');
    refuse('--headless=yes', '--headless takes no value.');
    refuse('--headless --port 65536', `${port} "65536".`);
    refuse('--headless --port 1e3', `${port} "1e3".`);
    refuse('--headless --port=', `${port} "".`);
    refuse(
      '--headless --port 5 --etcd-port 5',
      '--port and --etcd-port cannot both be 5: each needs its own.',
    );
    refuse(
      '--headless --etcd-members 3 --etcd-spares 5',
      '--etcd-spares takes a whole number from 0 to 4, not "5".',
    );
    refuse(
      '--headless --etcd-spares 1',
      '--etcd-spares is for an etcd of several: add --etcd-members 3.',
    );
    refuse('--headless --etcd-members 2', '--etcd-members takes 1, 3 or 5, not "2".');
    refuse('--headless --parts apiserver', '--parts: apiserver needs etcd; add it to the list.');
    refuse(
      '--headless --parts etcd,kubelet',
      '--parts: kubelet needs apiserver; add it to the list.',
    );
    refuse('--headless --parts dns', `--parts knows no "dns"; it takes ${allParts.join(', ')}.`);
    refuse(
      '--headless --user admin:dev',
      '--user admin: admin.kubeconfig is that of kubernetes-admin already.',
    );
    refuse(
      '--headless --user ../x:dev',
      '--user takes NAME or NAME:GROUP, where NAME is of letters, digits, and . _ @ -; not "../x:dev".',
    );
    refuse('--headless --speed 0', '--speed takes real, max or a factor above 0, not "0".');
    refuse('--headless --state=', '--state takes the path of a folder, not "".');
    refuse('--nodes 3', '--nodes is for the cluster alone: add --headless.');
  });
});
