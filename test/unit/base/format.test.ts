import assert from 'node:assert/strict';
import { formatBytes, formatSeconds } from '../../../src/base/format.ts';

describe('numbers for people', () => {
  for (const [bytes, expected] of [
    [0, '0 B'],
    [999, '999 B'],
    [20_480, '20.5 kB'],
    [4_200_000, '4.2 MB'],
    [999_999, '1.0 MB'],
    [2_147_483_648, '2.1 GB'],
    [123_456_789, '123 MB'],
  ] as const)
    it(`${bytes} bytes are ${expected}`, () => assert.equal(formatBytes(bytes), expected));

  for (const [seconds, expected] of [
    [0.0005, '0.5 ms'],
    [0.00123, '1.2 ms'],
    [0.123, '123 ms'],
    [1.44, '1.4 s'],
    [12, '12 s'],
  ] as const)
    it(`${seconds} seconds are ${expected}`, () => assert.equal(formatSeconds(seconds), expected));
});
