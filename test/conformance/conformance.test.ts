import assert from 'node:assert/strict';
import { InProcessApi } from './inProcessApi.ts';
import { fallen } from './ratchet.ts';
import { agreement, replay, report, setUpWorlds } from './verdicts/replay.ts';

describe('conformance', () => {
  it('verdicts: every recorded answer, in process', async function () {
    this.timeout(120_000);
    const api = await InProcessApi.boot();
    await setUpWorlds(api.send);
    const results = await replay(api.send, {});
    console.log(`\n${report(results, 0)}`);
    const figures = agreement(results);
    assert.deepEqual(fallen('verdicts', figures), []);
    for (const [column, percent] of Object.entries(figures['lab'] ?? {}))
      assert.ok(percent >= 95, `lab: ${column} ${percent.toFixed(1)}%, wanted are 95%`);
  });
});
