import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeBase64, encodeBase64, encodeBase64Url } from '../../../src/base/base64.ts';

describe('base64', () => {
  it('is what everyone else’s is, and comes back', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        assert.equal(encodeBase64(bytes), text);
        assert.equal(encodeBase64Url(bytes), Buffer.from(bytes).toString('base64url'));
        assert.deepEqual(decodeBase64(text), bytes);
        assert.deepEqual(decodeBase64(encodeBase64Url(bytes)), bytes);
      }),
    ));

  it('refuses what is none', () => {
    assert.equal(decodeBase64('a!'), undefined);
    assert.equal(decodeBase64('abcde'), undefined);
  });
});
