import assert from 'node:assert/strict';
import { defined } from '../../../src/base/assert.ts';
import { millisecond, second } from '../../../src/base/time.ts';
import { isReady, Simulation } from '../../support/simulation.ts';

interface Case {
  readonly name: string;
  readonly members: number;
  readonly trouble: (simulation: Simulation) => void;
  /** What takes longer than it should. */
  readonly slow: readonly string[];
}

const slowDisks =
  (medianUs: number, p99Us: number) =>
  ({ cluster }: Simulation): void =>
    cluster.etcdFaults.slowDisks({ medianUs, p99Us });

const cases: readonly Case[] = [
  {
    name: 'a disk that takes 100 ms',
    members: 1,
    trouble: slowDisks(100 * millisecond, 500 * millisecond),
    slow: ['apply'],
  },
  {
    name: 'a disk that takes a second',
    members: 1,
    trouble: slowDisks(second, 3 * second),
    slow: ['apply', 'sync'],
  },
  {
    name: 'a disk that takes longer than requests may',
    members: 1,
    trouble: slowDisks(5 * second, 12 * second),
    slow: ['apply', 'sync'],
  },
  {
    name: 'three disks that take 300 ms',
    members: 3,
    trouble: slowDisks(300 * millisecond, 1500 * millisecond),
    slow: ['apply', 'heartbeat', 'sync'],
  },
  {
    name: 'a majority that stops',
    members: 3,
    trouble: ({ cluster }) => {
      const { group } = defined(cluster.etcd, 'members');
      for (const id of group.ids.slice(1)) group.stop(id);
    },
    slow: [],
  },
];

describe('a whole cluster while etcd is slow', function () {
  this.timeout(60_000);
  let simulation: Simulation;

  afterEach(() => simulation.dispose());

  // An error that nobody handles fails these tests too: components must live with every answer.
  for (const { name, members, trouble, slow } of cases)
    it(`gets over ${name}`, async () => {
      simulation = await Simulation.start({ seed: 4, nodes: 2, etcdMembers: members });
      await simulation.create('lifecycle-demo.yaml');
      await simulation.run(2);
      trouble(simulation);
      await simulation.run(120);
      simulation.cluster.etcdFaults.heal();
      const { group } = simulation.cluster.etcd ?? {};
      for (const id of group?.ids ?? []) group?.start(id);
      const areReady = async (): Promise<boolean> => {
        const pods = await simulation.pods('controller-demo').catch(() => []);
        return pods.length === 2 && pods.every(isReady);
      };
      assert.ok(await simulation.until(areReady, 120));

      const events = simulation.trace.slice(simulation.trace.first);
      const told = new Set(events.flatMap((it) => (it.type === 'etcd.slow' ? [it.what] : [])));
      assert.deepEqual([...told].sort(), slow);
      for (const event of events)
        if (event.cause === undefined)
          assert.ok(event.type === 'lifecycle' || event.type === 'timer', JSON.stringify(event));
    });

  it('does the same for the same seed', async () => {
    const texts: string[] = [];
    for (let run = 0; run < 2; run++) {
      simulation = await Simulation.start({ seed: 9, nodes: 1 });
      slowDisks(200 * millisecond, second)(simulation);
      await simulation.create('lifecycle-demo.yaml');
      await simulation.run(30);
      texts.push(JSON.stringify(simulation.trace.slice(simulation.trace.first)));
      simulation.dispose();
    }
    assert.equal(texts[0], texts[1]);
  });
});
