// Mutated manifests through the dry run. Usage: node test/fuzz/fuzz.ts [--seed N] [--from I] [--count N] [--case I]
// A failing case is printed as the line that replays it; --case does, and shows what it is made of.
import { inspect, parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Fuzzer } from './fuzzer.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: '10000' },
    case: { type: 'string' },
    failures: { type: 'string', default: '20' },
  },
});
const seed = Number(values.seed);
const fuzzer = await Fuzzer.start();

if (values.case !== undefined) {
  const test = fuzzer.caseOf(seed, Number(values.case));
  console.log(inspect(test, { depth: 12, maxStringLength: 3000, maxArrayLength: 20 }));
  const failure = await fuzzer.check(test);
  console.log(failure?.problem ?? (await fuzzer.run(test)));
  process.exitCode = failure ? 1 : 0;
} else await all(Number(values.from), Number(values.count), Number(values.failures));

async function all(from: number, count: number, most: number): Promise<void> {
  const watchdog = watch();
  const started = performance.now();
  let slowestMs = 0;
  let failures = 0;
  const kinds = new Map<string, number>();
  for (let index = from; index < from + count && kinds.size < most; index++) {
    watchdog.at(index);
    const before = performance.now();
    const failure = await fuzzer.check(fuzzer.caseOf(seed, index));
    slowestMs = Math.max(slowestMs, performance.now() - before);
    if (failure) {
      failures++;
      const kind = kindOf(failure.problem);
      const count = (kinds.get(kind) ?? 0) + 1;
      kinds.set(kind, count);
      if (count === 1 || kind === 'took too long')
        console.log(
          `${failure.line}\n    ${(kind === 'took too long' ? failure.problem : kind).replaceAll('\n', '\n    ')}`,
        );
    }
    const done = index - from + 1;
    if (done % 10_000 === 0 || done === count) {
      const each = (performance.now() - started) / done;
      console.log(
        `${done} cases of seed ${seed}, ${failures} failures of ${kinds.size} kinds, ${each.toFixed(2)} ms each, the slowest ${slowestMs.toFixed(0)} ms`,
      );
    }
  }
  watchdog.end();
  for (const [kind, count] of kinds)
    console.log(`${count} × ${kind.split('\n').slice(0, 2).join('')}`);
  process.exitCode = failures ? 1 : 0;
}

/** The same for cases with the same bug: what went wrong, and in which function of ours. */
function kindOf(problem: string): string {
  if (problem.startsWith('took')) return 'took too long';
  const [message = '', ...frames] = problem.split('\n');
  const own = frames.filter((line) => line.includes('/src/')).slice(0, 3);
  return [
    message.slice(0, 200),
    ...own.map((line) => line.replace(/\(?file:.*\/src\//, '(src/')),
  ].join('\n');
}

/** Tells which case hangs: a loop that never ends lets nobody else speak. */
function watch() {
  const shared = new SharedArrayBuffer(4);
  const current = new Int32Array(shared);
  const code = `
    const { workerData, parentPort } = require('node:worker_threads');
    const current = new Int32Array(workerData.shared);
    let last = -1;
    const timer = setInterval(() => {
      const now = Atomics.load(current, 0);
      if (now === last) {
        require('node:fs').writeSync(1, 'node test/fuzz/fuzz.ts --seed ' + workerData.seed + ' --case ' + now + '\\n    hangs\\n');
        process.kill(process.pid);
      }
      last = now;
    }, 20_000);
    parentPort.on('message', () => { clearInterval(timer); parentPort.close(); });`;
  const worker = new Worker(code, { eval: true, workerData: { shared, seed } });
  return {
    at: (index: number): void => void Atomics.store(current, 0, index),
    end: (): void => worker.postMessage('end'),
  };
}
