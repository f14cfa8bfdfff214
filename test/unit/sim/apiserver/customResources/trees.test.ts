import { playRecorded, type RecordedStep } from '../../../../support/recordedAnswers.ts';
import { TestApi } from '../../../../support/testApi.ts';
import recorded from '../../../../fixtures/customResources/trees.json' with { type: 'json' };

describe('custom resources', () => {
  it('are answered as a real server answers, from their definition to its end', async () => {
    const api = await TestApi.boot();
    await playRecorded(api, recorded as readonly unknown[] as readonly RecordedStep[]);
  });
});
