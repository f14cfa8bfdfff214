import assert from 'node:assert/strict';
import { InProcessApi } from './inProcessApi.ts';
import { fallen } from './ratchet.ts';
import { checkHashes } from './scenarios/hashes.ts';
import * as scenarios from './scenarios/play.ts';
import { readScenarios } from './scenarios/scenario.ts';
import * as sequences from './sequences/play.ts';
import { readSequences } from './sequences/sequence.ts';
import { agreement, replay, report, setUpWorlds } from './verdicts/replay.ts';

// Each player prints its table by area; no figure may fall below those in ratchet.json (UPDATE_RATCHET=1 raises them).
describe('conformance', function () {
  // Half a minute of work in all; a machine that does other things besides may need far longer.
  this.timeout(600_000);

  it('verdicts: every recorded answer, in process', async () => {
    const api = await InProcessApi.boot();
    await setUpWorlds(api.send);
    await api.elapse(60);
    const results = await replay(api.send, {});
    console.log(`\n${report(results, 0)}`);
    const figures = agreement(results);
    assert.deepEqual(fallen('verdicts', figures), []);
    for (const [column, percent] of Object.entries(figures['lab'] ?? {}))
      assert.ok(percent >= 95, `lab: ${column} ${percent.toFixed(1)}%, wanted are 95%`);
  });

  it('sequences: stateful requests in order, in process', async () => {
    const api = await InProcessApi.boot();
    const played: sequences.Played[] = [];
    for (const sequence of readSequences())
      played.push(await sequences.playSequence(sequence, api.exchange));
    console.log(`\n${sequences.report(played, 0)}`);
    assert.deepEqual(fallen('sequences', sequences.agreement(played)), []);
  });

  it('scenarios: what the control plane writes after a change, in virtual time', async () => {
    const played: scenarios.PlayedScenario[] = [];
    for (const scenario of readScenarios()) played.push(await scenarios.playScenario(scenario));
    console.log(`\n${scenarios.report(played, 0)}`);
    assert.deepEqual(fallen('scenarios', scenarios.agreement(played)), []);
  });

  it('hashes: the names that follow from a pod template', async () => {
    const { checks, wrong } = await checkHashes();
    assert.ok(checks > 0);
    assert.deepEqual(wrong, []);
  });
});
