/**
 * A dry-run as the CodeLens does it, warm, in process: the lab's Deployment, and a file of 60 documents; with and without
 * the look ahead. Beside it kubeconform, which knows schemas only, on the same files when it is on the PATH:
 * node bench/dryRun.ts [--runs 400]
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
import { findProgram } from '../test/support/program.ts';
import { Simulation } from '../test/support/simulation.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '400' } } });
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

/** Milliseconds of each run, sorted. */
async function measure(count: number, documents: JsonObject[], forwardSeconds: number) {
  const times: number[] = [];
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
  return times.sort((a, b) => a - b);
}

const show = (name: string, times: readonly number[], goal: string): void => {
  const at = (part: number) => (times[Math.floor((times.length - 1) * part)] ?? 0).toFixed(2);
  console.log(`${name.padEnd(44)} median ${at(0.5)} ms, 99% ${at(0.99)} ms ${goal}`);
};

await measure(200, one, 0);
show('one Deployment', await measure(runs, one, 0), '(goal: 1)');
show('60 Deployments in one file', await measure(Math.ceil(runs / 10), sixty, 0), '(goal: 40)');
show('one Deployment, and 60 s looked ahead', await measure(Math.ceil(runs / 20), one, 60), '');

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
