import assert from 'node:assert/strict';
import { millisecond, second } from '../../../src/base/time.ts';
import { EtcdError } from '../../../src/sim/etcd/errors.ts';
import { prefixEnd } from '../../../src/sim/etcd/key.ts';
import { Alone } from '../../../src/sim/etcd/members/alone.ts';
import { Store } from '../../../src/sim/etcd/store.ts';
import { EventLoop } from '../../../src/sim/time/eventLoop.ts';
import { SeededRandom } from '../../../src/sim/time/random.ts';
import { drain } from '../../support/drain.ts';
import { askEtcd, inputOf, type KvCall } from '../../support/etcd/etcdRun.ts';
import { kvModel } from '../../support/etcd/kvModel.ts';
import { checkLinearizable } from '../../support/etcd/linearizable.ts';

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);
const clients = ['a', 'b', 'c', 'd'];
const runTime = 20 * second;

interface History {
  readonly calls: readonly KvCall[];
  /** Revisions as a watcher heard of them. */
  readonly watched: readonly number[];
  readonly store: Store;
  readonly slowSyncs: number;
}

/** One member whose disk is slow and good in turns, with clients that put, get, swap and delete meanwhile. */
async function run(seed: number): Promise<History> {
  const random = new SeededRandom(seed);
  const loop = new EventLoop(0, drain);
  const store = new Store({ clock: loop, watchLatencyUs: millisecond / 10 });
  const spec = { id: 1n, name: 'default', peerUrls: [] };
  const etcd = new Alone(store, spec, { clock: loop, random: random.fork('disk') });
  const calls: KvCall[] = [];
  const watched: number[] = [];
  etcd.watch(
    { key: '\0', rangeEnd: prefixEnd('') },
    {
      changes: (changes) => watched.push(...changes.map(({ kv }) => kv.modRevision)),
      compacted: () => undefined,
    },
  );
  let sequence = 0;
  const client = async (name: string): Promise<void> => {
    const own = random.fork(name);
    const known = new Map<string, number>();
    while (loop.now() < runTime) {
      await loop.sleep(own.below(200 * millisecond));
      const input = inputOf(own, known, `${name}-${calls.length}`);
      const start = sequence++;
      try {
        const output = await askEtcd(etcd, input);
        calls.push({ client: name, input, output, start, end: sequence++ });
        known.set(input.key, output.modRevision ?? 0);
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error;
        calls.push({ client: name, input, output: undefined, start, end: undefined });
      }
    }
  };
  const trouble = async (): Promise<void> => {
    const own = random.fork('trouble');
    while (loop.now() < runTime) {
      const medianUs = [10, 100, 400, 1500][own.below(4)] ?? 0;
      const fault = { medianUs: medianUs * millisecond, p99Us: medianUs * 3 * millisecond };
      if (etcd.disk) etcd.disk.fault = own.below(3) ? fault : undefined;
      await loop.sleep(own.below(2 * second));
    }
  };
  const all = Promise.all([...clients.map(client), trouble()]);
  await loop.runUntil(runTime + 60 * second);
  await all;
  const { fsync } = etcd.disk ?? {};
  return { calls, watched, store, slowSyncs: (fsync?.count ?? 0) - (fsync?.cumulative()[3] ?? 0) };
}

describe('etcd of one member whose disk is slow and good in turns', () => {
  for (const seed of seeds)
    it(`answers as if it did one thing after another, with seed ${seed}`, async () => {
      const { calls, watched, store, slowSyncs } = await run(seed);
      assert.ok(calls.length > 20 && slowSyncs > 0, `${calls.length} calls, ${slowSyncs} slow`);
      const { holds, longest } = checkLinearizable(kvModel, calls);
      const stuck = calls.find((call) => call.end !== undefined && !longest.includes(call));
      assert.equal(holds, 'yes', JSON.stringify(stuck));
      assert.deepEqual(
        [...new Set(watched)],
        Array.from({ length: store.revision - 1 }, (_, index) => index + 2),
      );
    });
});
