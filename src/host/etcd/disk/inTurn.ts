/** A promise for when all that was changed so far is on disk; undefined when it is. */
export type Settled = () => Promise<unknown> | undefined;

/**
 * For what a client is told, piece by piece: each waits until what it may tell of is on disk, and keeps its turn.
 * @param failed called when that cannot be: the client must not be told
 */
export function inTurn(
  settled: Settled | undefined,
  failed: (error: unknown) => void,
): (tell: () => void) => void {
  let last: Promise<void> | undefined;
  return (tell) => {
    const onDisk = settled?.();
    if (!onDisk && !last) {
      tell();
      return;
    }
    const turn = Promise.all([last, onDisk]).then(tell).catch(failed);
    last = turn;
    void turn.finally(() => {
      if (last === turn) last = undefined;
    });
  };
}
