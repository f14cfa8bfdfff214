import assert from 'node:assert/strict';
import { Fuzzer, type Failure } from '../fuzz/fuzzer.ts';

/** `node test/fuzz/fuzz.ts --count 200000 --seed N` goes on from here. */
const count = 3000;

describe(`the dry run of ${count} changed manifests`, function () {
  this.timeout(120_000);

  // Mocha wants all of every stack, which takes longer than what is measured.
  const { stackTraceLimit } = Error;
  before(() => (Error.stackTraceLimit = 10));
  after(() => (Error.stackTraceLimit = stackTraceLimit));

  it('throws nothing, answers no 500, and hangs nowhere', async () => {
    const fuzzer = await Fuzzer.start();
    const failures: Failure[] = [];
    for (let index = 0; index < count; index++) {
      const failure = await fuzzer.check(fuzzer.caseOf(2, index));
      if (failure) failures.push(failure);
    }
    assert.deepEqual(failures, []);
  });
});
