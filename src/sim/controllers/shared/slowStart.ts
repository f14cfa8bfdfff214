import { StatusError } from '../../../api/status.ts';

export interface SlowStartResult {
  readonly successes: number;
  readonly failure?: StatusError;
}

/**
 * Does something `count` times, in batches of 1, 2, 4 …, and stops after a batch in which it failed: a request that is
 * bound to be refused is so not made a thousand times. Models slowStartBatch.
 */
export async function slowStart(
  count: number,
  task: (index: number) => Promise<void>,
): Promise<SlowStartResult> {
  let successes = 0;
  for (let size = Math.min(count, 1); size > 0; size = Math.min(2 * size, count - successes)) {
    const start = successes;
    const results = await Promise.allSettled(
      Array.from({ length: size }, (_, index) => task(start + index)),
    );
    let failure: StatusError | undefined;
    for (const result of results) {
      if (result.status === 'fulfilled') successes++;
      else if (result.reason instanceof StatusError) failure ??= result.reason;
      else throw result.reason;
    }
    if (failure) return { successes, failure };
  }
  return { successes };
}
