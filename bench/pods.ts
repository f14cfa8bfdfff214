/**
 * A Deployment scaled to a thousand: how long it takes until all its pods run, as fast as virtual time can go, and how
 * long the longest turn of this process's event loop is (the extension host shows 16 ms):
 * node bench/pods.ts [--pods 1000] [--nodes 12]
 */
import { parseArgs } from 'node:util';
import { isReady, Simulation } from '../test/support/simulation.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '1000' },
    nodes: { type: 'string', default: '12' },
  },
});
const replicas = Number(values.pods);

/** Turns by how long they took: the time from one return to the event loop to the next. */
const turns: number[] = [];
let since = performance.now();
const drain = (): Promise<void> =>
  new Promise((resolve) => {
    turns.push(performance.now() - since);
    setImmediate(() => {
      since = performance.now();
      resolve();
    });
  });

const simulation = await Simulation.start({
  nodes: Number(values.nodes),
  traceCapacity: 100_000,
  drain,
});
await simulation.create('lifecycle-demo.yaml');
turns.length = 0;
const start = performance.now();
const virtualStart = simulation.loop.now();
await simulation.request(
  'PATCH',
  '/apis/apps/v1/namespaces/controller-demo/deployments/lifecycle-demo/scale',
  { spec: { replicas } },
  'application/merge-patch+json',
);
let lists = 0;
const running = async (): Promise<boolean> => {
  lists++;
  return (await simulation.pods('controller-demo')).filter(isReady).length === replicas;
};
const isDone = await simulation.until(running, 600);
const tookMs = performance.now() - start;
simulation.dispose();

turns.sort((a, b) => b - a);
const ms = (value = 0): string => `${value.toFixed(1)} ms`;
const at = (share: number): number | undefined => turns[Math.floor(turns.length * share)];
console.log(`${replicas} pods ${isDone ? 'run' : 'do NOT run'} after ${ms(tookMs)} of work`);
console.log(`virtual time: ${ms((simulation.loop.now() - virtualStart) / 1000)}`);
console.log(
  `turns of the event loop: ${turns.length}, ${lists} of them list all pods for this bench`,
);
console.log(`longest turns: ${turns.slice(0, 5).map(ms).join(', ')}`);
console.log(`99.9 % are under ${ms(at(0.001))}, 99 % under ${ms(at(0.01))}`);
console.log(`over 16 ms: ${turns.filter((turn) => turn > 16).length}`);
