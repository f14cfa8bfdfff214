import fs from 'node:fs';

/** How long this thread has had a processor, in ms; what the machine gave to others meanwhile is not in it. Linux only. */
export function threadMs(): number {
  const [ran = '0'] = fs.readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ', 1);
  return Number(ran) / 1e6;
}
