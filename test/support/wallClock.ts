import { toDisposable } from '../../src/base/disposable.ts';
import { millisecond, type Clock } from '../../src/base/time.ts';

/** The machine's time, for tests that talk to real clients. Timers do not keep the process alive. */
export const wallClock: Clock = {
  now: () => Date.now() * millisecond,
  setTimer: (delayUs, callback) => {
    if (delayUs <= 0) {
      const immediate = setImmediate(callback);
      return toDisposable(() => clearImmediate(immediate));
    }
    const timer = setTimeout(callback, delayUs / millisecond).unref();
    return toDisposable(() => clearTimeout(timer));
  },
  sleep: (delayUs) => new Promise((resolve) => setTimeout(resolve, delayUs / millisecond)),
};
