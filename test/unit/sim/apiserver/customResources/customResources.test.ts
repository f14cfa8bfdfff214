import { playRecorded, type RecordedStep } from '../../../../support/recordedAnswers.ts';
import { TestApi } from '../../../../support/testApi.ts';
import names from '../../../../fixtures/customResources/names.json' with { type: 'json' };
import recorded from '../../../../fixtures/customResources/trees.json' with { type: 'json' };

describe('custom resources', () => {
  it('are answered as a real server answers, from their definition to its end', async () => {
    const api = await TestApi.boot();
    await playRecorded(api, recorded as readonly unknown[] as readonly RecordedStep[]);
  });

  it('have the names that are left, and a schema for every version', async () => {
    const api = await TestApi.boot();
    await playRecorded(api, names as readonly unknown[] as readonly RecordedStep[]);
  });
});
