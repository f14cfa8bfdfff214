/**
 * From the command to a cluster that serves, as the extension does it: a worker thread with the API server's and etcd's
 * doors. Beside it, how long this thread, where the extension host's other work runs, was ever blocked meanwhile:
 * node scripts/build.ts && node bench/boot.ts [--runs 20] [--nodes 3]
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { SimSource } from '../src/host/simSource.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    nodes: { type: 'string', default: '3' },
  },
});
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-bench-'));
const worker = path.join(import.meta.dirname, '../dist/worker.cjs');
const options = {
  folder,
  keepState: false,
  nodes: Number(values.nodes),
  seed: 1,
  port: 0,
  etcdPort: 0,
  speed: 'real' as const,
};
const times: number[] = [];
const delay = monitorEventLoopDelay({ resolution: 1 });

for (let run = 0; run < Number(values.runs); run++) {
  const source = new SimSource(
    worker,
    () => options,
    (problem) => console.error(problem),
    (line) => console.error(line),
  );
  delay.enable();
  const start = performance.now();
  await source.start();
  times.push(performance.now() - start);
  delay.disable();
  await source.stop();
  source.dispose();
}
fs.rmSync(folder, { recursive: true, force: true });
times.sort((a, b) => a - b);
const at = (part: number) => (times[Math.floor((times.length - 1) * part)] ?? 0).toFixed(0);
console.log(
  `boot to ready, ${times.length} runs: median ${at(0.5)} ms, worst ${at(1)} ms (goal: 300)`,
);
console.log(
  `this thread was blocked for at most ${(delay.max / 1e6 - 1).toFixed(1)} ms meanwhile (goal: 16)`,
);
