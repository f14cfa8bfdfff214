import assert from 'node:assert/strict';
import {
  decodeContinue,
  encodeContinue,
} from '../../../../../src/sim/apiserver/storage/continueToken.ts';

describe('continue tokens', () => {
  it('come back as they were', () =>
    assert.deepEqual(decodeContinue(encodeContinue('default/web', 17)), {
      revision: 17,
      start: 'default/web\u0000',
    }));

  for (const [text, problem] of [
    [
      'garbage',
      "continue key is not valid: invalid character '\\u0081' looking for beginning of value",
    ],
    ['e30', 'continue key is not valid: server does not recognize this encoded version'],
  ] as const)
    it(`refuse ${text}`, () => assert.deepEqual(decodeContinue(text), { problem }));
});
