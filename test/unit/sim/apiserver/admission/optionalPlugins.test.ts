import { playRecorded, type RecordedStep } from '../../../../support/recordedAnswers.ts';
import { TestApi } from '../../../../support/testApi.ts';
import { optionalPlugins } from '../../../../../src/sim/apiserver/admission/optionalPlugins.ts';
import recorded from '../../../../fixtures/admission/optionalPlugins.json' with { type: 'json' };

describe('optional admission plugins', () => {
  it('judge and change requests as on a real server that has them on', async () => {
    const api = await TestApi.boot({
      enableAdmissionPlugins: optionalPlugins.map(({ name }) => name),
    });
    await playRecorded(api, recorded as readonly unknown[] as readonly RecordedStep[]);
  });
});
