import assert from 'node:assert/strict';
import { problemsOfLives } from '../../support/etcd/keptRun.ts';

/** KEPT_SEEDS=1000 tries more of them, KEPT_SEED=17 one again. */
const { KEPT_SEED: one, KEPT_SEEDS: many = '40' } = process.env;
const seeds =
  one === undefined ? Array.from({ length: Number(many) }, (_, i) => i + 1) : [Number(one)];
const lives = 4;

describe('members of etcd that lose power all at once, again and again', function () {
  this.timeout(20_000 + seeds.length * 4000);

  it(`have all that they acknowledged, with seeds ${seeds[0]} to ${seeds.at(-1)}`, async () => {
    const failures: string[] = [];
    for (const seed of seeds) {
      const [problem] = await problemsOfLives(seed, lives).catch((error: unknown) => [
        error instanceof Error ? (error.stack ?? '') : String(error),
      ]);
      if (problem !== undefined)
        failures.push(
          `KEPT_SEED=${seed} npx mocha test/simulation/etcd/kept.test.ts  # ${problem}`,
        );
    }
    assert.equal(failures.join('\n'), '');
  });
});
