import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Etcd3 } from 'etcd3';
import { SeededRandom } from '../../src/sim/time/random.ts';
import { startHeadless, type Headless } from '../support/headless.ts';

const rounds = Number(process.env['KILLS'] ?? 4);
const seed = Number(process.env['SEED'] ?? 1);
const writers = 8;

/** Nothing that a client was told may be lost, whenever the process is killed: KILLS=20 for more of it. */
for (const members of [1, 3])
  describe(`an etcd of ${members} that is killed ${rounds} times (SEED=${seed})`, function () {
    this.timeout(20_000 + rounds * 10_000);
    let folder: string;
    let running: Headless | undefined;

    before(() => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-killed-'));
    });

    after(async () => {
      await running?.end('SIGKILL');
      fs.rmSync(folder, { recursive: true, force: true });
    });

    it('has all that it acknowledged', async () => {
      const random = new SeededRandom(seed);
      /** Key → the revision at which it was acknowledged. */
      const acknowledged = new Map<string, string>();
      for (let round = 0; round <= rounds; round++) {
        const { child, env } = (running = await startHeadless(
          ...['--parts', 'etcd', '--state', path.join(folder, 'state')],
          ...['--etcd-members', String(members)],
        ));
        const client = new Etcd3({ hosts: env.ETCDCTL_ENDPOINTS.split(',') });
        await check(client, acknowledged);
        const killAfter = acknowledged.size + 1 + random.below(300);
        await new Promise<void>((resolve) => {
          child.once('close', () => resolve());
          const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
          const write = async (writer: number): Promise<void> => {
            for (let number = 0; isAlive(); number++) {
              const key = `/round-${round}/writer-${writer}/${number}`;
              try {
                const { header } = await client.put(key).value('x'.repeat(random.below(2000)));
                acknowledged.set(key, header.revision);
              } catch {
                continue; // Nobody said that it was written: it may be or not.
              }
              if (acknowledged.size >= killAfter) child.kill('SIGKILL');
            }
          };
          for (let writer = 0; writer < writers; writer++) void write(writer);
        });
        client.close();
      }
      assert.ok(acknowledged.size > rounds);
    });
  });

async function check(client: Etcd3, acknowledged: ReadonlyMap<string, string>): Promise<void> {
  const { kvs } = await client.getAll().prefix('/').exec();
  const held = new Map(kvs.map((kv) => [kv.key.toString(), kv.mod_revision]));
  const lost = [...acknowledged].filter(([key, revision]) => held.get(key) !== revision);
  assert.deepEqual(lost, [], `of ${acknowledged.size} acknowledged writes`);
}
