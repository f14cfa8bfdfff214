import type { Clock, Micros } from '../../../base/time.ts';
import { millisecond } from '../../../base/time.ts';
import { isStatus } from '../../../api/status.ts';

/** Tries again while somebody else writes the same object. Models client-go util/retry RetryOnConflict. */
export async function retryOnConflict<T>(
  clock: Clock,
  task: () => Promise<T>,
  { tries = 5, pause = 10 * millisecond, factor = 1 }: RetryOptions = {},
): Promise<T> {
  for (let attempt = 1, wait = pause; ; attempt++, wait *= factor)
    try {
      return await task();
    } catch (error) {
      if (!isStatus(error, 'Conflict') || attempt >= tries) throw error;
      await clock.sleep(wait);
    }
}

export interface RetryOptions {
  readonly tries?: number;
  readonly pause?: Micros;
  readonly factor?: number;
}
