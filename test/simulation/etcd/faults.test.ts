import assert from 'node:assert/strict';
import { runEtcd } from '../../support/etcd/etcdRun.ts';
import { problemsOf } from '../../support/etcd/validators.ts';

/** ETCD_SEEDS=5000 tries more of them, ETCD_SEED=17 one again. */
const { ETCD_SEED: one, ETCD_SEEDS: many = '500' } = process.env;
const seeds =
  one === undefined ? Array.from({ length: Number(many) }, (_, i) => i + 1) : [Number(one)];
const group = 25;

describe('etcd under faults', function () {
  this.timeout(20_000 + seeds.length * 1000);

  for (let first = 0; first < seeds.length; first += group) {
    const some = seeds.slice(first, first + group);
    it(`keeps its promises with seeds ${some[0]} to ${some.at(-1)}`, async () => {
      const failures: string[] = [];
      for (const seed of some) {
        const problem = await problemOf(seed);
        if (problem !== undefined)
          failures.push(
            `ETCD_SEED=${seed} npx mocha test/simulation/etcd/faults.test.ts  # ${problem}`,
          );
      }
      assert.equal(failures.join('\n'), '');
    });
  }
});

async function problemOf(seed: number): Promise<string | undefined> {
  try {
    const history = await runEtcd({ seed });
    const [problem] = problemsOf(history);
    return problem && `${history.members} members, ${history.faults.join(', ')}: ${problem}`;
  } catch (error) {
    return String(error);
  }
}
