import { playRecorded, type RecordedStep } from '../../../../support/recordedAnswers.ts';
import { TestApi } from '../../../../support/testApi.ts';
import recorded from '../../../../fixtures/admission/policies.json' with { type: 'json' };

describe('admission policies', () => {
  it('judge and change requests as on a real server', async () => {
    const api = await TestApi.boot();
    await playRecorded(api, recorded as readonly unknown[] as readonly RecordedStep[]);
  });
});
