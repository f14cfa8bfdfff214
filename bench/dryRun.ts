/**
 * A dry-run as the CodeLens does it, warm, in process: the lab's Deployment, and a file of 60 documents; with and without
 * the look ahead. Beside it kubeconform, which knows schemas only, on the same files when it is on the PATH, and a real
 * server when a kubeconfig is given (one POST with dryRun=All after the other over a connection that stays open):
 * node bench/dryRun.ts [--runs 400] [--server KUBECONFIG]
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../src/api/meta.ts';
import { dryRun } from '../src/sim/dryRun.ts';
import { drain } from '../test/support/drain.ts';
import { plainTokens } from '../test/support/plainTokens.ts';
import { ServerConnection } from './serverConnection.ts';
import { findProgram } from '../test/support/program.ts';
import { Simulation } from '../test/support/simulation.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '400' }, server: { type: 'string' } },
});
const runs = Number(values.runs);
const samples = path.join(import.meta.dirname, '../samples');
const deployment = fs
  .readFileSync(path.join(samples, 'lifecycle-demo.yaml'), 'utf8')
  .split('---\n')
  .map((text) => parse(text) as JsonObject)
  .find(({ kind }) => kind === 'Deployment');
if (!deployment) throw new Error('samples/lifecycle-demo.yaml has no Deployment');
const metadata = deployment['metadata'] as JsonObject;
const one = [{ ...deployment, metadata: { ...metadata, namespace: 'default' } }];
const sixty = Array.from({ length: 60 }, (_, index) => ({
  ...deployment,
  metadata: { ...metadata, namespace: 'default', name: `web-${index}` },
}));

const simulation = await Simulation.start({ nodes: 3 });
const { cluster, loop } = simulation;

async function measureServer(kubeconfig: string): Promise<void> {
  const server = new ServerConnection(kubeconfig);
  const path = '/apis/apps/v1/namespaces/default/deployments?dryRun=All&fieldValidation=Strict';
  const judge = async (documents: JsonObject[]): Promise<number> => {
    const start = performance.now();
    for (const document of documents) {
      const code = await server.post(path, document);
      if (code !== 201) throw new Error(`the real server answers ${code} to the Deployment`);
    }
    return performance.now() - start;
  };
  const times = async (count: number, documents: JsonObject[]): Promise<number[]> => {
    const found: number[] = [];
    for (let run = 0; run < count; run++) found.push(await judge(documents));
    return found.sort((a, b) => a - b);
  };
  await times(50, one);
  show('a real server, one Deployment', await times(runs, one), '');
  show('a real server, 60 Deployments', await times(Math.ceil(runs / 10), sixty), '');
  server.dispose();
}

/** Milliseconds of each run, sorted, and those of the processor on average: others may be busy on the machine. */
async function measure(count: number, documents: JsonObject[], forwardSeconds: number) {
  const times: number[] = [];
  const before = process.threadCpuUsage();
  for (let run = 0; run < count; run++) {
    const start = performance.now();
    await dryRun(
      {
        store: cluster.store,
        apiServer: cluster.apiServer,
        now: loop.now(),
        drain,
        cluster: { seed: 1, nodes: 3, caPem: '', tokens: plainTokens },
      },
      { documents: documents.map((object) => ({ object })), forwardSeconds },
    );
    times.push(performance.now() - start);
  }
  const { user, system } = process.threadCpuUsage(before);
  const processor = (user + system) / 1000 / count;
  return { times: times.sort((a, b) => a - b), processor };
}

const at = (times: readonly number[], part: number): string =>
  (times[Math.floor((times.length - 1) * part)] ?? 0).toFixed(2);

function show(name: string, times: readonly number[], more: string): void {
  const title = name.padEnd(44);
  console.log(`${title} median ${at(times, 0.5)} ms, 99% ${at(times, 0.99)} ms ${more}`);
}

async function showOurs(
  name: string,
  [count, documents, forwardSeconds]: Parameters<typeof measure>,
  goal: string,
): Promise<void> {
  const { times, processor } = await measure(count, documents, forwardSeconds);
  show(name, times, `(${processor.toFixed(2)} ms of the processor${goal})`);
}

await measure(200, one, 0);
await showOurs('one Deployment', [runs, one, 0], '; goal: 1');
await showOurs('60 Deployments in one file', [Math.ceil(runs / 10), sixty, 0], '; goal: 40');
await showOurs('one Deployment, and 60 s looked ahead', [Math.ceil(runs / 20), one, 60], '');

if (values.server !== undefined) await measureServer(values.server);

const kubeconform = findProgram('kubeconform');
if (kubeconform === undefined) console.log('kubeconform: not on the PATH');
else {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-bench-'));
  for (const [name, documents] of Object.entries({ one, sixty })) {
    const file = path.join(folder, `${name}.yaml`);
    fs.writeFileSync(file, documents.map((it) => stringify(it)).join('---\n'));
    const times = Array.from({ length: 20 }, () => {
      const start = performance.now();
      spawnSync(kubeconform, ['-ignore-missing-schemas', '-schema-location', folder, file]);
      return performance.now() - start;
    }).sort((a, b) => a - b);
    show(`kubeconform, ${name} (its process, without schemas)`, times, '');
  }
  fs.rmSync(folder, { recursive: true });
}
